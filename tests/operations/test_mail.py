"""By which server mail leaves, the test mail, and what it says where it does not leave."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.mail import EmailMessage, send_mail
from django.utils import translation
from pytest_django import Settings

from core.installation import keep
from core.mail import MailServer, NoMailServer, can_send
from core.models import Installation
from operations.mail import MailForm, MailTrouble, choose_mail_server, send_test_mail
from tests.operations.post import Post, certificate_for_nobody

pytestmark = pytest.mark.django_db

PASSWORD = "mail-pass word"


@pytest.fixture(autouse=True)
def _sent_for_real(settings: Settings, db: None) -> Iterator[None]:
    settings.EMAIL_BACKEND = "core.mail.EmailBackend"
    settings.EMAIL_HOST = ""
    Installation.objects.get_or_create(pk=Installation.ROW)
    keep(None)
    with translation.override("en"):
        yield


@pytest.fixture
def post() -> Iterator[Post]:
    with Post().open() as running:
        yield running


def server(port: int, **other: str) -> MailServer:
    plain = {"host": "127.0.0.1", "security": "none", "user": "", "password": "", "sender": "kreis@place.example"}
    return MailServer(port=port, **{**plain, **other})


def typed(**other: str) -> dict[str, str]:
    plain = {"mail_host": "mail.example.org", "mail_port": "465", "mail_security": "tls", "mail_user": "us"}
    return {**plain, "mail_password": PASSWORD, "mail_from": "kreis@place.example", **other}


def row() -> Installation:
    return Installation.objects.get(pk=Installation.ROW)


# ---- Which server ----


def test_without_a_server_a_mail_could_not_be_sent_like_any_other() -> None:
    assert not can_send()
    with pytest.raises(NoMailServer):
        send_mail("Words", "More words", None, ["mel@example.org"])


def test_mail_leaves_by_the_server_of_the_row_and_from_its_sender(post: Post) -> None:
    choose_mail_server(server(post.port))
    assert can_send()
    send_mail("Words", "More words", None, ["mel@example.org"])
    assert "From: kreis@place.example" in post.mails[0]


def test_who_names_a_sender_keeps_it(post: Post) -> None:
    choose_mail_server(server(post.port))
    EmailMessage("Words", "More words", "other@place.example", ["mel@example.org"]).send()
    assert "From: other@place.example" in post.mails[0]


def test_the_environment_wins_over_the_row(post: Post, settings: Settings) -> None:
    choose_mail_server(server(1, sender="row@place.example"))
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", post.port
    settings.DEFAULT_FROM_EMAIL = "environment@place.example"
    send_mail("Words", "More words", None, ["mel@example.org"])
    assert "From: environment@place.example" in post.mails[0]


def test_the_password_is_sealed_and_used() -> None:
    with Post(account=("us", PASSWORD)).open() as post:
        choose_mail_server(server(post.port, user="us", password=PASSWORD))
        assert row().mail_password
        assert PASSWORD not in row().mail_password
        send_mail("Words", "More words", None, ["mel@example.org"])
    assert len(post.mails) == 1


def test_a_lost_key_makes_a_mail_that_could_not_be_sent(settings: Settings) -> None:
    choose_mail_server(server(25, user="us", password=PASSWORD))
    settings.SEAL_KEYS = ["another-key"]
    with pytest.raises(NoMailServer):
        send_mail("Words", "More words", None, ["mel@example.org"])


# ---- The test mail ----


def test_a_test_mail_arrives(post: Post) -> None:
    send_test_mail(to="op@example.org", server=server(post.port))
    assert "To: op@example.org" in post.mails[0]
    assert "kreis@place.example" in post.mails[0]


@pytest.mark.parametrize(
    ("verb", "answer", "field"),
    [
        ("MAIL", b"553 not you", "mail_from"),
        ("RCPT", b"550 nobody of that name", ""),
        ("DATA", b"554 no", ""),
    ],
)
def test_what_the_server_refuses_is_said(post: Post, verb: str, answer: bytes, field: str) -> None:
    post.refuses[verb] = answer
    with pytest.raises(MailTrouble) as trouble:
        send_test_mail(to="op@example.org", server=server(post.port))
    assert trouble.value.field == field
    assert "127.0.0.1" in trouble.value.reason
    assert answer.decode() not in trouble.value.reason


def test_a_wrong_password_is_said_and_stands_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    with Post(account=("us", "right")).open() as post, pytest.raises(MailTrouble) as trouble:
        send_test_mail(to="op@example.org", server=server(post.port, user="us", password=PASSWORD))
    assert trouble.value.field == "mail_password"
    assert trouble.value.__cause__ is None
    assert PASSWORD not in f"{caplog.text} {trouble.value}"
    assert PASSWORD not in repr(server(1, password=PASSWORD))


def test_a_closed_port_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(MailTrouble, match="refuses connections") as trouble:
        send_test_mail(to="op@example.org", server=server(port))
    assert trouble.value.field == "mail_port"


@pytest.mark.parametrize("host", ["no-such-host.invalid", "mail..example.org", "x" * 80 + ".example"])
def test_an_unknown_name_is_said(host: str) -> None:
    with pytest.raises(MailTrouble, match="There is no server called") as trouble:
        send_test_mail(to="op@example.org", server=server(25, host=host))
    assert trouble.value.field == "mail_host"


@pytest.mark.parametrize("security", ["tls", "starttls", "none"])
@pytest.mark.parametrize("host", ["10.0.0.7", "172.18.0.3", "192.168.0.1", "169.254.169.254", "[fd00::1]", "0.0.0.0"])
def test_what_lives_in_the_network_of_this_machine_is_not_told(
    host: str, security: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same words as for a name that nobody has, and nothing is sent there to find out."""
    tried: list[object] = []
    monkeypatch.setattr(socket, "create_connection", lambda *args, **kwargs: tried.append(args))
    with pytest.raises(MailTrouble, match="There is no server called") as trouble:
        send_test_mail(to="op@example.org", server=server(5432, host=host.strip("[]"), security=security))
    assert trouble.value.field == "mail_host"
    assert not tried


def test_in_a_network_of_one_s_own_it_is_tried(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*args: object, **kwargs: object) -> None:
        raise ConnectionRefusedError

    settings.MAIL_OWN_NETWORK = True
    monkeypatch.setattr(socket, "create_connection", refused)
    with pytest.raises(MailTrouble, match="refuses connections"):
        send_test_mail(to="op@example.org", server=server(25, host="10.0.0.7"))


def test_a_foreign_certificate_is_said_and_nothing_is_sent(tmp_path: Path) -> None:
    with Post(tls=certificate_for_nobody(tmp_path), account=("us", PASSWORD)).open() as post:
        with pytest.raises(MailTrouble, match="certificate") as trouble:
            send_test_mail(to="op@example.org", server=server(post.port, security="tls", user="us", password=PASSWORD))
        assert trouble.value.field == "mail_host"
        assert not post.mails


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_the_wrong_encryption_is_said(post: Post, security: str) -> None:
    with pytest.raises(MailTrouble) as trouble:
        send_test_mail(to="op@example.org", server=server(post.port, security=security))
    assert trouble.value.field == "mail_security"


def test_a_silent_server_is_waited_for_only_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.mail.PATIENCE", 0.3)
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        pytest.raises(MailTrouble, match="other encryption") as trouble,
    ):
        send_test_mail(to="op@example.org", server=server(silent.getsockname()[1]))
    assert trouble.value.field == "mail_security"


def test_a_port_that_swallows_everything_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.mail.PATIENCE", 0.3)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        address = full.getsockname()
        with socket.create_connection(address), pytest.raises(MailTrouble, match="does not answer") as trouble:
            send_test_mail(to="op@example.org", server=server(address[1]))
    assert trouble.value.field == "mail_port"


# ---- The form ----


def test_the_form_makes_a_server_and_writes_nothing() -> None:
    form = MailForm.of(row(), typed())
    assert form.is_valid(), form.errors
    assert form.server() == MailServer("mail.example.org", 465, "tls", "us", PASSWORD, "kreis@place.example")
    assert row().mail_host == ""


def test_an_empty_password_keeps_the_one_that_is_kept() -> None:
    choose_mail_server(MailServer("mail.example.org", 465, "tls", "us", PASSWORD, "kreis@place.example"))
    form = MailForm.of(row(), typed(mail_password="", mail_port="587", mail_security="starttls"))
    assert form.is_valid(), form.errors
    assert form.server().password == PASSWORD
    assert PASSWORD not in str(MailForm.of(row()))


@pytest.mark.parametrize("moved", [{"mail_host": "thief.example.org"}, {"mail_user": "somebody-else"}])
def test_the_kept_password_goes_to_no_other_server(moved: dict[str, str]) -> None:
    choose_mail_server(MailServer("mail.example.org", 465, "tls", "us", PASSWORD, "kreis@place.example"))
    form = MailForm.of(row(), typed(mail_password="", **moved))
    assert list(form.errors) == ["mail_password"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("mail_host", ""),
        ("mail_host", "https://mail.example.org/"),
        ("mail_host", "mail.example.org\r\nX: y"),
        ("mail_host", "mail\x00"),
        ("mail_port", "0"),
        ("mail_port", "9" * 30),
        ("mail_user", "müller"),
        ("mail_password", "straße"),
        ("mail_security", "rot13"),
        ("mail_security", "none"),
        ("mail_from", "nobody"),
        ("mail_from", "a@b.example\r\nBcc: c@d.example"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(field: str, value: str) -> None:
    form = MailForm.of(row(), typed(**{field: value}))
    assert field in form.errors


def test_without_encryption_only_to_this_machine() -> None:
    assert MailForm.of(row(), typed(mail_host="localhost", mail_security="none", mail_port="25")).is_valid()
