"""Long pages are sent compressed, where nothing in them came with the address."""

import gzip

import pytest
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import Client
from django.urls import path

from config.compression import MOST_PADDING, SHORTEST
from config.urls import urlpatterns as house

LONG = "<p>words and words</p>" * 400


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(LONG)


def short(request: HttpRequest) -> HttpResponse:
    return HttpResponse("x" * (SHORTEST - 1))


def data(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"text": LONG})


urlpatterns = [*house, path("page/", page), path("short/", short), path("data/", data)]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def ask(address: str, takes: str = "gzip, deflate, br", method: str = "get") -> HttpResponse:
    answer: HttpResponse = getattr(Client(headers={"accept-encoding": takes}), method)(address)
    return answer


def is_compressed(answer: HttpResponse) -> bool:
    return answer.get("Content-Encoding") == "gzip"


@pytest.mark.parametrize("takes", ["gzip", "br, gzip;q=0.8", "deflate , gzip ; q=1"])
def test_a_long_page_is_compressed(takes: str) -> None:
    answer = ask("/page/", takes)
    assert is_compressed(answer)
    assert gzip.decompress(answer.content).decode() == LONG
    assert answer["Content-Length"] == str(len(answer.content))
    assert "Accept-Encoding" in answer["Vary"]


@pytest.mark.parametrize("takes", ["", "br", "identity", "gzip;q=0", "x-gzipped"])
def test_not_for_who_does_not_take_it(takes: str) -> None:
    answer = ask("/page/", takes)
    assert not is_compressed(answer)
    assert answer.content.decode() == LONG
    assert "Accept-Encoding" in answer["Vary"], "a cache on the way must not mix the two up"


@pytest.mark.parametrize(("address", "method"), [("/page/?q=guess", "get"), ("/page/", "post"), ("/short/", "get")])
def test_what_an_address_or_a_form_can_put_into_a_page_is_not_compressed_with_it(address: str, method: str) -> None:
    assert not is_compressed(ask(address, method=method))


def test_answers_to_scripts_are_left_alone() -> None:
    assert not is_compressed(ask("/data/"))


def test_the_same_page_is_not_always_as_long() -> None:
    lengths = {len(ask("/page/").content) for _ in range(20)}
    assert len(lengths) > 3
    assert max(lengths) - min(lengths) <= MOST_PADDING
