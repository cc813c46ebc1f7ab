"""Pages of the demo: outgoing mail, signing in by a printed link; and that they exist nowhere else."""

import subprocess
import sys
import time
from importlib import import_module
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.message import BadHeaderError
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import include, path
from pytest_django import Settings

from accounts import outbox
from accounts.models import User
from communities.models import Community, Membership, Role

urlpatterns = [*import_module(settings.ROOT_URLCONF).urlpatterns, path("demo/", include("operations.demo.urls"))]

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.fixture(autouse=True)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    changed: Settings = request.getfixturevalue("settings")
    changed.VAR_DIR = tmp_path
    changed.EMAIL_BACKEND = "accounts.outbox.EmailBackend"
    return tmp_path / "outbox"


def send(subject: str = "Your code", html: str = "", to: str = "nell@example.org") -> None:
    message = EmailMultiAlternatives(
        subject,
        "Hello\n\n  123456",
        "kreis@example.org",
        [to],
        connection=get_connection("accounts.outbox.EmailBackend"),
    )
    if html:
        message.attach_alternative(html, "text/html")
    message.send()


def test_mails_are_readable_newest_first(folder: Path) -> None:
    send("earlier")
    time.sleep(0.001)
    send("later", "<html><style>p{}</style><!-- content --><h1>Hi</h1><p class='mail-code'>123456</p><!-- /content -->")
    assert [mail.subject for mail in outbox.newest_first()] == ["later", "earlier"]
    listed = Client(headers={"accept-language": "en"}).get("/demo/mail/").content.decode()
    assert listed.index("later") < listed.index("earlier")
    newest = outbox.newest_first()[0]
    page = Client().get(f"/demo/mail/{newest.id}/").content.decode()
    assert '<p class="mail-code">123456</p>' in page
    assert "<style" not in page
    assert [file.stat().st_mode & 0o777 for file in folder.glob("*.json")] == [0o600, 0o600]


def test_hostile_mail_is_shown_as_text(folder: Path) -> None:
    send(
        "<script>alert(1)</script>",
        "<!-- content --><script>alert(1)</script><img src=x onerror=alert(1)>"
        "<a href='javascript:alert(1)'>x</a><!-- /content -->",
    )
    page = Client().get(f"/demo/mail/{outbox.newest_first()[0].id}/").content.decode()
    for bad in ("<script>alert", "onerror", "javascript:"):
        assert bad not in page


def test_headers_cannot_be_smuggled_in(folder: Path) -> None:
    with pytest.raises(BadHeaderError):
        send("Hello\nBcc: victim@example.org")
    assert outbox.newest_first() == []


def test_only_the_newest_two_hundred_are_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "MOST_MAILS", 3)
    for number in range(5):
        send(str(number))
    assert [mail.subject for mail in outbox.newest_first()] == ["4", "3", "2"]


@pytest.mark.parametrize("wrong", ["..%2F..%2Fetc%2Fpasswd", "x", "0" * 20 + "-zzzzzzzz"])
def test_only_mails_can_be_read(folder: Path, wrong: str) -> None:
    assert Client().get(f"/demo/mail/{wrong}/").status_code == 404


@pytest.fixture
def mira() -> Membership:
    user = User.objects.create_user("mira@demo.example", language="de")
    community = Community.objects.create(name="Atempause", slug="atempause")
    role = Role.objects.create(community=community, code="owner", group=Group.objects.create(name="of a test"))
    return Membership.objects.create(user=user, community=community, role=role, display_name="Mira Albrecht")


def test_a_printed_link_signs_in_after_one_click(mira: Membership) -> None:
    from operations.demo import links

    (person,) = links.people()
    assert (person.name, person.role, person.community) == ("Mira Albrecht", "owner", "Atempause")
    client = Client(headers={"accept-language": "de"})
    page = client.get(person.path).content.decode()
    assert "_auth_user_id" not in client.session, "opening the link changes nothing"
    assert "Mira Albrecht" in page
    assert "autofocus" in page
    assert client.post(person.path)["Location"] == "/"
    assert client.session["_auth_user_id"] == str(mira.user_id)


def test_a_link_works_for_twelve_hours(mira: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    from operations.demo import links

    (person,) = links.people()
    late = time.time() + 12 * 60 * 60 + 60
    monkeypatch.setattr(time, "time", lambda: late)
    assert Client().post(person.path).status_code == 404


def test_only_demo_people_have_links(mira: Membership) -> None:
    from operations.demo import links

    signed = links.sign(mira)
    User.objects.update(email="mira@example.org")
    assert list(links.people()) == []
    assert links.person_of(signed) is None


def test_the_command_prints_links_in_demo_mode_only(mira: Membership, settings: Settings) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError):
        call_command("demo_links")
    settings.DEMO = True
    out = StringIO()
    call_command("demo_links", port=8123, stdout=out)
    first, last = out.getvalue().splitlines()
    assert first.startswith("  Mira Albrecht (owner, Atempause)  http://localhost:8123/demo/sign-in/")
    assert last.strip().endswith("http://localhost:8123/demo/mail/")


def test_a_wrong_link_signs_nobody_in() -> None:
    User.objects.create_user("mira@demo.example")
    client = Client()
    assert client.post("/demo/sign-in/anything/").status_code == 404
    assert "_auth_user_id" not in client.session


def test_without_demo_mode_nothing_of_it_is_loaded() -> None:
    """In a process of its own: here the modules are loaded already."""
    code = (
        "import django; django.setup(); import sys; from django.urls import get_resolver; get_resolver().url_patterns;"
        "print([name for name in sys.modules if name.startswith(('operations.demo', 'accounts.outbox'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
