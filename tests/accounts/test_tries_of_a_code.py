"""Five tries for each mailed code, however many come at once and from wherever."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import Session, User
from tests.accounts.doors import invite, mailed_code, typed

TRIES = 12

Door = Callable[[Client, User], str]


def sign_in(client: Client, nell: User) -> str:
    client.post(reverse("account_login"), {"login": nell.email, "way": "code"})
    return reverse("account_confirm_login_code")


def sign_up(client: Client, nell: User) -> str:
    invite(client).post(reverse("account_signup"), typed(email="new@example.org"))
    return reverse("account_email_verification_sent")


def reset(client: Client, nell: User) -> str:
    client.post(reverse("account_reset_password"), {"email": nell.email})
    return reverse("account_confirm_password_reset_code")


def be_asked_again(client: Client, nell: User) -> str:
    nell.set_unusable_password()
    nell.save()
    client.force_login(nell)
    client.post(reverse("account_reauthenticate"))
    return reverse("account_reauthenticate_by_code")


DOORS = [sign_in, sign_up, reset, be_asked_again]


def same_browser(client: Client, number: int) -> Client:
    """The same session, from another network."""
    other = Client(REMOTE_ADDR=f"10.{number}.1.1")
    other.cookies["sessionid"] = client.cookies["sessionid"].value
    return other


def wrong(code: str, number: int) -> str:
    return f"{(int(code) + 1 + number) % 1_000_000:06d}"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("door", DOORS)
def test_what_comes_at_once_is_counted_at_once(guest: Client, nell: User, door: Door) -> None:
    url, code = door(guest, nell), mailed_code()
    gate, answers = threading.Barrier(TRIES), list[str]()

    def guess(number: int) -> None:
        browser = same_browser(guest, number + 2)
        gate.wait()
        try:
            page = browser.post(url, {"code": wrong(code, number)}, headers={"accept-language": "en"})
            answers.append(page.content.decode())
        finally:
            connection.close()

    threads = [threading.Thread(target=guess, args=(number,)) for number in range(TRIES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == TRIES
    assert sum("This is not the code." in page for page in answers) <= 5
    last = same_browser(guest, 99)
    last.post(url, {"code": code})
    assert not is_through(last, url)


def is_through(client: Client, url: str) -> bool:
    """Whether the right code has opened what stands behind."""
    if url == reverse("account_reauthenticate_by_code"):
        return client.get(reverse("account_set_password")).status_code == 200
    if url == reverse("account_confirm_password_reset_code"):
        return client.get(reverse("account_complete_password_reset")).status_code == 200
    return client.get(reverse("account")).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("door", DOORS)
def test_an_older_state_of_the_session_gives_no_tries_back(guest: Client, nell: User, door: Door) -> None:
    """As it is written by a request that had read the session before the others."""
    url, code = door(guest, nell), mailed_code()
    row = Session.objects.filter(pk=guest.cookies["sessionid"].value)
    early = row.get().session_data
    for number in range(5):
        same_browser(guest, number + 2).post(url, {"code": wrong(code, number)})
        row.update(session_data=early)
    last = same_browser(guest, 99)
    last.post(url, {"code": code})
    assert not is_through(last, url)


@pytest.mark.django_db
@pytest.mark.parametrize("door", DOORS)
def test_the_fifth_try_may_be_right(guest: Client, nell: User, door: Door) -> None:
    url, code = door(guest, nell), mailed_code()
    for number in range(4):
        guest.post(url, {"code": wrong(code, number)})
    guest.post(url, {"code": code})
    assert is_through(guest, url)


@pytest.mark.django_db
def test_the_tries_of_one_code_are_no_other_ones(guest: Client, nell: User) -> None:
    """Who spends theirs locks out nobody, in the same house and under the same address neither."""
    url, code = sign_in(guest, nell), mailed_code()
    for number in range(6):
        guest.post(url, {"code": wrong(code, number)})
    other = Client()
    sign_in(other, nell)
    other.post(url, {"code": mailed_code()})
    assert is_through(other, url)
