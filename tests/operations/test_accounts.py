"""The operator's page about one account, and the reset of its factors."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from accounts.models import FactorReset, User
from communities.models import Community, Membership
from tests import factories
from tests.accounts.doors import signed_in_just_now

LOOKUP = "/operations/accounts/"


@pytest.fixture
def operator(opal: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    signed_in_just_now(client, opal)
    return client


@pytest.fixture
def person(circle: Community) -> User:
    user = factories.account("Nell")
    factories.member(circle, "Called Nellie", user=user)
    for kind, name in [("webauthn", "A secret key"), ("webauthn", "Another"), ("totp", ""), ("recovery_codes", "")]:
        Authenticator.objects.create(user=user, type=kind, data={"name": name})
    return user


def page_of(client: Client, user: User) -> str:
    return client.get(reverse("operations_account", args=[user.pk])).content.decode()


def test_an_account_is_found_by_its_whole_address_and_no_list_is_shown(operator: Client, person: User) -> None:
    assert person.email not in operator.get(LOOKUP).content.decode()
    answer = operator.post(LOOKUP, {"email": " NELL@example.org "})
    assert answer["Location"] == reverse("operations_account", args=[person.pk])
    assert "nell" not in answer["Location"], "no address in an address"


@pytest.mark.parametrize("typed", ["nell", "nell@", "%", "", "a" * 300, "nobody@example.org", "\x00"])
def test_what_is_no_whole_address_of_an_account_is_said_beside_the_field(
    operator: Client, person: User, typed: str
) -> None:
    answer = operator.post(LOOKUP, {"email": typed})
    assert answer.status_code == 422
    assert person.email not in answer.content.decode()
    assert 'aria-invalid="true"' in answer.content.decode()


def test_it_shows_that_it_exists_and_its_factors_by_kind_and_nothing_of_the_person(
    operator: Client, person: User, circle: Community
) -> None:
    page = page_of(operator, person)
    assert "2 passkeys, authenticator app, recovery codes" in page
    assert "never signed in" in page
    for private in ("A secret key", "Called Nellie", circle.name, f"/c/{circle.slug}"):
        assert private not in page
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert "closed" in page_of(operator, person)


def test_a_reset_is_asked_for_once_and_cancelled_once(
    operator: Client, opal: User, person: User, django_capture_on_commit_callbacks: object
) -> None:
    for _twice in range(2):
        operator.post(reverse("operations_factor_reset", args=[person.pk]))
    reset = FactorReset.objects.get()
    assert (reset.asked_by, reset.due_at - reset.asked_at) == (opal, timedelta(hours=48))
    assert "You asked for it." in page_of(operator, person)
    FactorReset.objects.update(asked_by=None)
    assert "by command line" in page_of(operator, person)
    for _twice in range(2):
        operator.post(reverse("operations_keep_factors", args=[person.pk]))
    assert not FactorReset.objects.open().exists()
    assert "A removal was cancelled." in page_of(operator, person)
    assert Authenticator.objects.filter(user=person).count() == 4


def test_without_a_factor_there_is_nothing_to_remove(operator: Client, olga: User) -> None:
    assert "Remove in 48 hours" not in page_of(operator, olga)
    answer = operator.post(reverse("operations_factor_reset", args=[olga.pk]), follow=True)
    assert "This account has no second factor." in answer.content.decode()
    assert not FactorReset.objects.exists()


def test_an_operator_is_asked_again_before_a_reset(opal: User, person: User) -> None:
    client = Client()
    client.force_login(opal)
    answer = client.post(reverse("operations_factor_reset", args=[person.pk]))
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    assert not FactorReset.objects.exists()


def test_to_everybody_else_there_is_no_such_page(mel: Membership, person: User) -> None:
    assert mel.user is not None
    client = Client()
    signed_in_just_now(client, mel.user)
    for name, method in [("account", "get"), ("factor_reset", "post"), ("keep_factors", "post")]:
        url = reverse(f"operations_{name}", args=[person.pk])
        assert getattr(client, method)(url).status_code == 404
    assert not FactorReset.objects.exists()
    assert not re.search("operations", client.get("/me/").content.decode())


@pytest.mark.parametrize("number", ["9" * 30, "x", "00000000-0000-4000-8000-000000000000"])
def test_an_unknown_account_is_not_there(operator: Client, number: str) -> None:
    for end in ("", "factor-reset/", "factor-reset/cancel/"):
        assert operator.post(f"{LOOKUP}{number}/{end}").status_code in {404, 405}
    assert operator.get(f"{LOOKUP}{number}/").status_code == 404
