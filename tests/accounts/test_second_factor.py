"""The second step of signing in: always asked where somebody has a factor, answered once, guessed at seldom."""

from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.factors import secrets
from accounts.models import User
from tests.accounts.doors import PASSWORD, digits, mailed_code, with_app, with_codes

SECOND, LOGIN = reverse("mfa_authenticate"), reverse("account_login")
OTHER_PASSWORD = "andere ruhige Worte"
HOME, ACCOUNT = reverse("home"), reverse("account")


@pytest.fixture
def secret(nell: User) -> str:
    return with_app(nell)


@pytest.fixture
def codes(nell: User, secret: str) -> list[str]:
    return with_codes(nell)


def by_password(client: Client) -> str:
    return str(client.post(LOGIN, {"login": "nell@example.org", "password": PASSWORD})["Location"])


def by_code(client: Client) -> str:
    client.post(LOGIN, {"login": "nell@example.org", "way": "code"})
    return str(client.post(reverse("account_confirm_login_code"), {"code": mailed_code()})["Location"])


def by_reset(client: Client) -> str:
    """A forgotten password."""
    client.post(reverse("account_reset_password"), {"email": "nell@example.org"})
    client.post(reverse("account_confirm_password_reset_code"), {"code": mailed_code()})
    return str(client.post(reverse("account_complete_password_reset"), {"password1": OTHER_PASSWORD})["Location"])


def is_signed_in(client: Client) -> bool:
    return client.get(ACCOUNT).status_code == 200


@pytest.mark.parametrize("way", [by_password, by_code, by_reset])
def test_the_second_step_is_asked_for_after_every_first_one(
    guest: Client, nell: User, secret: str, way: Callable[[Client], str]
) -> None:
    assert way(guest) == SECOND
    assert not is_signed_in(guest)
    assert guest.get(LOGIN)["Location"] == SECOND
    assert "One more step" in guest.get(SECOND).content.decode()
    assert guest.post(SECOND, {"code": digits(secret)})["Location"] == HOME
    assert is_signed_in(guest)


@pytest.mark.parametrize("way", [by_password, by_code, by_reset])
def test_without_a_factor_nothing_is_asked(guest: Client, nell: User, way: Callable[[Client], str]) -> None:
    assert way(guest) == HOME
    assert is_signed_in(guest)


def test_a_new_password_counts_once_the_second_step_is_answered(guest: Client, nell: User, secret: str) -> None:
    """Whoever reads the mailbox, and has nothing else, changes nothing and signs nobody out."""
    elsewhere = Client()
    elsewhere.force_login(nell)
    by_reset(guest)
    assert [message.subject for message in mail.outbox] == ["Your code"]
    assert guest.post(SECOND, {"code": digits(secret, 50)}).status_code == 422
    nell.refresh_from_db()
    assert nell.check_password(PASSWORD)
    assert is_signed_in(elsewhere)
    assert "Your new password is saved." in guest.post(SECOND, {"code": digits(secret)}, follow=True).content.decode()
    nell.refresh_from_db()
    assert nell.check_password(OTHER_PASSWORD)
    assert is_signed_in(guest)
    assert not is_signed_in(elsewhere)
    assert "A change to your account" in [message.subject for message in mail.outbox]


def test_a_new_password_that_waits_is_forgotten_with_the_second_step(guest: Client, nell: User, secret: str) -> None:
    by_reset(guest)
    assert OTHER_PASSWORD not in str(dict(guest.session))
    guest.post(reverse("account_other_address"))
    by_password(guest)
    guest.post(SECOND, {"code": digits(secret)})
    nell.refresh_from_db()
    assert nell.check_password(PASSWORD)


def test_who_is_signed_in_proves_it_anew_for_a_forgotten_password(guest: Client, nell: User, secret: str) -> None:
    guest.force_login(nell)
    assert by_reset(guest) == SECOND
    assert not is_signed_in(guest)
    guest.post(SECOND, {"code": digits(secret)})
    nell.refresh_from_db()
    assert nell.check_password(OTHER_PASSWORD)
    assert is_signed_in(guest)


def test_a_new_password_counts_where_the_factor_is_gone_meanwhile(guest: Client, nell: User, secret: str) -> None:
    by_reset(guest)
    Authenticator.objects.all().delete()
    assert guest.get(SECOND)["Location"] == HOME
    nell.refresh_from_db()
    assert nell.check_password(OTHER_PASSWORD)
    assert is_signed_in(guest)


@pytest.mark.parametrize("shift", [-1, 0, 1])
def test_clocks_may_differ_by_half_a_minute(guest: Client, nell: User, secret: str, shift: int) -> None:
    by_password(guest)
    assert guest.post(SECOND, {"code": digits(secret, shift)}).status_code == 302


@pytest.mark.parametrize("shift", [-3, 3, 100])
def test_digits_of_another_time_are_wrong(guest: Client, nell: User, secret: str, shift: int) -> None:
    by_password(guest)
    answer = guest.post(SECOND, {"code": digits(secret, shift)})
    assert answer.status_code == 422
    assert "This is not the code." in answer.content.decode()
    assert not is_signed_in(guest)


def test_digits_work_once(guest: Client, nell: User, secret: str) -> None:
    """Also those of the half minute before the one that was used, which somebody may have looked up."""
    by_password(guest)
    seen, earlier = digits(secret), digits(secret, -1)
    assert guest.post(SECOND, {"code": seen}).status_code == 302
    other = Client()
    by_password(other)
    assert other.post(SECOND, {"code": seen}).status_code == 422
    assert other.post(SECOND, {"code": earlier}).status_code == 422
    assert not is_signed_in(other)


@pytest.mark.parametrize(
    "written", ["123 456", "123-456", "１２３４５６", "12345", "1234567", "abcdef", "\x00", "", "🂡" * 6]
)
def test_whatever_is_typed_is_answered_with_the_form(guest: Client, nell: User, secret: str, written: str) -> None:
    by_password(guest)
    assert guest.post(SECOND, {"code": written}).status_code == 422


def test_digits_may_be_typed_with_a_blank(guest: Client, nell: User, secret: str) -> None:
    by_password(guest)
    shown = digits(secret)
    assert guest.post(SECOND, {"code": f" {shown[:3]} {shown[3:]} "}).status_code == 302


def test_guessing_is_slow_and_says_so(guest: Client, nell: User, secret: str, codes: list[str]) -> None:
    """Counted for the account in this network: neither another browser nor the other field gives more tries."""
    by_password(guest)
    other = Client(headers={"accept-language": "en"})
    by_password(other)
    wrong = digits(secret, 50)
    for _try in range(3):
        assert guest.post(SECOND, {"code": wrong}).status_code == 422
    for _try in range(2):
        assert other.post(SECOND, {"recovery_code": "aaaaa-aaaaa"}).status_code == 422
    for client, field, right in [(guest, "code", digits(secret)), (other, "recovery_code", codes[0])]:
        answer = client.post(SECOND, {field: right})
        assert answer.status_code == 429
        assert "That was too many tries." in answer.content.decode()
        assert not is_signed_in(client)


def test_what_is_too_short_costs_no_try(guest: Client, nell: User, secret: str) -> None:
    by_password(guest)
    for _try in range(8):
        guest.post(SECOND, {"code": "123"})
    assert guest.post(SECOND, {"code": digits(secret)}).status_code == 302


# ---- Recovery codes ----


def test_a_recovery_code_works_once(guest: Client, nell: User, codes: list[str]) -> None:
    by_password(guest)
    answer = guest.post(SECOND, {"recovery_code": codes[3].upper().replace("-", " ")}, follow=True)
    assert "You have nine recovery codes left." in answer.content.decode()
    assert is_signed_in(guest)
    other = Client()
    by_password(other)
    assert other.post(SECOND, {"recovery_code": codes[3]}).status_code == 422
    assert other.post(SECOND, {"recovery_code": codes[4]}).status_code == 302


def test_the_last_recovery_code_says_so(guest: Client, nell: User, codes: list[str]) -> None:
    row = Authenticator.objects.get(type=Authenticator.Type.RECOVERY_CODES)
    row.data["fingerprints"] = row.data["fingerprints"][:1]
    row.save()
    by_password(guest)
    answer = guest.post(SECOND, {"recovery_code": codes[0]}, follow=True)
    assert "That was your last recovery code." in answer.content.decode()


def test_another_persons_factors_open_nothing(guest: Client, nell: User, secret: str, codes: list[str]) -> None:
    olga = User.objects.create_user("olga@example.org", PASSWORD)
    hers, her_codes = with_app(olga), with_codes(olga)
    by_password(guest)
    assert guest.post(SECOND, {"code": digits(hers)}).status_code == 422
    assert guest.post(SECOND, {"recovery_code": her_codes[0]}).status_code == 422


def test_a_row_that_was_moved_to_another_account_opens_nothing(guest: Client, nell: User) -> None:
    """Whoever can write into the database, but has not the key, cannot lend their own app to somebody."""
    olga = User.objects.create_user("olga@example.org", PASSWORD)
    hers, her_codes = with_app(olga), with_codes(olga)
    Authenticator.objects.filter(user=olga).update(user=nell)
    by_password(guest)
    assert guest.post(SECOND, {"code": digits(hers)}).status_code == 422
    assert guest.post(SECOND, {"recovery_code": her_codes[0]}).status_code == 422


def test_a_lost_key_is_no_way_in_and_no_error(
    guest: Client, nell: User, secret: str, codes: list[str], settings: object
) -> None:
    settings.SEAL_KEYS = ["another key altogether, of enough length"]  # type: ignore[attr-defined]
    by_password(guest)
    assert guest.post(SECOND, {"code": digits(secret)}).status_code == 422
    assert guest.post(SECOND, {"recovery_code": codes[0]}).status_code == 422
    assert not is_signed_in(guest)


def test_an_older_key_still_opens(guest: Client, nell: User, codes: list[str], settings: object) -> None:
    settings.SEAL_KEYS = ["a newer key, of enough length too", *settings.SEAL_KEYS]  # type: ignore[attr-defined]
    by_password(guest)
    assert guest.post(SECOND, {"recovery_code": codes[0]}).status_code == 302


def test_nothing_secret_can_be_read_in_the_row(nell: User, secret: str, codes: list[str]) -> None:
    kept = " ".join(str(row.data) for row in Authenticator.objects.filter(user=nell))
    for hidden in [secret, *codes, *(secrets.plain(code) for code in codes)]:
        assert hidden not in kept


# ---- Ways out ----


def test_the_second_step_can_be_given_up(guest: Client, nell: User, secret: str) -> None:
    by_password(guest)
    assert guest.post(reverse("account_other_address"))["Location"] == LOGIN
    assert guest.get(LOGIN).status_code == 200
    assert guest.get(SECOND)["Location"] == LOGIN


def test_a_factor_that_was_taken_away_meanwhile_is_asked_for_no_more(guest: Client, nell: User, secret: str) -> None:
    by_password(guest)
    Authenticator.objects.all().delete()
    assert guest.get(SECOND)["Location"] == HOME
    assert is_signed_in(guest)


def test_an_account_that_was_closed_meanwhile_stays_closed(guest: Client, nell: User, secret: str) -> None:
    by_password(guest)
    User.objects.update(is_active=False)
    guest.post(SECOND, {"code": digits(secret)})
    assert not is_signed_in(guest)


def test_who_goes_to_the_second_step_without_a_first_is_led_to_the_door(guest: Client, db: None) -> None:
    assert guest.get(SECOND)["Location"] == LOGIN
    assert guest.post(SECOND, {"code": "123456"})["Location"] == LOGIN


def test_where_somebody_wanted_to_go_is_kept(guest: Client, nell: User, secret: str) -> None:
    guest.post(LOGIN, {"login": nell.email, "password": PASSWORD, "next": "/me/"})
    assert guest.post(SECOND, {"code": digits(secret)})["Location"] == "/me/"


def test_the_session_is_another_one_afterwards(guest: Client, nell: User, secret: str) -> None:
    by_password(guest)
    before = guest.session.session_key
    guest.post(SECOND, {"code": digits(secret)})
    assert guest.session.session_key != before
    assert mail.outbox == []
