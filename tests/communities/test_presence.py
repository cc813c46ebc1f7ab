"""Choosing to be seen, and the community's two switches, on pages and by command."""

from functools import partial
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts.models import User
from communities.actions import allow_presence, choose_presence, invite
from communities.models import Community, Membership
from communities.personal_data.memberships import Memberships
from core.personal_data import Keep

pytestmark = pytest.mark.django_db


def of(member: Membership) -> Client:
    client = Client()
    assert member.user is not None
    client.force_login(member.user)
    return client


def choice_of(member: Membership) -> tuple[bool, bool]:
    return Membership.objects.values_list("shows_presence", "shows_typing").get(pk=member.pk)


def joining(circle: Community, olga: User) -> Client:
    client = Client()
    client.force_login(olga)
    client.post(reverse("invitation", args=[invite(community=circle)[1]]), {"agree": "on"})
    return client


@pytest.mark.parametrize(
    ("ticked", "expected"),
    [({}, (False, False)), ({"shows_presence": "on"}, (True, False)), ({"shows_typing": "on"}, (False, True))],
    ids=["nothing", "presence", "typing"],
)
def test_joining_asks_and_nothing_is_ticked(
    circle: Community, olga: User, ticked: dict[str, Any], expected: tuple[bool, bool]
) -> None:
    client = joining(circle, olga)
    page = client.get(reverse("join")).content.decode()
    for name in ("shows_presence", "shows_typing"):
        assert f'name="{name}"' in page
    assert "checked" not in page
    assert client.post(reverse("join"), {"display_name": "Olga", **ticked}).status_code == 302
    assert choice_of(Membership.objects.get(user=olga)) == expected


def test_joining_does_not_ask_for_what_the_community_does_not_show(circle: Community, olga: User) -> None:
    Community.objects.update(allows_presence=False, allows_typing=False)
    client = joining(circle, olga)
    assert "shows_" not in client.get(reverse("join")).content.decode()
    both = {"shows_presence": "on", "shows_typing": "on"}
    assert client.post(reverse("join"), {"display_name": "Olga", **both}).status_code == 302
    assert choice_of(Membership.objects.get(user=olga)) == (False, False)


def test_each_is_chosen_and_refused_on_ones_own_page(mel: Membership, ada: Membership) -> None:
    client, url = of(mel), reverse("my_presence", args=["circle"])
    for ticked in ({"shows_presence": "on"}, {"shows_typing": "on"}, {}):
        answer = client.post(url, ticked, follow=True)
        assert choice_of(mel) == ("shows_presence" in ticked, "shows_typing" in ticked)
        page = answer.content.decode()
        assert page.count(" checked") == len(ticked)
        assert "Saved." in page
    assert choice_of(ada) == (False, False)


def test_a_choice_is_of_one_membership_only(mel: Membership) -> None:
    from tests import factories

    twin = factories.member(factories.community("harbour"), "Someone", user=mel.user)
    assert choose_presence(member=mel, shows_presence=True, shows_typing=True)
    assert not choose_presence(member=mel, shows_presence=True, shows_typing=True), "nothing changed"
    assert choice_of(twin) == (False, False)


def test_who_has_left_chooses_nothing_more(mel: Membership) -> None:
    Membership.objects.filter(pk=mel.pk).update(left_at="2020-01-01T00:00Z")
    assert not choose_presence(member=mel, shows_presence=True, shows_typing=True)
    assert choice_of(mel) == (False, False)


def test_the_settings_switch_both_for_everybody(circle: Community, ada: Membership, mel: Membership) -> None:
    client, url = of(ada), reverse("community_settings", args=["circle"])
    assert client.get(url).content.decode().count(" checked") == 2
    client.post(url, {"allows_typing": "on", "size_limit": "150"})
    circle.refresh_from_db()
    assert (circle.allows_presence, circle.allows_typing) == (False, True)
    own = of(mel).get(reverse("my_membership", args=["circle"])).content.decode()
    assert "nobody in this group sees who is here" in own
    assert "nobody in this group sees who is writing" not in own
    client.post(url, {"allows_presence": "on", "size_limit": "150"})
    own = of(mel).get(reverse("my_membership", args=["circle"])).content.decode()
    assert "nobody in this group sees who is here" not in own
    assert "nobody in this group sees who is writing" in own


def test_who_may_manage_settings_and_who_may_not(circle: Community, ada: Membership, mo: Membership) -> None:
    switch_off = partial(allow_presence, community=circle, allows_presence=False, allows_typing=False)
    with pytest.raises(PermissionDenied):
        switch_off(actor=mo)
    assert Community.objects.filter(allows_presence=True, allows_typing=True).exists()
    assert switch_off(actor=ada)
    assert not switch_off(actor=ada), "nothing changed"
    assert reverse("community_settings", args=["circle"]) in of(ada).get("/c/circle/rooms/").content.decode()
    assert reverse("community_settings", args=["circle"]) not in of(mo).get("/c/circle/rooms/").content.decode()


def test_the_command_says_and_switches(circle: Community) -> None:
    def run(*words: str) -> list[str]:
        out = StringIO()
        call_command("presence", *words, stdout=out)
        return [line.split()[1] for line in out.getvalue().splitlines()]

    assert run("circle") == ["on", "on"]
    assert run("circle", "--here", "off") == ["off", "on"]
    assert run("circle", "--typing", "off") == ["off", "off"]
    assert run("circle") == ["off", "off"]
    assert run("circle", "--here", "on", "--typing", "on") == ["on", "on"]
    with pytest.raises(CommandError, match="no community"):
        run("nowhere")


def test_the_choice_is_exported_and_erased(mel: Membership) -> None:
    choose_presence(member=mel, shows_presence=True, shows_typing=True)
    assert mel.user is not None
    ((_path, exported),) = Memberships().export(mel.user)
    assert (exported["shows_presence"], exported["shows_typing"]) == (True, True)
    Memberships().erase(mel, Keep.UNDER_NAME)
    assert choice_of(mel) == (False, False)
