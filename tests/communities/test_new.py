"""Founding in the browser: who may, how often, and what comes after."""

import uuid
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from communities.actions import invite
from communities.models import Community, Membership
from core.models import Installation
from tests import factories

FORM = {"size": "table", "name": "Our street", "hue": "166", "language": "en", "display_name": "Olga"}


@pytest.fixture
def anyone_founds(db: None) -> None:
    row = Installation.objects.get(pk=1)
    row.founders = Installation.Founders.ANYONE
    row.save()


def signed_in(user: User | None) -> Client:
    client = Client()
    client.force_login(user)  # type: ignore[arg-type]
    return client


def found(client: Client, **fields: Any) -> Any:
    return client.post("/communities/new/", FORM | {"form_id": str(uuid.uuid4())} | fields)


def test_where_operators_found_nobody_else_does(olga: User, ada: Membership) -> None:
    for user in (olga, ada.user):
        client = signed_in(user)
        assert client.get("/communities/new/").status_code == 403
        assert found(client).status_code == 403
        assert "/communities/new/" not in client.get("/me/").content.decode()
    assert Community.objects.count() == 1


def test_an_operator_founds_and_owns(opal: User) -> None:
    client = signed_in(opal)
    assert "/communities/new/" in client.get("/").content.decode()
    answer = found(client)
    assert answer["Location"] == "/c/our-street/rules/first/"
    member = Membership.objects.get(user=opal)
    assert (member.role.code, member.is_founder, member.display_name) == ("owner", True, "Olga")


def test_rules_come_next_then_the_first_invitation(opal: User) -> None:
    client = signed_in(opal)
    found(client)
    page = client.get("/c/our-street/rules/first/")
    assert page.status_code == 200
    form = {"kept_1": "on", "title_1": "Be kind", "text_1": "Even when tired."}
    answer = client.post("/c/our-street/rules/first/", form)
    assert answer["Location"] == "/c/our-street/invitations/"
    assert list(Community.objects.get().rules.values_list("title", flat=True)) == ["Be kind"]


def test_once_somebody_has_come_the_first_rules_are_gone(ada: Membership, mel: Membership) -> None:
    assert signed_in(ada.user).get("/c/circle/rules/first/").status_code == 404


def test_rules_that_somebody_is_agreeing_to_are_not_changed(opal: User) -> None:
    client = signed_in(opal)
    found(client)
    token = invite(community=Community.objects.get())[1]
    Client().post(f"/i/{token}/", {"agree": "on"})
    form = {"kept_1": "on", "title_1": "Other", "text_1": ""}
    assert client.post("/c/our-street/rules/first/", form).status_code == 403


@pytest.mark.usefixtures("anyone_founds")
def test_each_founds_two_at_most(olga: User) -> None:
    client = signed_in(olga)
    for number in (1, 2):
        assert found(client, name=f"Group {number}").status_code == 302
    assert client.get("/communities/new/").status_code == 403
    assert found(client, name="Group 3").status_code == 403
    assert Community.objects.count() == 2


@pytest.mark.usefixtures("anyone_founds")
def test_being_an_owner_elsewhere_counts_not(olga: User) -> None:
    for slug in ("one", "two"):
        factories.member(factories.community(slug), "Olga", role="owner", user=olga)
    assert found(signed_in(olga)).status_code == 302


@pytest.mark.usefixtures("anyone_founds")
def test_a_second_click_founds_nothing_more(olga: User) -> None:
    client, form_id = signed_in(olga), str(uuid.uuid4())
    for slug in ("", "", "our-street", "other"):
        answer = found(client, form_id=form_id, slug=slug)
        assert answer["Location"] == "/c/our-street/rules/first/"
    assert Community.objects.count() == 1


@pytest.mark.usefixtures("anyone_founds")
@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "x" * 61},
        {"name": "a\0b"},
        {"size": "giant"},
        {"hue": "999"},
        {"language": "fr"},
        {"slug": "circle"},
        {"slug": "../x"},
        {"display_name": ""},
    ],
)
def test_what_cannot_be_founded_is_told_beside_the_field(circle: Community, olga: User, wrong: dict[str, str]) -> None:
    answer = found(signed_in(olga), **wrong)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    assert Community.objects.count() == 1


def test_the_policy_is_asked_again_when_the_form_comes(olga: User, anyone_founds: None) -> None:
    client = signed_in(olga)
    assert client.get("/communities/new/").status_code == 200
    row = Installation.objects.get(pk=1)
    row.founders = Installation.Founders.OPERATORS
    row.save()
    assert found(client).status_code == 403
