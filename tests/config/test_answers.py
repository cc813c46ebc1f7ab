"""What holds for every answer, whatever page it is. Which pages there are: tests/access/test_matrix.py."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings as django_settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path, reverse
from django.views.decorators.cache import cache_control
from pytest_django import Settings

from accounts.models import User
from config import pages
from config.urls import urlpatterns as house

handler400, handler403, handler404, handler500 = pages.bad_request, pages.forbidden, pages.not_found, pages.server_error


@cache_control(max_age=60)
def kept(request: HttpRequest) -> HttpResponse:
    return HttpResponse("kept for a minute")


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError


def away(request: HttpRequest) -> HttpResponse:
    raise OperationalError("the database is away")


urlpatterns = [*house, path("kept/", kept), path("broken/", broken), path("away/", away)]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.mark.parametrize(
    ("url", "status"), [("/nothing/", 404), ("/broken/", 500), ("/away/", 503), ("/accounts/login/", 200)]
)
def test_no_answer_is_kept_by_a_browser(url: str, status: int) -> None:
    answer = Client(raise_request_exception=False).get(url)
    assert answer.status_code == status
    assert "no-store" in answer["Cache-Control"]
    assert "private" in answer["Cache-Control"]


def test_the_way_to_https_is_not_kept_either(settings: Settings) -> None:
    """It names the address that was asked for, and that may end in the token of an invitation."""
    settings.SECURE_SSL_REDIRECT = True
    answer = Client().get("/i/abcdef/")
    assert (answer.status_code, answer["Cache-Control"]) == (301, "no-store, private")


def test_a_refused_form_is_not_kept_either() -> None:
    answer = Client(enforce_csrf_checks=True).post(reverse("account_login"), {})
    assert answer.status_code == 403
    assert "no-store" in answer["Cache-Control"]


def test_what_says_for_how_long_it_may_be_kept_is_left_alone() -> None:
    assert Client().get("/kept/")["Cache-Control"] == "max-age=60"


def test_files_may_be_kept() -> None:
    answer = Client().get("/static/css/base.css")
    assert answer.status_code == 200
    assert "no-store" not in answer["Cache-Control"]


@pytest.mark.parametrize("url", ["/accounts/login/", "/nothing/", "/broken/", "/accounts/password/reset/"])
def test_a_page_bears_the_name_of_the_place(url: str, settings: Settings) -> None:
    settings.SITE_NAME = "Haus am See"
    page = Client(raise_request_exception=False).get(url).content.decode()
    title = page.partition("<title>")[2].partition("</title>")[0]
    assert title.endswith("· Haus am See")
    assert "· Kreis" not in page
    assert ">Kreis</a>" not in page
    assert django_settings.SITE_NAME == "Haus am See"


def test_while_the_database_is_away_a_page_says_so_and_when_to_come_again() -> None:
    client = Client(raise_request_exception=False)
    page, form = client.get("/away/"), client.post("/away/")
    assert (page.status_code, page["Retry-After"]) == (503, "5")
    assert "Try again" in page.content.decode()
    assert "still arrives only once" in form.content.decode()


def test_a_script_is_told_in_its_language_that_trying_again_may_help() -> None:
    client = Client(raise_request_exception=False, headers={"Accept": "application/json", "Accept-Language": "de"})
    answer = client.get("/away/")
    assert answer.status_code == 503
    assert answer.json() == {
        "reason": "Das lag an uns. Wir versuchen es noch einmal.",
        "is_final": False,
    }


def test_the_way_out_asks_the_database_nothing(client: Client, django_assert_num_queries: Any) -> None:
    client.force_login(User.objects.create_user("mel@example.org", language="de"))
    with django_assert_num_queries(0):
        answer = client.get("/leave/", headers={"accept-language": "de"})
    assert "Neuer Tab" in answer.content.decode()
    assert "Set-Cookie" not in answer.headers
    assert "no-store" in answer["Cache-Control"]
    assert "default-src" in answer["Content-Security-Policy"]


def test_a_text_that_is_too_long_is_told_so_in_both_languages() -> None:
    client = Client(raise_request_exception=False)
    fields = {"login": "x" * django_settings.DATA_UPLOAD_MAX_MEMORY_SIZE}
    page = client.post("/accounts/login/", urlencode(fields), content_type="application/x-www-form-urlencoded")
    assert page.status_code == 413
    assert "Das ist zu viel auf einmal" in page.content.decode()
    assert "Nothing of it has arrived" in page.content.decode()
    assert "no-store" in page["Cache-Control"]
