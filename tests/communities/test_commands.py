"""`manage.py found` and `manage.py invite`."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from communities.actions import find_open_invitation
from communities.models import Community, Invitation, Room


def run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue().strip()


def opened_by(link: str, base: str = "http://localhost:8000") -> Invitation:
    start = f"{base}/i/"
    assert link.startswith(start)
    assert link.endswith("/")
    return find_open_invitation(token=link.removeprefix(start).removesuffix("/"))


@pytest.mark.parametrize(("language", "room"), [("de", "Wohnzimmer"), ("en", "Living room")])
def test_founding_gives_a_room_and_an_invitation_for_the_owner(db: None, language: str, room: str) -> None:
    invitation = opened_by(run("found", "Tide Water", "--slug", "tide", "--language", language, "--hue", "20"))
    assert invitation.role.code == "owner"
    assert invitation.max_uses == 1
    community = invitation.community
    assert (community.name, community.slug, community.hue) == ("Tide Water", "tide", 20)
    assert [room.name for room in community.rooms.all()] == [room]


@pytest.mark.parametrize("words", [["--slug", "circle"], ["--slug", "not a slug"], ["--slug", "new", "--hue", "400"]])
def test_what_cannot_be_founded_is_said(circle: Community, words: list[str]) -> None:
    with pytest.raises(CommandError):
        run("found", "Name", *words)
    assert Community.objects.count() == 1


def test_an_invitation_for_a_member(circle: Community) -> None:
    link = run(
        "invite", "circle", "--uses", "3", "--days", "2", "--label", "Nora", "--base-url", "https://example.org/"
    )
    invitation = opened_by(link, "https://example.org")
    assert (invitation.role.code, invitation.max_uses, invitation.label) == ("member", 3, "Nora")
    assert invitation.inviter is None


def test_an_invitation_for_a_guest_names_rooms(circle: Community, porch: Room, hall: Room) -> None:
    link = run("invite", "circle", "--role", "guest", "--room", str(porch.pk), "--room", str(hall.pk))
    assert set(opened_by(link).rooms.all()) == {porch, hall}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nowhere"], "no community"),
        (["circle", "--role", "guest"], "--room"),
        (["circle", "--room", "nonsense"], "no room"),
        (["circle", "--room", "7f3f5a52-2f6c-4f0e-9d6f-000000000000"], "no room"),
        (["circle", "--uses", "0"], "50"),
        (["circle", "--days", "1000"], "90"),
    ],
)
def test_what_cannot_be_invited_is_said(circle: Community, words: list[str], says: str) -> None:
    with pytest.raises(CommandError, match=says):
        run("invite", *words)
    assert not Invitation.objects.exists()
