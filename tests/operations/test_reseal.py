"""`manage.py reseal`: another key in front, and the old one can go."""

from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.factors.secrets import fingerprint_of, seal_secret, unseal_secret
from accounts.models import User
from core.mail import MailServer
from core.models import Installation
from core.sealing import SealBroken
from operations.models import MailSwitch

OLD, NEW = "an old key that is long enough to be one", "a new key that is long enough to be one"
SERVER = MailServer("mail.example.org", 465, "tls", "kreis", "geheim", "kreis@example.org")


def reseal() -> str:
    out = StringIO()
    call_command("reseal", stdout=out)
    return out.getvalue()


@pytest.fixture
def sealed(db: None, settings: object) -> User:
    settings.SEAL_KEYS = [OLD]  # type: ignore[attr-defined]
    person: User = User.objects.create_user("nell@example.org")
    Authenticator.objects.create(user=person, type="totp", data={"secret": seal_secret(person, "A" * 32), "step": 7})
    row = Installation.objects.get(pk=Installation.ROW)
    SERVER.keep_in(row)
    row.save()
    switch = MailSwitch(due_at=timezone.now())
    SERVER.keep_in(switch)
    switch.save()
    return person


def test_the_old_key_may_go_afterwards(sealed: User, settings: object) -> None:
    settings.SEAL_KEYS = [NEW, OLD]  # type: ignore[attr-defined]
    assert "authenticator apps: 1, passwords of mail servers: 2." in reseal()
    settings.SEAL_KEYS = [NEW]  # type: ignore[attr-defined]
    row = Authenticator.objects.get()
    assert (unseal_secret(sealed, row.data["secret"]), row.data["step"]) == ("A" * 32, 7)
    for table in (Installation, MailSwitch):
        assert MailServer.of(table.objects.get()).password == "geheim"
    again = reseal()
    assert "authenticator apps: 0, passwords of mail servers: 0." in again
    assert "No older key is needed any more." in again


def test_recovery_codes_need_the_old_one_until_they_are_made_anew(sealed: User, settings: object) -> None:
    codes = {"fingerprints": [fingerprint_of(sealed, "abcde-fghjk")], "kept_at": None}
    Authenticator.objects.create(user=sealed, type="recovery_codes", data=codes)
    settings.SEAL_KEYS = [NEW, OLD]  # type: ignore[attr-defined]
    said = reseal()
    assert "recovery codes are of an older key: 1." in said
    assert "No older key" not in said


def test_what_no_key_opens_is_told_and_left_as_it_is(sealed: User, settings: object) -> None:
    before = Authenticator.objects.get().data
    settings.SEAL_KEYS = [NEW]  # type: ignore[attr-defined]
    with pytest.raises(CommandError, match="authenticator apps: 1, passwords of mail servers: 2"):
        reseal()
    assert Authenticator.objects.get().data == before
    with pytest.raises(SealBroken):
        MailServer.of(Installation.objects.get())
