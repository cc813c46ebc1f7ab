"""No form of another site does anything here, and nothing is done by merely asking for a page."""

import pytest
from django.core.cache import cache
from django.test import Client

from tests.abuse.everywhere import Door, changed, doors, tables
from tests.access.test_matrix import CAST, Scene

pytestmark = pytest.mark.django_db

#: Their forms stand on pages without a referrer, whose browsers send `Origin: null`; the token counts.
MAY_COME_FROM_NOWHERE = {
    "language",
    "invitation",
    "enter_invitation",
    "declined",
    "undo_address_change",
    "end_unknown_device",
    "shut_out",
    "refuse_factor_reset",
    "refuse_mail_switch",
}
#: Of a session the day it was used, of a visit where one stopped reading: notes, not acts.
NOTES = ("accounts_session", "communities_visit", "accounts_knowndevice")


def strict(scene: Scene, who: str) -> Client:
    client = Client(enforce_csrf_checks=True)
    client.cookies.update(scene.client(who).cookies)
    return client


def token_of(client: Client) -> str:
    """As a page of this site puts it into a form."""
    page = client.get("/accounts/password/reset/").content.decode()
    return page.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]


def test_no_form_is_taken_without_a_token_of_this_browser(scene: Scene) -> None:
    ada, other = strict(scene, "ada"), strict(scene, "mo")
    own, foreign = token_of(ada), token_of(other)
    assert own
    assert foreign
    tries: dict[str, tuple[dict[str, str], dict[str, str]]] = {
        "missing": ({}, {}),
        "wrong": ({"csrfmiddlewaretoken": "x" * 64}, {}),
        "garbage": ({"csrfmiddlewaretoken": "\x00é"}, {}),
        "of another browser": ({"csrfmiddlewaretoken": foreign}, {}),
        "in the header": ({}, {"X-CSRFToken": foreign}),
        "from another site": ({"csrfmiddlewaretoken": own}, {"Origin": "https://evil.example"}),
        "from another port": ({"csrfmiddlewaretoken": own}, {"Origin": "http://testserver:81"}),
        "from a name that looks like ours": (
            {"csrfmiddlewaretoken": own},
            {"Origin": "http://testserver.evil.example"},
        ),
    }
    before = tables(*NOTES)
    taken = []
    for door in doors(scene, "post"):
        for what, (fields, headers) in tries.items():
            answer = door.ask_with(ada, door.form | fields, **headers)
            if answer.status_code != 403 or changed(before):
                taken.append((door.name, what, answer.status_code))
    assert taken == []


def test_a_form_from_nowhere_is_taken_only_where_it_stands_on_such_a_page(scene: Scene) -> None:
    ada = strict(scene, "ada")
    token = token_of(ada)
    found = set()
    for door in doors(scene, "post"):
        if door.name in {"account_logout", "account_logout_everywhere"}:
            door = Door(door.name, door.url, "post", {"csrfmiddlewaretoken": "x"})
        # An error of the form, a redirect, "not found": taken. Without the token it is refused all the same.
        with_token = door.ask_with(ada, {"csrfmiddlewaretoken": token} | door.form, Origin="null")
        if "csrf" not in str(with_token.content) and with_token.status_code != 403:
            found.add(door.name)
        assert door.ask_with(ada, {**door.form, "csrfmiddlewaretoken": "x"}, Origin="null").status_code == 403, door
    assert found <= MAY_COME_FROM_NOWHERE
    assert "language" in found


def test_asking_for_a_page_changes_nothing(scene: Scene) -> None:
    """Every page and its head, by each of the cast; also what has no page."""
    clients = {who: scene.client(who) for who in CAST}
    for client in clients.values():
        client.get(f"/c/{scene.circle.slug}/")  # the visit begins
    change = []
    for door in doors(scene, "get"):
        before = tables(*NOTES)
        cache.clear()
        for client in clients.values():
            door.ask(client)
            Door(door.name, door.url, "head", door.form).ask(client)
        if found := changed(before):
            change.append((door.name, found))
    assert change == []
