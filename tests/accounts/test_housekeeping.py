"""What is deleted by itself, and what a copy of one's data holds."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts import tasks
from accounts.models import Session, User
from accounts.personal_data import Account, SignedInDevices
from core.personal_data import declarations

LONG_AGO = timezone.now() - timedelta(days=8)


def test_accounts_begun_and_never_entered_are_deleted_after_a_week(nell: User) -> None:
    old = User.objects.create(email="old@example.org", created_at=LONG_AGO)
    young = User.objects.create(email="young@example.org")
    entered = User.objects.create(email="entered@example.org", created_at=LONG_AGO, last_login=LONG_AGO)
    User.objects.filter(pk=nell.pk).update(created_at=LONG_AGO)
    tasks.delete_old_sessions()
    left = set(User.objects.values_list("pk", flat=True))
    assert old.pk not in left
    assert left == {young.pk, entered.pk, nell.pk}


def test_sessions_that_have_ended_are_deleted(guest: Client, nell: User) -> None:
    guest.force_login(nell)
    Session.objects.create(session_key="ended", session_data="", expire_date=LONG_AGO)
    tasks.delete_old_sessions()
    assert [session.session_key for session in Session.objects.all()] == [guest.session.session_key]


def test_a_copy_of_ones_data_holds_account_addresses_and_sessions(guest: Client, nell: User) -> None:
    bert = User.objects.create_user("bert@example.org")
    Client().force_login(bert)
    guest.force_login(nell)
    copy = dict(Account().export(nell)) | dict(SignedInDevices().export(nell))
    assert set(copy) == {"account", "account/addresses/1", "account/sessions/1"}
    assert copy["account"]["email"] == nell.email
    assert "bert" not in str(copy)


def test_the_tables_are_declared_once() -> None:
    assert {Account, SignedInDevices} <= {type(declaration) for declaration in declarations}


def test_one_address_has_one_account_whatever_its_case(nell: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email="NELL@example.org")
