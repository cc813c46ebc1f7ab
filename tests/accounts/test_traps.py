"""Robots fill in what nobody sees and send at once; people are asked once more at the worst, and lose nothing."""

import re
import time
from collections.abc import Callable

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts import traps
from accounts.models import User
from accounts.traps import age, stamp
from tests.accounts.doors import PASSWORD, comparable, invite, mailed_code, typed

SIGN_UP, CONFIRM = "/accounts/signup/", "/accounts/confirm/"
NEW = "new@example.org"


def moment_on(page: str) -> str:
    found = re.search(r'name="moment" value="([^"]+)"', page)
    assert found
    return found.group(1)


def test_the_unseen_field_is_unseen_and_says_so(invited: Client) -> None:
    page = invited.get(SIGN_UP).content.decode()
    trap = page.partition('<div class="vh" aria-hidden="true">')[2].partition("</form>")[0]
    assert 'name="tide"' in trap
    assert 'tabindex="-1"' in trap
    assert 'autocomplete="off"' in trap
    assert "Leave this field empty" in trap
    assert "style=" not in page


def test_a_robot_gets_the_answer_of_success_and_nothing_else(nell: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also with the password it chose, in no time, and for whoever has an account: what is shown is one."""
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    pages = []
    for email, tide, moment in [
        (NEW, "", stamp(10)),
        ("robot@example.org", "https://robot.example", stamp(10)),
        ("quick@example.org", "x", stamp()),
        ("late@example.org", "x", "nonsense"),
        (nell.email, "x", stamp(10)),
    ]:
        client = invite(Client(headers={"accept-language": "en"}))
        fields = {"email": email, "password1": PASSWORD, "tide": tide, "moment": moment}
        answer = client.post(SIGN_UP, fields)
        assert (answer.status_code, answer["Location"]) == (302, CONFIRM)
        pages.append(comparable(client.get(CONFIRM).content.decode(), email))
    assert len(set(pages)) == 1
    assert [message.to for message in mail.outbox] == [[NEW]]
    assert set(User.objects.values_list("email", flat=True)) == {NEW, nell.email}


def test_a_robot_has_no_mail_sent_later_either(invited: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    invited.post(SIGN_UP, typed(email="robot@example.org", tide="x"))
    later = time.time() + 60
    monkeypatch.setattr(time, "time", lambda: later)
    invited.post(CONFIRM, {"action": "resend"})
    for code in ("000000", "123456"):
        assert invited.post(CONFIRM, {"code": code}).status_code == 422
    assert mail.outbox == []
    assert not User.objects.exists()


def test_who_was_taken_for_a_robot_can_begin_again(invited: Client, nell: User) -> None:
    invited.post(SIGN_UP, typed(email=NEW, tide="x"))
    invited.post(reverse("account_other_address"))
    assert invited.post(SIGN_UP, typed(email=nell.email))["Location"] == CONFIRM
    assert mail.outbox[-1].to == [nell.email], "has an account already, and is told"
    invited.post(reverse("account_other_address"))
    assert invited.post(SIGN_UP, typed(email="other@example.org"))["Location"] == CONFIRM
    invited.post(CONFIRM, {"code": mailed_code()})
    assert User.objects.filter(email="other@example.org").exists()
    assert "_auth_user_id" in invited.session


def test_sent_at_once_it_is_asked_for_once_more(invited: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = moment_on(invited.get(SIGN_UP).content.decode())
    fields = {"email": NEW, "password1": PASSWORD, "moment": moment}
    answer = invited.post(SIGN_UP, fields)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "That went very quickly. Send it once more." in page
    assert f'value="{NEW}"' in page
    assert f'value="{PASSWORD}"' in page, "nothing is lost"
    assert "no-store" in answer["Cache-Control"]
    assert mail.outbox == []
    assert moment_on(page) == moment
    later = time.time() + traps.QUICKEST_SECONDS
    monkeypatch.setattr(time, "time", lambda: later)
    assert invited.post(SIGN_UP, fields).status_code == 302
    assert len(mail.outbox) == 1


FALSE: dict[str, Callable[[], str]] = {
    "none": lambda: "",
    "no stamp": lambda: "x",
    "nul": lambda: "\x00",
    "a time": lambda: "1800000000.00",
    "no ascii": lambda: "é:é",
    "of yesterday": lambda: stamp(traps.LONGEST_SECONDS + 60),
    "of tomorrow": lambda: stamp(-60),
    "cut": lambda: stamp(10)[:-1],
    "changed": lambda: stamp(10).replace("1", "2", 1),
    "long": lambda: "x" * 5000,
}


@pytest.mark.parametrize("kind", FALSE)
def test_an_old_or_false_stamp_gives_the_form_again_with_all_that_was_typed(invited: Client, kind: str) -> None:
    answer = invited.post(SIGN_UP, {"email": NEW, "password1": PASSWORD, "moment": FALSE[kind]()})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Send it once more." in page
    assert f'value="{NEW}"' in page
    assert f'value="{PASSWORD}"' in page
    again = moment_on(page)
    assert age(again) >= traps.QUICKEST_SECONDS, "once more may be at once"
    assert invited.post(SIGN_UP, {"email": NEW, "password1": PASSWORD, "moment": again}).status_code == 302


def test_other_errors_keep_no_password(invited: Client) -> None:
    page = invited.post(SIGN_UP, typed(email="new@", password1=PASSWORD)).content.decode()
    assert PASSWORD not in page
