"""Every address of the site."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from config import pages
from operations import health_pages

urlpatterns: list[URLPattern | URLResolver] = [
    path("", pages.home, name="home"),
    path("leave/", pages.leave, name="leave"),
    # Answered before they are looked up here: config.middleware.Health.
    path("healthz", health_pages.healthz, name="healthz"),
    path("readyz", health_pages.readyz, name="readyz"),
    path("", include("accounts.urls")),
    path("", include("communities.urls")),
    path("", include("messaging.urls")),
    path("", include("overview.urls")),
    path("", include("operations.urls")),
]

if settings.DEMO:
    # Not switched off but absent: without demo mode these modules are never imported.
    urlpatterns.append(path("demo/", include("operations.demo.urls")))

handler400 = "config.pages.bad_request"
handler403 = "config.pages.forbidden"
handler404 = "config.pages.not_found"
handler429 = "config.pages.too_many"  # not Django's: allauth asks for it
handler500 = "config.pages.server_error"
