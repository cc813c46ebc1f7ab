"""Commands about accounts: create_user, make_operator, sign_out, reset_factor."""

from io import StringIO
from unittest.mock import patch

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import AddressChange, FactorReset, User
from tests.accounts.doors import PASSWORD
from tests.accounts.test_devices import is_signed_in


def run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue().strip()


def test_an_account_is_opened_and_may_be_an_operators(db: None) -> None:
    assert run("create_user", "Op@Example.org", "--operator", "--language", "en") == (
        "The account is there. It is an operator's."
    )
    user = User.objects.get(email="op@example.org")
    assert (user.is_operator, user.language, user.has_usable_password()) == (True, "en", False)
    run("create_user", "plain@example.org")
    assert not User.objects.get(email="plain@example.org").is_operator


def test_a_password_is_asked_for_twice_and_stands_in_no_command(db: None) -> None:
    asked = "accounts.management.commands.create_user.getpass"
    with patch(asked, side_effect=[PASSWORD, PASSWORD]):
        run("create_user", "op@example.org", "--password")
    assert User.objects.get(email="op@example.org").check_password(PASSWORD)
    for typed in ([PASSWORD, "another one, mistyped"], ["short"]):
        with patch(asked, side_effect=typed), pytest.raises(CommandError):
            run("create_user", "other@example.org", "--password")
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    "address", ["nell@example.org", "NELL@example.org", "no address", "", "a\nb@example.org", "old@example.org"]
)
def test_what_is_no_address_or_not_free_is_refused_in_words(nell: User, address: str) -> None:
    AddressChange.objects.create(user=nell, old_email="old@example.org", new_email=nell.email)
    with pytest.raises(CommandError):
        run("create_user", address)
    assert User.objects.count() == 1


def test_operators_are_made_and_unmade(nell: User) -> None:
    assert run("make_operator", "NELL@example.org") == "The account is an operator's."
    assert run("make_operator", nell.email).startswith("Nothing to do.")
    nell.refresh_from_db()
    assert nell.is_operator
    assert run("make_operator", nell.email, "--undo") == "The account is not an operator's."
    nell.refresh_from_db()
    assert not nell.is_operator


def test_an_account_is_signed_out_everywhere(nell: User) -> None:
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(nell)
    assert run("sign_out", nell.email) == "Signed out on 2 devices."
    assert not any(is_signed_in(client) for client in clients)
    assert run("sign_out", nell.email) == "Signed out on 0 devices."


def test_a_factor_is_reset_and_the_reset_cancelled(nell: User) -> None:
    with pytest.raises(CommandError):
        run("reset_factor", nell.email)
    Authenticator.objects.create(user=nell, type="totp", data={})
    first = run("reset_factor", nell.email)
    assert first.startswith("The factors are removed on ")
    assert run("reset_factor", nell.email) == first
    assert FactorReset.objects.open().count() == 1
    assert run("reset_factor", nell.email, "--cancel") == "Cancelled. The factors stay."
    with pytest.raises(CommandError):
        run("reset_factor", nell.email, "--cancel")


@pytest.mark.parametrize("command", ["make_operator", "sign_out", "reset_factor"])
def test_an_account_that_is_not_there_is_said(nell: User, command: str) -> None:
    for address in ("nobody@example.org", "nell@example", "%"):
        with pytest.raises(CommandError):
            run(command, address)
