"""Ways through the doors of the site, for tests."""

import re
import time

from allauth.account.internal.userkit import user_id_to_str
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client

from accounts.models import User
from accounts.traps import stamp

PASSWORD = "vier ruhige Worte hier"  # of people that exist in tests only


def invite(client: Client) -> Client:
    """What accepting an invitation leaves behind in the session."""
    session = client.session
    session["may_sign_up"] = True
    session["pending_join"] = "11111111-1111-4111-8111-111111111111"
    session.save()
    client.cookies["sessionid"] = session.session_key or ""
    return client


def typed(seconds: float = 10, **fields: str) -> dict[str, str]:
    """A form for opening an account, as somebody sends it who has had the page open for so long."""
    return {"moment": stamp(seconds), **fields}


def newest_mail() -> EmailMultiAlternatives:
    message = mail.outbox[-1]
    assert isinstance(message, EmailMultiAlternatives)
    return message


def mailed_code() -> str:
    found = re.search(r"^ {2}(\d{6})$", str(newest_mail().body), re.MULTILINE)
    assert found, newest_mail().body
    return found.group(1)


def wrong_code() -> str:
    return "".join(str((int(digit) + 1) % 10) for digit in mailed_code())


def signed_in_just_now(client: Client, user: User) -> Client:
    """Signed in so lately that nobody asks again before something dangerous."""
    client.force_login(user)
    session = client.session
    session["account_authentication_methods"] = [{"method": "code", "at": time.time()}]
    session["account_authentication_methods_user"] = user_id_to_str(user)
    session.save()
    return client
