"""Fields that no form has, numbers and names that nothing bears: passed over or refused, never taken, no error."""

import re
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from communities.models import Community, Membership, Role, Room
from core.models import Installation
from messaging.models import Message
from tests.abuse.everywhere import Door, doors, undone
from tests.access.test_matrix import Scene
from tests.accounts.doors import typed

pytestmark = pytest.mark.django_db

#: As an attacker who has read the models would send them.
MORE = {
    "is_operator": "on",
    "is_staff": "on",
    "is_superuser": "on",
    "is_active": "",
    "verified": "on",
    "set_up_at": "2020-01-01",
    "left_at": "",
    "banned_at": "",
    "muted_until": "",
    "suspended_until": "",
    "joined_at": "2001-01-01",
    "created_at": "2001-01-01",
    "sequence": "999999",
    "change": "999999",
    "html": "<b>x</b>",
    "access": "all",
    "permissions": "manage_settings",
    "rights": "manage_settings",
    "groups": "1",
}


def privileges(scene: Scene) -> dict[str, Any]:
    """Whatever makes somebody more than they are."""
    return {
        "operators": list(User.objects.filter(is_operator=True).order_by("pk").values_list("pk", flat=True)),
        "closed": User.objects.filter(is_active=False).count(),
        "members": list(
            Membership.objects.order_by("pk").values_list(
                "pk", "user_id", "community_id", "role_id", "left_at", "banned_at", "muted_until", "suspended_until"
            )
        ),
        "roles": list(Role.objects.order_by("pk").values_list("pk", "code", "community_id", "group_id")),
        "rooms": list(Room.objects.order_by("pk").values_list("pk", "community_id", "access", "name")),
        "places": list(Community.objects.order_by("pk").values_list("pk", "slug", "name", "visibility"))
        if hasattr(Community, "visibility")
        else list(Community.objects.order_by("pk").values_list("pk", "slug", "name")),
        "set up": list(Installation.objects.values_list("pk", "set_up_at", "sign_up", "founders")),
        "authors": set(Message.objects.values_list("author_id", flat=True)),
    }


def test_fields_that_no_form_has_are_passed_over(scene: Scene, mel: Membership, ada: Membership) -> None:
    ids = dict.fromkeys(("author", "author_id", "user", "user_id", "account", "owner", "actor"), str(ada.pk))
    ids |= dict.fromkeys(("role", "role_id", "preset_role"), str(ada.role_id)) | {"id": str(ada.pk), "pk": str(ada.pk)}
    ids |= dict.fromkeys(("membership", "membership_id", "member", "inviter", "inviter_id"), str(ada.pk))
    ids |= dict.fromkeys(("community", "community_id"), str(ada.community_id)) | {"role": "owner"}
    before = privileges(scene)
    before["authors"] |= {mel.pk}
    got = []
    for door in doors(scene, "post"):
        with undone():
            cache.clear()
            said = ids | MORE | door.form | ({"client_id": str(uuid.uuid4())} if door.name == "messages" else {})
            client = scene.client("mel")
            client.raise_request_exception = False
            answer = door.ask_with(client, said)
            after = privileges(scene)
            after["authors"] |= {mel.pk}
        if answer.status_code >= 500 or after != before:
            got.append((door.name, answer.status_code, [name for name in before if after[name] != before[name]]))
    assert got == []


def test_an_account_that_is_opened_is_no_more_than_one(db: None) -> None:
    cache.clear()
    client = Client()
    session = client.session
    session["may_sign_up"] = True
    session.save()
    said = typed(email="eve@example.org", password1="vier ruhige Worte hier")
    assert client.post("/accounts/signup/", {**MORE, **said}).status_code == 302
    assert not User.objects.filter(is_operator=True).exists()
    assert not User.objects.filter(email="eve@example.org", last_login__isnull=False).exists()


#: In fields, and in questions of an address.
STRANGE = ("9" * 30, "-1", "1e309", "a\x00b", "\ud83d", "x" * 10_000, "ﷺ" * 300, "\r\nSet-Cookie: a=b")


def strange(text: str) -> str:
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


#: What gets past a pattern of the addresses at all, or might.
STRANGE_IN_ADDRESSES = ("9" * 30, "-1", "\x00", "../../etc/passwd", "%00", "x" * 3000, "🏳️‍🌈")


@pytest.mark.parametrize("said", STRANGE_IN_ADDRESSES, ids=range(len(STRANGE_IN_ADDRESSES)))
def test_strange_words_in_an_address_are_no_error(scene: Scene, said: str) -> None:
    """In the place of each argument, the others being right."""
    client = scene.client("ada")
    client.raise_request_exception = False
    broken = []
    for door in doors(scene, "get", "post"):
        whole = {part for part in door.url.split("/") if part in scene.places.values()}
        for part in sorted(whole):
            url = door.url.replace(part, quote(strange(said), safe=""), 1)
            with undone():
                answer = Door(door.name, url, door.method, door.form).ask(client)
            if answer.status_code >= 500:
                broken.append((url[:80], door.method, answer.status_code))
    assert broken == []


def asked_for() -> set[str]:
    """The names of all parameters that the code reads from an address."""
    found: set[str] = {"next", "page", "q"}
    for folder in ("accounts", "communities", "messaging", "overview", "operations", "config", "core"):
        for file in (Path(settings.BASE_DIR) / folder).rglob("*.py"):
            text = file.read_text()
            found |= set(re.findall(r'GET(?:\.get|\.getlist)?[(\[]\s*"(\w+)"', text))
            found |= set(re.findall(r'_(?:number|word|moment)\(request, "(\w+)"', text))
    return found | {"since", "first", "last", "before", "after", "older"}


@pytest.mark.parametrize("said", STRANGE, ids=range(len(STRANGE)))
def test_strange_words_in_a_question_or_a_form_are_no_error(scene: Scene, said: str) -> None:
    """In each field by itself, the others being right, and in all at once."""
    word = strange(said)
    client = scene.client("ada")
    client.raise_request_exception = False
    broken = []
    for door in doors(scene, "get", "post"):
        if door.method == "get":
            tries = [dict.fromkeys(asked_for(), word)]
        else:
            tries = [{**door.form, name: word} for name in door.form if len(door.form) > 1]
            tries += [dict.fromkeys({*door.form, "client_id", "next", "code", "email", "password"}, word)]
        for fields in tries:
            with undone():
                cache.clear()
                answer = door.ask_with(client, fields)
            if answer.status_code >= 500 and door.name != "readyz":
                broken.append((str(door), sorted(fields)[:3], answer.status_code))
        client = scene.client("ada") if door.name.startswith("account_logout") else client
        client.raise_request_exception = False
    assert broken == []


LINES = (
    "\r\nBcc: evil@example.com",
    "\nBcc: evil@example.com",
    "\u2028Bcc: evil@example.com",
    "\x85Bcc: evil@example.com",
)


@pytest.mark.parametrize("line", LINES, ids=["crlf", "lf", "separator", "next-line"])
def test_no_name_gets_into_the_head_of_a_mail(scene: Scene, line: str) -> None:
    """The place, the group, the people, what is typed: all hold a line break and what looks like a header."""
    cache.clear()
    Installation.objects.update(name=f"Haus{line}")
    for place in Community.objects.all():
        place.name = f"Kreis{line}"[:60]
        place.save()
    Membership.objects.filter(left_at=None).update(display_name=f"Mel{line}"[:40])
    client = scene.client("ada")
    client.raise_request_exception = False
    guest = Client()
    session = guest.session
    session["may_sign_up"] = True
    session.save()
    guest.raise_request_exception = False
    statuses = []
    for address in (
        "ada.circle@example.org",
        f"ada.circle@example.org{line}",
        f"new{line}@example.org",
        "new@example.org",
    ):
        for url, fields in (
            ("/accounts/login/", {"login": address, "way": "code"}),
            ("/accounts/password/reset/", {"email": address}),
            ("/accounts/signup/", typed(email=address, password1="")),
        ):
            statuses.append(guest.post(url, fields).status_code)
    statuses += [
        client.post(door.url, dict.fromkeys(door.form, f"x{line}")).status_code for door in doors(scene, "post")
    ]
    assert max(statuses) < 500
    assert mail.outbox
    for message in mail.outbox:
        built = message.message()
        assert "bcc" not in {name.lower() for name in built}
        head = message.message().as_bytes().partition(b"\n\n")[0]
        assert not re.search(rb"^bcc:", head, re.IGNORECASE | re.MULTILINE)
        assert "evil@example.com" not in [*message.to, *message.cc, *message.bcc]
