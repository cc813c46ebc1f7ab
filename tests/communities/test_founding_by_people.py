"""Somebody founds a community: by the size's preset, with first rules, as its owner, once."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.utils import translation

from accounts.models import User
from communities.actions import choose_first_rules, found_by, invite, join, refound, start_joining
from communities.founding import FirstRulesForm, FoundForm
from communities.models import Community, Membership
from communities.permissions import rights_of
from communities.presets import PRESETS
from communities.rights import Right
from core.models import Installation
from tests import factories

RULES = [("Be kind", "Even when tired."), ("One seat", "")]


def founding(**other: Any) -> dict[str, Any]:
    plain = {"display_name": "Olga", "size": "table", "name": "Tidewater", "slug": "tidewater", "language": "en"}
    return {**plain, "hue": 222, "purpose": "Mending.", "hosting": "In the attic.", **other}


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def olga(olga: User) -> User:
    olga.is_operator = True
    olga.save()
    return olga


def founder(place: Community) -> Membership:
    return place.memberships.select_related("role", "community").get()


@pytest.mark.parametrize("size", PRESETS)
def test_the_preset_says_how_it_begins(olga: User, size: str) -> None:
    place = found_by(olga, rules=RULES, **founding(size=size))
    preset = PRESETS[size]
    assert place.size_limit == preset.size_limit
    assert (place.allows_presence, place.allows_typing) == (preset.allows_presence, preset.allows_typing)
    assert [room.name for room in place.rooms.all()] == [str(plan.name) for plan in preset.rooms]
    assert [(rule.number, rule.title, rule.text) for rule in place.rules.all()] == [
        (1, "Be kind", "Even when tired."),
        (2, "One seat", ""),
    ]
    owner = founder(place)
    assert (owner.user, owner.role.code, owner.display_name) == (olga, "owner", "Olga")
    member = factories.member(place, "Mel")
    assert (Right.INVITE_MEMBERS in rights_of(member)) is (size == "table")


def test_rooms_begin_in_the_groups_language(olga: User) -> None:
    place = found_by(olga, **founding(language="de"))
    assert place.rooms.first().name == "Wohnzimmer"  # type: ignore[union-attr]


def test_only_operators_found_unless_anyone_may(db: None) -> None:
    nell = factories.account("nell")
    with pytest.raises(PermissionDenied):
        found_by(nell, **founding())
    assert not Community.objects.exists()
    Installation.objects.update_or_create(pk=Installation.ROW, defaults={"founders": "anyone"})
    assert found_by(nell, **founding()).memberships.count() == 1


def test_the_same_form_twice_founds_one(olga: User) -> None:
    form_id = uuid.uuid4()
    assert found_by(olga, **founding(form_id=form_id)) == found_by(olga, **founding(form_id=form_id))
    assert Community.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_found_one(olga: User) -> None:
    form_id = uuid.uuid4()

    def click(_number: int) -> uuid.UUID:
        try:
            return found_by(olga, **founding(form_id=form_id)).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(click, range(4)))) == 1
    assert Community.objects.count() == 1


def test_an_address_taken_meanwhile_is_said_beside_its_field(olga: User) -> None:
    factories.community("tidewater")
    with pytest.raises(ValidationError) as error:
        found_by(olga, **founding())
    assert "cannot be used" in error.value.message_dict["slug"][0]


# ---- Changing it before anybody came ----


def test_as_long_as_nobody_came_all_of_it_can_change(olga: User) -> None:
    owner = founder(found_by(olga, rules=RULES, **founding(size="hall")))
    refound(actor=owner, **founding(size="table", name="Ebb", slug="ebb", language="de", display_name="Olli"))
    choose_first_rules(actor=owner, rules=[("Another", "")])
    place = Community.objects.get()
    assert (place.name, place.slug, place.size_limit, place.allows_typing) == ("Ebb", "ebb", 20, True)
    assert [room.name for room in place.rooms.all()] == ["Wohnzimmer", "Pläne"]
    assert [rule.title for rule in place.rules.all()] == ["Another"]
    assert founder(place).display_name == "Olli"


def test_who_agreed_to_the_rules_finds_them_as_they_were(olga: User) -> None:
    owner = founder(found_by(olga, rules=RULES, **founding()))
    _invitation, token = invite(community=owner.community, inviter=owner)
    start_joining(token=token)
    with pytest.raises(PermissionDenied):
        choose_first_rules(actor=owner, rules=[])
    with pytest.raises(PermissionDenied):
        refound(actor=owner, **founding(name="Ebb"))
    assert owner.community.rules.count() == 2


def test_members_change_none_of_it(olga: User) -> None:
    mel = factories.member(found_by(olga, rules=RULES, **founding()), "Mel")
    with pytest.raises(PermissionDenied):
        choose_first_rules(actor=mel, rules=[])
    with pytest.raises(PermissionDenied):
        refound(actor=mel, **founding())


# ---- The last seat ----


def test_the_last_seat_is_one_seat(circle: Community, ada: Membership) -> None:
    tokens = [invite(community=circle, inviter=ada)[1] for _ in range(2)]
    begun = [start_joining(token=token) for token in tokens]
    Community.objects.update(size_limit=2)
    join(pending=begun[0], user=factories.account("one"), display_name="One")
    two = factories.account("two")
    with pytest.raises(ValidationError) as full:
        join(pending=begun[1], user=two, display_name="Two")
    assert full.value.code == "full"
    # What was begun waits: somebody may leave.
    Membership.objects.filter(display_name="One").delete()
    assert join(pending=begun[1], user=two, display_name="Two").display_name == "Two"


@pytest.mark.django_db(transaction=True)
def test_two_at_once_for_the_last_seat(circle: Community, ada: Membership) -> None:
    begun = [start_joining(token=invite(community=circle, inviter=ada)[1]) for _ in range(4)]
    people = [factories.account(f"p{number}") for number in range(4)]
    Community.objects.update(size_limit=2)

    def come(number: int) -> bool:
        try:
            join(pending=begun[number], user=people[number], display_name=f"Person {number}")
            return True
        except ValidationError:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(come, range(4))) == 1
    assert circle.memberships.count() == 2


# ---- The forms ----


def typed(**other: Any) -> dict[str, Any]:
    return {key: str(value) for key, value in founding(**other).items()}


def test_the_form_gives_what_the_action_takes(olga: User) -> None:
    form = FoundForm(typed(form_id=uuid.uuid4()))
    assert form.is_valid(), form.errors
    assert found_by(olga, **form.cleaned_data).hue == 222


@pytest.mark.parametrize(
    ("slug", "sentence"),
    [
        ("tide water", "Addresses have no spaces. Try tide-water or tidewater."),
        ("tide_water", "Try tide-water."),
        ("Überfluß", "Try ueberfluss."),
        ("-x-", "An address has only"),
        ("x", "2 to 40"),
        ("x" * 60, "2 to 40"),
        ("潮", "2 to 40"),
        ("潮水", "An address has only"),
        ("settings", "This address cannot be used. Try settings-"),
        ("circle", "This address cannot be used. Try circle-"),
    ],
)
def test_an_address_that_cannot_be_is_told_with_one_that_can(circle: Community, slug: str, sentence: str) -> None:
    form = FoundForm(typed(slug=slug))
    assert sentence in str(form.errors["slug"][0])
    assert form["slug"].value() == slug


def test_without_an_address_the_name_gives_one(circle: Community) -> None:
    for name, slug in (("Über den Fluß!", "ueber-den-fluss"), ("Circle", "circle-"), ("潮水", "kreis-")):
        form = FoundForm(typed(name=name, slug=""))
        assert form.is_valid(), form.errors
        assert form.cleaned_data["slug"].startswith(slug)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("size", "9" * 30),
        ("hue", "17"),
        ("hue", "x"),
        ("language", "fr"),
        ("name", "\u200b"),
        ("name", ""),
        ("name", "x" * 61),
        ("display_name", "x"),
        ("purpose", "x\x01"),
        ("form_id", "no"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field(db: None, field: str, value: str) -> None:
    assert field in FoundForm(typed(**{field: value})).errors


def ticked(form: FirstRulesForm, **other: str) -> dict[str, str]:
    rows = {f"{part}_{row['number']}": row[part].value() for row in form.rows for part in ("kept", "title", "text")}
    return {**{key: value for key, value in rows.items() if value}, **other}


def test_three_templates_are_taken_and_can_be_changed() -> None:
    begin = FirstRulesForm(language="en")
    form = FirstRulesForm(ticked(begin, title_2="Gently", title_8="Ours", text_8="Every day"), language="en")
    assert form.is_valid(), form.errors
    assert [title for title, _text in form.rules] == [
        "What is said here stays here",
        "Gently",
        "One person, one seat",
        "Ours",
    ]


def test_one_rule_at_least() -> None:
    form = FirstRulesForm({"kept_1": "on", "title_1": " "}, language="en")
    assert form.errors["__all__"] == ["A group needs one rule at least."]


def test_a_rule_has_a_title() -> None:
    form = FirstRulesForm({"kept_7": "on", "text_7": "Words", "kept_1": "on", "title_1": "One"}, language="en")
    assert list(form.errors) == ["title_7"]


def test_what_was_agreed_on_comes_again(db: None) -> None:
    rows = list(FirstRulesForm(language="en", agreed=RULES).rows)
    assert [row["title"].value() for row in rows][:3] == ["Be kind", "One seat", "What is said here stays here"]
    assert [bool(row["kept"].value()) for row in rows][:3] == [True, True, False]
