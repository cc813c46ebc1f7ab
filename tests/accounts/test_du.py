"""Nobody is addressed as "Sie": neither by our own words nor by those of Django and allauth."""

import re
from pathlib import Path

import allauth
import django
import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from tests.accounts.doors import PASSWORD, invite, signed_in_just_now, typed

FORMAL = re.compile(r"\b(Sie|Ihr|Ihre|Ihrem|Ihren|Ihrer|Ihres|Ihnen)\b")
#: At the beginning of a sentence "sie" and "ihr" are written so for other reasons.
THIRD_PERSON = re.compile(
    r"(^|[.:!?„] ?)(Sie (gelten|gilt|ist|sind|steht|stehen|wird|werden|bleibt|bleiben)|Ihr seid)\b"
)
OURS = Path(settings.BASE_DIR) / "locale" / "de" / "LC_MESSAGES" / "django.po"
DJANGO, ALLAUTH = Path(django.__file__).parent, Path(allauth.__file__).parent
#: Parts of both packages that this installation does not have, or has written anew.
ABSENT = (
    "mfa/",
    "socialaccount/",
    "templates/mfa/",
    "templates/socialaccount/",
    "usersessions/",
    "templates/usersessions/",
    "idp/",
    "templates/idp/",
)


def is_formal(text: str) -> bool:
    return bool(FORMAL.search(THIRD_PERSON.sub("", text)))


def sentences(message: Message) -> list[str]:
    strings = message.string if isinstance(message.string, tuple | list) else [message.string]
    return [text for text in strings if text]


def formal_in(catalogue: Path) -> list[Message]:
    with catalogue.open("rb") as file:
        found = [entry for entry in read_po(file) if entry.id and any(is_formal(text) for text in sentences(entry))]
    return [
        entry
        for entry in found
        if not entry.locations or not all(name.startswith(ABSENT) for name, _ in entry.locations)
    ]


def singular(message: Message) -> str:
    return str(message.id[0] if isinstance(message.id, tuple | list) else message.id)


def test_our_own_catalogue_says_du() -> None:
    assert [sentences(entry) for entry in formal_in(OURS)] == []


@pytest.mark.parametrize(
    "catalogue",
    [
        DJANGO / "conf/locale/de/LC_MESSAGES/django.po",
        DJANGO / "contrib/auth/locale/de/LC_MESSAGES/django.po",
        DJANGO / "contrib/contenttypes/locale/de/LC_MESSAGES/django.po",
        DJANGO / "contrib/sessions/locale/de/LC_MESSAGES/django.po",
        ALLAUTH / "locale/de/LC_MESSAGES/django.po",
    ],
    ids=lambda path: str(path.relative_to(path.parents[4])),
)
def test_what_django_and_allauth_say_formally_is_overridden(catalogue: Path) -> None:
    left = {}
    with translation.override("de"):
        for entry in formal_in(catalogue):
            spoken = translation.gettext(singular(entry))
            if spoken == singular(entry) or is_formal(spoken):
                left[singular(entry)] = spoken
    assert left == {}


def test_this_test_would_notice() -> None:
    assert is_formal("Bitte geben Sie Ihr Passwort ein.")
    assert is_formal("Verwenden Sie Ihr Passwort")
    assert not is_formal("Wir schicken sechs Ziffern. Sie gelten 15 Minuten.")
    assert len(formal_in(ALLAUTH / "locale/de/LC_MESSAGES/django.po")) > 10


def test_no_page_of_an_account_says_sie(nell: User) -> None:
    User.objects.filter(pk=nell.pk).update(language="de")
    guest, joining, person = (Client(headers={"accept-language": "de"}) for _ in range(3))
    invite(joining)
    signed_in_just_now(person, nell)
    pages = [
        guest.get(reverse("account_login")),
        guest.post(reverse("account_login"), {"login": "x", "password": "y"}),
        guest.post(reverse("account_login"), {"login": nell.email, "password": "wrong words here"}),
        guest.get(reverse("account_signup")),
        guest.get(reverse("account_request_login_code")),
        guest.get(reverse("account_reset_password")),
        guest.get(reverse("account_inactive")),
        joining.get(reverse("account_signup")),
        joining.post(reverse("account_signup"), typed(email="", password1="kurz")),
        joining.post(reverse("account_signup"), typed(email="new@example.org", password1="password1234")),
        joining.post(reverse("account_signup"), typed(email="new@example.org", password1=""), follow=True),
        joining.post(reverse("account_email_verification_sent"), {"code": "12"}),
        person.get(reverse("account")),
        person.get(reverse("account_email")),
        person.post(reverse("account_email"), {"email": nell.email, "action_add": ""}),
        person.get(reverse("account_change_password")),
        person.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": "123"}),
        person.get(reverse("account_reauthenticate")),
        person.get(reverse("mfa_index")),
        person.get(reverse("mfa_add_webauthn")),
        person.post(reverse("mfa_add_webauthn"), {"name": "", "credential": "{}"}),
        person.get(reverse("mfa_activate_totp")),
        person.post(reverse("mfa_activate_totp"), {"code": "123456"}),
        person.get(reverse("account_logout")),
    ]
    for page in pages:
        assert page.status_code in {200, 422}
        text = re.sub(r"<[^>]+>", " ", page.content.decode())
        assert not [line for line in text.splitlines() if is_formal(line.strip())], page.request["PATH_INFO"]


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_line_of_the_templates_is_translated(language: str, nell: User) -> None:
    """No English is left on a German page."""
    if language == "en":
        return
    page = Client(headers={"accept-language": "de"}).get(reverse("account_login")).content.decode()
    for english in ("Sign in", "Send the code", "Email address", "invitation?"):
        assert english not in page
