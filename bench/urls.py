from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import include, path


@login_required
def empty(request: HttpRequest) -> HttpResponse:
    """What any page costs that knows who asks: the measure for the others."""
    return HttpResponse("")


urlpatterns = [path("bench/empty/", empty), path("", include("config.urls"))]
