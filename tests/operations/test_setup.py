"""The first run, from the door to the day after it: who gets in, what is made once, and that it is gone for good."""

import re
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from communities.models import Community, Invitation, Membership
from core.installation import keep
from core.models import Installation
from operations.setup.actions import AlreadySetUp, finish, found_first, make_operator
from operations.setup.doors import setup_link, setup_token
from tests import factories
from tests.operations.post import Post

PASSWORD = "vier ruhige Worte hier"
STEPS = ("server", "mail", "account", "group", "rules", "invitations", "keys")
GROUP = {"size": "table", "name": "Tidewater", "slug": "tidewater", "hue": "222", "language": "en"}
GROUP |= {"display_name": "Nell", "purpose": "Mending.", "hosting": ""}
#: What most would type into each step.
TYPED: dict[str, dict[str, Any]] = {
    "server": {"name": "Our place", "language": "en"},
    "mail": {"act": "skip"},
    "account": {"email": "op@place.example", "password": PASSWORD},
    "group": GROUP,
    "rules": {"kept_1": "on", "title_1": "Be kind"},
    "invitations": {"name_1": "Beate", "days": "7"},
}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _waiting(db: None) -> Iterator[None]:
    """A place that nobody has set up yet."""
    Installation.objects.update_or_create(pk=Installation.ROW, defaults={"set_up_at": None, "setup": {}})
    keep(None)
    yield
    keep(None)


def row() -> Installation:
    return Installation.objects.get(pk=Installation.ROW)


def at_the_machine() -> Client:
    return Client(headers={"host": "localhost", "accept-language": "en"}, REMOTE_ADDR="127.0.0.1")


def far_away() -> Client:
    return Client(headers={"host": "testserver", "accept-language": "en"}, REMOTE_ADDR="203.0.113.7")


@pytest.fixture
def near() -> Client:
    return at_the_machine()


def post(client: Client, step: str, **typed: Any) -> Any:
    return client.post(reverse("setup_step", args=[step]), typed)


def up_to(client: Client, step: str) -> None:
    """The steps before this one."""
    for one in STEPS[: STEPS.index(step)]:
        answer = post(client, one, **TYPED[one])
        assert answer.status_code == (200 if one == "invitations" else 302), (one, answer.content.decode())


# ---- The door ----


def test_until_it_is_set_up_the_first_page_leads_there(near: Client) -> None:
    assert near.get("/").headers["Location"] == reverse("setup")
    assert near.get(reverse("setup")).headers["Location"] == reverse("setup_step", args=["server"])
    assert "What is this place called?" in near.get(reverse("setup_step", args=["server"])).content.decode()


@pytest.mark.parametrize("step", ["", *STEPS, "no-such"])
def test_without_the_token_it_says_where_to_find_it_and_nothing_else(step: str) -> None:
    User.objects.create_user("secret@place.example", is_operator=True)
    address = reverse("setup_step", args=[step]) if step else reverse("setup")
    for answer in (far_away().get(address), far_away().post(address, GROUP)):
        assert answer.status_code == 403
        assert "setup_link" in answer.content.decode()
        assert "secret@" not in answer.content.decode()
    assert not Community.objects.exists()


@pytest.mark.parametrize(
    ("headers", "address"),
    [
        ({"x-forwarded-for": "127.0.0.1"}, "127.0.0.1"),
        ({"x-forwarded-host": "localhost"}, "127.0.0.1"),
        ({"forwarded": "for=127.0.0.1;host=localhost"}, "127.0.0.1"),
        ({"via": "1.1 somebody"}, "127.0.0.1"),
        ({"x-real-ip": "127.0.0.1"}, "127.0.0.1"),
        ({"cf-connecting-ip": "127.0.0.1"}, "127.0.0.1"),
        ({"host": "testserver"}, "203.0.113.7"),
        ({"host": "localhost"}, "203.0.113.7"),
        ({"host": "localhost.evil.example"}, "127.0.0.1"),
        ({"host": "localhost"}, ""),
        ({"host": "localhost"}, "not an address"),
    ],
)
def test_who_only_claims_to_sit_at_the_machine_stays_outside(
    headers: dict[str, str], address: str, settings: Settings
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    client = Client(headers={"host": "localhost"} | headers, REMOTE_ADDR=address)
    assert client.get(reverse("setup_step", args=["server"])).status_code == 403
    assert at_the_machine().get(reverse("setup_step", args=["server"])).status_code == 200


def test_behind_a_proxy_nobody_sits_at_the_machine(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 1
    assert at_the_machine().get(reverse("setup_step", args=["server"])).status_code == 403


def test_the_token_lets_in_and_leaves_the_address() -> None:
    client, link = far_away(), setup_link("http://testserver")
    answer = client.get(link)
    assert answer.headers["Location"] == reverse("setup")
    page = client.get(answer.headers["Location"], follow=True)
    assert page.status_code == 200
    assert setup_token() not in page.content.decode()


def test_the_token_may_be_typed_in_alone_or_with_its_link() -> None:
    for typed in (setup_token(), f" {setup_link('http://testserver')} "):
        client = far_away()
        assert client.post(reverse("setup"), {"token": typed}).status_code == 302
        assert client.get(reverse("setup_step", args=["server"])).status_code == 200


@pytest.mark.parametrize("token", ["0" * 40, "é", "x" * 5000, "\x00"])
def test_a_wrong_token_lets_nobody_in(token: str) -> None:
    client = far_away()
    setup_token()
    assert client.get(reverse("setup"), {"token": token}).status_code == 403
    assert client.post(reverse("setup"), {"token": token}).status_code == 403
    assert client.get(reverse("setup_step", args=["server"])).status_code == 403


def test_every_process_says_the_same_token_and_another_place_another() -> None:
    first = setup_token()
    assert re.fullmatch("[0-9a-f]{40}", first)
    assert setup_token() == first
    Installation.objects.update(setup={})
    assert setup_token() != first


def test_tokens_are_not_guessed_for_long() -> None:
    client = far_away()
    for _ in range(20):
        client.post(reverse("setup"), {"token": "0" * 40})
    assert client.post(reverse("setup"), {"token": setup_token()}).status_code == 429


# ---- The way ----


def test_from_the_first_page_to_the_first_invitation(near: Client) -> None:
    up_to(near, "keys")
    assert "KREIS_SEAL_KEY" in near.get(reverse("setup_step", args=["keys"])).content.decode()
    assert post(near, "keys").status_code == 422
    assert post(near, "keys", kept="on").headers["Location"] == "/c/tidewater/"
    assert near.get("/c/tidewater/").status_code == 200
    operator, founder, place = User.objects.get(), Membership.objects.get(), row()
    assert operator.is_operator
    assert operator.check_password(PASSWORD)
    assert (founder.user, founder.role.code, founder.display_name) == (operator, "owner", "Nell")
    assert (place.name, place.language) == ("Our place", "en")
    assert place.set_up_at is not None
    assert Invitation.objects.get().label == "Beate"


def test_the_browser_of_the_first_run_is_known_afterwards(near: Client) -> None:
    up_to(near, "keys")
    post(near, "keys", kept="on")
    mail.outbox.clear()
    near.post(reverse("account_logout"))
    operator = User.objects.get()
    near.post(reverse("account_login"), {"login": operator.email, "password": PASSWORD})
    assert near.session["_auth_user_id"] == str(operator.pk)
    assert [message.subject for message in mail.outbox] == []


def test_it_goes_on_where_it_was_left(near: Client) -> None:
    for step in STEPS:
        assert near.get(reverse("setup")).headers["Location"] == reverse("setup_step", args=[step])
        post(near, step, **TYPED.get(step, {}))


@pytest.mark.parametrize("step", ["group", "rules", "invitations", "keys"])
def test_a_step_leads_to_the_one_that_is_missing(near: Client, step: str) -> None:
    for answer in (near.get(reverse("setup_step", args=[step])), post(near, step, kept="on")):
        assert answer.headers["Location"] == reverse("setup_step", args=["account"])
    assert row().set_up_at is None


@pytest.mark.parametrize(
    ("step", "typed", "kept", "words"),
    [
        ("server", {"name": " ", "language": "de"}, "", "needs a name"),
        ("server", {"name": "Ours", "language": "fr"}, 'value="Ours"', "error"),
        ("mail", {"mail_host": "a b", "test_to": "x@y.example"}, "x@y.example", "Only the name of the server"),
        ("account", {"email": "op@place.example", "password": "short"}, "op@place.example", "12"),
        ("account", {"email": "a@b.example\r\nBcc: c@d.example", "password": PASSWORD}, "", "error"),
        ("group", {**GROUP, "slug": "tide water"}, 'value="Tidewater"', "Addresses have no spaces"),
        ("group", {**GROUP, "size": "9" * 30}, 'value="Tidewater"', "error"),
        ("rules", {"text_1": "Words", "kept_1": "on"}, "Words", "what the rule is called"),
        ("invitations", {"days": "7"}, 'value="7"', "first invitation for"),
        ("invitations", {"name_1": "Beate", "days": "9" * 30}, "Beate", "error"),
    ],
)
def test_what_was_typed_stays_with_the_reason_beside_it(
    near: Client, step: str, typed: dict[str, str], kept: str, words: str
) -> None:
    up_to(near, step)
    answer = post(near, step, **typed)
    assert answer.status_code == 422
    assert kept in answer.content.decode()
    assert words in answer.content.decode()


def test_mail_is_tried_out_and_kept_sealed(near: Client, settings: Settings) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = "core.mail.EmailBackend", ""
    up_to(near, "mail")
    with Post(account=("us", "mail-secret")).open() as office:
        typed = {"mail_host": "localhost", "mail_port": office.port, "mail_security": "none", "mail_user": "us"}
        typed |= {"mail_from": "kreis@place.example", "test_to": "op@place.example", "act": "test"}
        wrong = post(near, "mail", **typed, mail_password="other-secret")
        assert wrong.status_code == 422
        assert "does not accept this account" in wrong.content.decode()
        assert "other-secret" not in wrong.content.decode()
        assert row().mail_host == ""
        assert post(near, "mail", **typed, mail_password="mail-secret").status_code == 302
    assert len(office.mails) == 1
    page = near.get(reverse("setup_step", args=["mail"])).content.decode()
    assert "on its way to op@place.example" in page
    assert "mail-secret" not in page + row().mail_password
    assert row().mail_password
    assert row().setup["mail"] == "sent"


def test_the_switch_of_languages_is_the_places(near: Client) -> None:
    answer = near.post(reverse("setup_language"), {"language": "de", "step": "server"})
    assert answer.headers["Location"] == reverse("setup_step", args=["server"])
    assert "Wie heißt dieser Ort?" in near.get(answer.headers["Location"]).content.decode()
    assert row().language == "de"
    assert near.post(reverse("setup_language"), {"language": "xx", "step": "//evil"}).headers["Location"] == "/setup/"


def test_who_asks_for_no_language_that_is_spoken_here_hears_the_places(near: Client) -> None:
    near.post(reverse("setup_language"), {"language": "en", "step": "server"})
    for asked, heard in (
        ("", "Sign in"),
        ("fr, *;q=0.5", "Sign in"),
        ("fr, de-AT;q=0.3", "Anmelden"),
        ("x" * 600, "Sign in"),
    ):
        page = Client(headers={"accept-language": asked}).get(reverse("account_login")).content.decode()
        assert heard in page


# ---- Twice ----


def test_two_clicks_make_one_account_and_one_group(near: Client) -> None:
    up_to(near, "account")
    for _ in range(2):
        post(near, "account", **TYPED["account"])
    for _ in range(2):
        assert post(near, "group", **GROUP).status_code == 302
    assert (User.objects.count(), Community.objects.count(), Membership.objects.count()) == (1, 1, 1)


def test_back_changes_what_was_founded(near: Client) -> None:
    up_to(near, "invitations")
    assert 'value="Tidewater"' in near.get(reverse("setup_step", args=["group"])).content.decode()
    post(near, "group", **{**GROUP, "name": "Ebb", "slug": "ebb", "size": "hall"})
    place = Community.objects.get()
    assert (place.name, place.slug, place.size_limit) == ("Ebb", "ebb", 150)
    assert place.rules.get().title == "Be kind"


def test_the_same_invitations_come_again_with_the_same_links(near: Client) -> None:
    up_to(near, "invitations")
    typed = {"name_1": "Beate", "name_3": "Levi", "days": "7", "form_id": str(uuid.uuid4())}
    pages = [post(near, "invitations", **typed).content.decode() for _ in range(2)]
    links = [set(re.findall(r"/i/([\w-]{32})/", page)) for page in pages]
    assert links[0] == links[1]
    assert len(links[0]) == Invitation.objects.count() == 2
    assert pages[0].count('role="img" aria-label="QR code') == 2
    assert all(far_away().get(f"/i/{token}/").status_code == 200 for token in links[0])


def test_another_browser_begins_at_the_account_and_takes_it_over(near: Client) -> None:
    up_to(near, "rules")
    other = far_away()
    other.get(setup_link("http://testserver"))
    assert other.get(reverse("setup_step", args=["keys"])).headers["Location"].endswith("/account/")
    assert "op@place.example" in other.get(reverse("setup_step", args=["account"])).content.decode()
    post(other, "account", email="new@place.example", password="andere ruhige Worte")
    assert User.objects.get().email == "new@place.example"
    assert other.get(reverse("setup")).headers["Location"].endswith("/rules/")
    assert near.get(reverse("setup_step", args=["rules"])).headers["Location"].endswith("/account/")


def test_an_account_with_a_second_factor_is_signed_in_to_and_not_taken_over(near: Client) -> None:
    from allauth.mfa.models import Authenticator

    up_to(near, "group")
    Authenticator.objects.create(user=User.objects.get(), type=Authenticator.Type.TOTP, data={"secret": "x"})
    other = at_the_machine()
    assert "Sign in with it" in other.get(reverse("setup_step", args=["account"])).content.decode()
    post(other, "account", email="new@place.example", password="andere ruhige Worte")
    assert User.objects.get().email == "op@place.example"
    assert not other.session.get("_auth_user_id")


def test_the_address_of_somebody_else_is_not_taken(near: Client) -> None:
    factories.account("nell")
    up_to(near, "account")
    assert post(near, "account", email="NELL@example.org", password=PASSWORD).status_code == 422
    assert not User.objects.filter(is_operator=True).exists()


def test_once_somebody_came_the_group_stays_as_they_saw_it(near: Client) -> None:
    up_to(near, "keys")
    factories.member(Community.objects.get(), "Beate")
    answer = post(near, "group", **{**GROUP, "name": "Other"})
    assert answer.status_code == 422
    assert "Somebody has accepted an invitation" in answer.content.decode()
    assert post(near, "rules", kept_1="on", title_1="Other").status_code == 422
    assert Community.objects.get().name == "Tidewater"


def test_who_was_invited_meanwhile_is_not_sent_to_the_set_up(near: Client) -> None:
    up_to(near, "keys")
    beate = factories.member(Community.objects.get(), "Beate")
    assert beate.user is not None
    guest = far_away()
    guest.force_login(beate.user)
    assert guest.get("/").headers["Location"] == "/c/tidewater/"
    assert guest.get(reverse("setup_step", args=["keys"])).status_code == 403


# ---- Gone ----


def test_set_up_it_is_gone_for_everybody_for_ever(near: Client) -> None:
    link = setup_link("http://testserver")
    up_to(near, "keys")
    post(near, "keys", kept="on")
    steps = [reverse("setup_step", args=[step]) for step in (*STEPS, "no-such")]
    for client in (near, far_away(), at_the_machine()):
        for address in (link, reverse("setup"), reverse("setup_language"), *steps):
            assert client.get(address).status_code == 404
            assert client.post(address, {"kept": "on", **GROUP}).status_code == 404
    assert setup_link() == ""
    assert near.get("/").headers["Location"] == "/c/tidewater/"


def test_a_process_that_has_not_heard_of_it_yet_shows_nothing_either(near: Client) -> None:
    up_to(near, "keys")
    Installation.objects.update(set_up_at=timezone.now())
    keep(Installation(), seconds=3600)
    for step in STEPS:
        assert near.get(reverse("setup_step", args=[step])).status_code == 404
        assert post(near, step, **TYPED.get(step, {"kept": "on"})).status_code == 404


def test_it_is_not_finished_before_there_is_a_group_with_rules(near: Client) -> None:
    up_to(near, "rules")
    assert post(near, "keys", kept="on").headers["Location"].endswith("/rules/")
    assert row().set_up_at is None


def test_the_keys_are_for_the_operator_alone(near: Client) -> None:
    up_to(near, "keys")
    assert at_the_machine().get(reverse("setup_step", args=["keys"])).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_two_tabs_at_once_finish_it_once() -> None:
    operator = make_operator(email="op@place.example", password=PASSWORD, language="en")
    found_first(operator=operator, **{**GROUP, "hue": 222})
    Community.objects.get().rules.create(number=1, title="Be kind")

    def end(_number: int) -> bool:
        try:
            finish(operator=operator)
            return True
        except AlreadySetUp:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(end, range(4))) == 1


@pytest.mark.django_db(transaction=True)
def test_two_browsers_at_once_make_one_account_and_one_group() -> None:
    def begin(_number: int) -> uuid.UUID:
        try:
            operator = make_operator(email="op@place.example", password=PASSWORD, language="en")
            return found_first(operator=operator, form_id=uuid.uuid4(), **{**GROUP, "hue": 222}).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        assert len(set(pool.map(begin, range(3)))) == 1
    assert (User.objects.count(), Community.objects.count()) == (1, 1)


def test_the_demo_has_been_set_up_and_somebody_runs_it() -> None:
    from operations.demo.loading import load_demo

    assert load_demo()
    assert row().set_up_at is not None
    for operator in User.objects.filter(is_operator=True):
        assert Membership.objects.filter(user=operator, role__code="owner").exists()
    assert User.objects.filter(is_operator=True).exists()
