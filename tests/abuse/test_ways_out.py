"""No address of ours leads to somebody else's site, and nobody's host name gets into what we answer or mail."""

import re
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from tests.abuse.everywhere import doors, undone
from tests.access.test_matrix import Scene
from tests.accounts.doors import PASSWORD, typed

pytestmark = pytest.mark.django_db

AWAY = (
    "//evil.example",
    "///evil.example",
    "\\\\evil.example",
    "/\\evil.example",
    "/\t/evil.example",
    " //evil.example",
    "\x01//evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https://evil.example",
    "http://testserver@evil.example",
    "http://testserver:x@evil.example",
    "http://evil.example\\@testserver",
    "javascript:alert('evil.example')",
    "data:text/html,evil.example",
)
#: Whatever a page might call the address to go on to.
NAMES = ("next", "redirect", "redirect_to", "return", "return_to", "back", "continue", "url", "to", "goto")


def leads_away(address: str) -> bool:
    """As a browser reads it: without control characters, with backslashes for slashes."""
    read = re.sub(r"[\t\r\n]", "", address.strip("".join(map(chr, range(33))))).replace("\\", "/")
    if re.match(r"[a-z][a-z0-9+.-]*:", read, re.IGNORECASE):
        return not re.match(r"https?://testserver(:\d+)?(/|$)", read)
    return read.startswith("//")


def addresses_in(answer: Any) -> list[str]:
    found = [answer["Location"]] if "Location" in answer else []
    if not answer.streaming:
        page = answer.content.decode(errors="replace")
        found += re.findall(r'(?:href|src|action|formaction|http-equiv="refresh" content)="([^"]*)"', page)
    return found


#: One of each kind; those who sign in try all of them.
KINDS = ("/\\evil.example", "https:evil.example", "javascript:alert('evil.example')")


@pytest.mark.parametrize("address", KINDS)
def test_nothing_leads_to_where_a_stranger_wants(scene: Scene, address: str) -> None:
    assert leads_away(address)
    wanted = dict.fromkeys(NAMES, address)
    away = []
    for who in ("nobody", "ada"):
        for door in doors(scene, "get", "post"):
            with undone():
                cache.clear()
                client = scene.client(who)
                answer = door.ask_with(client, door.form | wanted, Referer=f"http://testserver/?next={address!r}")
            away += [(str(door), one) for one in addresses_in(answer) if leads_away(one) and "evil" in one]
    assert away == []


@pytest.mark.parametrize("address", AWAY)
def test_signing_in_leads_nowhere_else(address: str) -> None:
    cache.clear()
    nell = User.objects.create_user("nell@example.org", PASSWORD)
    for where in ("form", "address"):
        query = {"next": address} if where == "address" else {}
        data = {"login": nell.email, "password": PASSWORD} | ({"next": address} if where == "form" else {})
        answer = Client().post("/accounts/login/", data, query_params=query)
        assert answer.status_code == 302
        assert not leads_away(answer["Location"]), where


FORGED = {
    "X-Forwarded-Host": "evil.example",
    "X-Host": "evil.example",
    "Forwarded": "host=evil.example;proto=https",
    "X-Forwarded-Server": "evil.example",
    "X-Original-URL": "//evil.example/",
    "X-Rewrite-URL": "//evil.example/",
    "X-Forwarded-Prefix": "//evil.example",
}


def test_a_forged_host_is_refused_everywhere_and_gets_into_nothing(scene: Scene) -> None:
    taken: list[tuple[Any, ...]] = []
    for door in doors(scene, "get", "post"):
        for host in ("evil.example", "testserver@evil.example"):
            with undone():
                answer = door.ask(scene.client("ada"), Host=host)
            if "evil" in str(answer.headers) + answer.content.decode():
                taken.append((str(door), host))
            if answer.status_code != 400 and door.name not in {"healthz", "readyz", "leave"}:
                taken.append((str(door), host, answer.status_code))
    assert taken == []


def test_other_headers_that_name_a_host_are_not_read(scene: Scene) -> None:
    for door in doors(scene, "get", "post"):
        with undone():
            cache.clear()
            answer = door.ask(scene.client("ada"), **FORGED)
        if not answer.streaming:
            assert "evil.example" not in str(answer.headers) + answer.content.decode(errors="replace"), str(door)


def test_mails_lead_to_this_site(scene: Scene) -> None:
    cache.clear()
    client = Client(headers=FORGED)
    session = client.session
    session["may_sign_up"] = True
    session.save()
    for url, data in (
        ("/accounts/login/", {"login": "ada.circle@example.org", "way": "code"}),
        ("/accounts/login/", {"login": "nobody-here@example.org", "way": "code"}),
        ("/accounts/password/reset/", {"email": "ada.circle@example.org"}),
        ("/accounts/signup/", typed(email="ada.circle@example.org")),
        ("/accounts/signup/", typed(email="new-here@example.org")),
    ):
        client.post(url, data)
    assert mail.outbox
    for message in mail.outbox:
        assert "evil.example" not in message.message().as_string()
