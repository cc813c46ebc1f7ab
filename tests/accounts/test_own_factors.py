"""One's own page of factors: setting up the app, recovery codes shown once, taking factors away."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from allauth.mfa import signals
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import Session, User
from tests.accounts.doors import PASSWORD, digits, mailed_code, signed_in_just_now, with_app, with_codes, with_passkey

Type = Authenticator.Type
INDEX, APP, REMOVE_APP = reverse("mfa_index"), reverse("mfa_activate_totp"), reverse("mfa_deactivate_totp")
CODES, NEW_CODES = reverse("mfa_view_recovery_codes"), reverse("mfa_generate_recovery_codes")
DANGEROUS = [
    ("mfa_add_webauthn", []),
    ("mfa_edit_webauthn", [1]),
    ("mfa_remove_webauthn", [1]),
    ("mfa_activate_totp", []),
    ("mfa_deactivate_totp", []),
    ("mfa_view_recovery_codes", []),
    ("mfa_generate_recovery_codes", []),
]


@pytest.fixture
def browser(guest: Client, nell: User) -> Client:
    return signed_in_just_now(guest, nell)


def key_on(page: str) -> str:
    found = re.search(r'class="secret-key">([A-Z2-7 ]+)<', page)
    assert found
    return found[1].replace(" ", "")


def codes_on(page: str) -> list[str]:
    return re.findall(r"<li><code>([a-z0-9]{5}-[a-z0-9]{5})</code>", page)


@contextmanager
def told() -> Iterator[list[tuple[str, str]]]:
    """What allauth's signals say."""
    heard: list[tuple[str, str]] = []

    def hear(name: str) -> object:
        def take(sender: object, request: object, user: User, authenticator: Authenticator, **_kwargs: object) -> None:
            assert request is not None
            heard.append((name, authenticator.type))

        return take

    ears = {name: hear(name) for name in ("authenticator_added", "authenticator_removed", "authenticator_reset")}
    for name, ear in ears.items():
        getattr(signals, name).connect(ear)
    yield heard
    for name, ear in ears.items():
        getattr(signals, name).disconnect(ear)


@pytest.mark.parametrize(("name", "arguments"), DANGEROUS)
def test_everything_about_factors_is_asked_for_again(
    guest: Client, nell: User, name: str, arguments: list[int]
) -> None:
    guest.force_login(nell)
    for method in ("get", "post"):
        where = str(getattr(guest, method)(reverse(name, args=arguments))["Location"])
        assert where.startswith(reverse("account_reauthenticate")), method


@pytest.mark.django_db(transaction=True)
def test_an_app_is_set_up(browser: Client, nell: User) -> None:
    page = browser.get(APP).content.decode()
    secret = key_on(page)
    assert '<svg viewBox="0 0' in page
    assert "data:image" not in page
    assert key_on(browser.get(APP).content.decode()) == secret, "loaded again, it is the same"
    wrong = browser.post(APP, {"code": digits(secret, 77)})
    assert wrong.status_code == 422
    assert key_on(wrong.content.decode()) == secret
    with told() as heard:
        answer = browser.post(APP, {"code": digits(secret)}, follow=True)
    assert heard == [("authenticator_added", "totp"), ("authenticator_added", "recovery_codes")]
    assert answer.redirect_chain[-1][0] == CODES
    assert len(set(codes_on(answer.content.decode()))) == 10
    assert len(mail.outbox) == 1
    row = Authenticator.objects.get(type=Type.TOTP)
    assert secret not in str(row.data)
    assert browser.get(APP)["Location"] == INDEX


def test_the_secret_lies_open_in_no_session(browser: Client, nell: User) -> None:
    secret = key_on(browser.get(APP).content.decode())
    row = Session.objects.get(pk=browser.session.session_key)
    assert secret not in str(row.get_decoded())


def test_the_digits_that_set_it_up_do_not_sign_in(browser: Client, nell: User) -> None:
    shown = digits(key_on(browser.get(APP).content.decode()))
    browser.post(APP, {"code": shown})
    other = Client()
    other.post(reverse("account_login"), {"login": nell.email, "password": PASSWORD})
    assert other.post(reverse("mfa_authenticate"), {"code": shown}).status_code == 422


def test_two_tabs_set_up_one_app(browser: Client, nell: User) -> None:
    secret = key_on(browser.get(APP).content.decode())
    with_app(nell)
    assert browser.post(APP, {"code": digits(secret)})["Location"] == INDEX
    assert Authenticator.objects.filter(type=Type.TOTP).count() == 1


# ---- Recovery codes ----


def test_recovery_codes_are_shown_until_they_are_kept(browser: Client, nell: User) -> None:
    with_app(nell)
    first = codes_on(browser.post(NEW_CODES, follow=True).content.decode())
    assert codes_on(browser.get(CODES).content.decode()) == first, "a page that is loaded again, or printed"
    assert "not printed yet" in browser.get(INDEX).content.decode()
    assert browser.post(CODES)["Location"] == INDEX
    assert browser.get(CODES)["Location"] == INDEX
    page = browser.get(INDEX).content.decode()
    assert "not printed yet" not in page
    assert "10 of 10 left" in page
    row = Session.objects.get(pk=browser.session.session_key)
    assert not [code for code in first if code in str(row.get_decoded())]


def test_shown_codes_lie_open_nowhere(browser: Client, nell: User) -> None:
    with_app(nell)
    codes = codes_on(browser.post(NEW_CODES, follow=True).content.decode())
    kept = str(Session.objects.get(pk=browser.session.session_key).get_decoded())
    kept += str(Authenticator.objects.get(type=Type.RECOVERY_CODES).data)
    assert codes
    assert not [code for code in codes if code in kept or code.replace("-", "") in kept]


@pytest.mark.django_db(transaction=True)
def test_new_codes_take_the_place_of_the_old_ones(browser: Client, nell: User) -> None:
    with_app(nell)
    old = with_codes(nell)
    with told() as heard:
        new = codes_on(browser.post(NEW_CODES, follow=True).content.decode())
    assert heard == [("authenticator_reset", "recovery_codes")]
    other = Client()
    other.post(reverse("account_login"), {"login": nell.email, "password": PASSWORD})
    assert other.post(reverse("mfa_authenticate"), {"recovery_code": old[0]}).status_code == 422
    assert other.post(reverse("mfa_authenticate"), {"recovery_code": new[0]}).status_code == 302


def test_without_a_factor_there_are_no_codes(browser: Client, nell: User) -> None:
    assert browser.post(NEW_CODES).status_code == 404
    assert browser.get(CODES)["Location"] == INDEX
    assert not Authenticator.objects.exists()


def test_few_codes_are_warned_of(browser: Client, nell: User) -> None:
    with_app(nell)
    with_codes(nell)
    row = Authenticator.objects.get(type=Type.RECOVERY_CODES)
    row.data["fingerprints"] = row.data["fingerprints"][:3]
    row.save()
    page = browser.get(INDEX).content.decode()
    assert "3 of 10 left" in page
    assert "There are few left." in page


# ---- Taking away ----


@pytest.mark.django_db(transaction=True)
def test_the_last_factor_takes_the_codes_along_and_says_what_that_means(browser: Client, nell: User) -> None:
    with_app(nell)
    with_codes(nell)
    page = browser.get(REMOVE_APP).content.decode()
    assert "no second step any more: a mailed code or your password is enough" in page
    with told() as heard:
        assert browser.post(REMOVE_APP)["Location"] == INDEX
    assert heard == [("authenticator_removed", "totp"), ("authenticator_removed", "recovery_codes")]
    assert not Authenticator.objects.exists()
    assert browser.post(REMOVE_APP).status_code == 404
    other = Client()
    other.post(reverse("account_login"), {"login": nell.email, "password": PASSWORD})
    assert other.get(INDEX).status_code == 200


def test_another_factor_keeps_the_codes(browser: Client, nell: User) -> None:
    with_app(nell)
    with_codes(nell)
    key = with_passkey(nell)
    removal = reverse("mfa_remove_webauthn", args=[key.pk])
    assert "no second step" not in browser.get(removal).content.decode()
    browser.post(removal)
    assert set(Authenticator.objects.values_list("type", flat=True)) == {"totp", "recovery_codes"}


def test_who_has_no_password_and_no_passkey_left_signs_in_by_code(guest: Client, nell: User) -> None:
    nell.set_unusable_password()
    nell.save()
    key = with_passkey(nell)
    browser = signed_in_just_now(guest, nell)
    page = browser.get(reverse("mfa_remove_webauthn", args=[key.pk])).content.decode()
    assert "a mailed code is enough" in page
    assert "password" not in page
    browser.post(reverse("mfa_remove_webauthn", args=[key.pk]))
    other = Client()
    other.post(reverse("account_login"), {"login": nell.email, "way": "code"})
    other.post(reverse("account_confirm_login_code"), {"code": mailed_code()})
    assert other.get(INDEX).status_code == 200


# ---- Names ----


def test_a_passkey_is_renamed(browser: Client, nell: User) -> None:
    key = with_passkey(nell)
    url = reverse("mfa_edit_webauthn", args=[key.pk])
    assert browser.post(url, {"name": "<b>Blue key</b>"})["Location"] == INDEX
    page = browser.get(INDEX).content.decode()
    assert "&lt;b&gt;Blue key&lt;/b&gt;" in page
    assert "<b>Blue" not in page
    for wrong in ("", " ", "x" * 41, "a\x00b"):
        assert browser.post(url, {"name": wrong}).status_code == 422


@pytest.mark.parametrize("name", ["mfa_edit_webauthn", "mfa_remove_webauthn"])
def test_other_peoples_passkeys_and_made_up_ones_are_not_there(browser: Client, nell: User, name: str) -> None:
    hers = with_passkey(User.objects.create_user("olga@example.org"), "Hers")
    with_app(nell)
    mine = Authenticator.objects.get(user=nell)
    for number in (hers.pk, mine.pk, 0, 9**30):
        assert browser.get(reverse(name, args=[number])).status_code == 404
        assert browser.post(reverse(name, args=[number]), {"name": "Mine"}).status_code == 404
    hers.refresh_from_db()
    assert hers.data["name"] == "Hers"


def test_the_page_costs_the_same_with_many_passkeys(
    browser: Client, nell: User, django_assert_num_queries: object
) -> None:
    with_passkey(nell)
    browser.get(INDEX)
    with django_assert_num_queries(3):  # type: ignore[operator]
        browser.get(INDEX)
    for number in range(19):
        with_passkey(nell, f"Key {number}")
    with django_assert_num_queries(3):  # type: ignore[operator]
        page = browser.get(INDEX)
    assert page.content.decode().count("never used") == 20


def test_passkeys_belong_to_a_name(browser: Client, nell: User, settings: object) -> None:
    settings.ALLOWED_HOSTS = ["127.0.0.1", "[::1]", "localhost"]  # type: ignore[attr-defined]
    for host, possible in [("127.0.0.1", False), ("[::1]:8000", False), ("localhost:8000", True)]:
        page = browser.get(reverse("mfa_add_webauthn"), headers={"host": host}).content.decode()
        assert ("passkey-options" in page) is possible, host
        door = Client().get(reverse("account_login"), headers={"host": host}).content.decode()
        assert ("passkey-options" in door) is possible, host


def test_an_address_that_waits_for_its_code_comes_first(browser: Client, nell: User) -> None:
    nell.emailaddress_set.create(email="new@example.org", verified=False)  # type: ignore[attr-defined]
    secret = key_on(browser.get(APP).content.decode())
    answer = browser.post(APP, {"code": digits(secret)})
    assert answer.status_code == 422
    assert "First type in the code" in answer.content.decode()
    assert not Authenticator.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_new_codes_again_and_again_fill_no_mailbox(nell: User) -> None:
    with_app(nell)
    client = signed_in_just_now(Client(), nell)
    mail.outbox.clear()
    answers = [client.post(reverse("mfa_generate_recovery_codes")).status_code for _time in range(25)]
    assert answers == [302] * 20 + [429] * 5
    assert len(mail.outbox) == 19, "the first ones are no news"
