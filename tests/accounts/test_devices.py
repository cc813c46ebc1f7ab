"""Where one is signed in: what the list says, and how a device is signed out from another one."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import tasks
from accounts.devices import Device, devices_of
from accounts.models import Session, User
from accounts.sessions import session_mark
from tests.accounts.doors import PASSWORD, invite, mailed_code

BROWSERS = {
    "Firefox on Linux": "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0",
    "Safari on iOS": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1",
    "Edge on Windows": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/128.0.0.0 Safari/537.36 Edg/128.0.0.0",
    "Chrome on Android": "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/128.0.0.0 Mobile Safari/537.36",
    "Safari on macOS": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Safari/605.1.15",
    "Unknown browser": "<script>alert(1)</script>" * 1000,
}


def sign_in(user: User, browser: str = "Firefox on Linux") -> Client:
    """By mailed code or password in the browser; here by the same function that both end in."""
    client = Client(headers={"accept-language": "en", "user-agent": BROWSERS[browser]})
    page = client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert page.status_code == 302, page.content.decode()
    assert client.session.session_key
    return client


def page_of(client: Client) -> str:
    return client.get(reverse("account")).content.decode()


def is_signed_in(client: Client) -> bool:
    return client.get(reverse("account")).status_code == 200


def listed(user: User) -> list[Device]:
    return devices_of(user, None)


@pytest.mark.parametrize("name", BROWSERS)
def test_a_device_is_called_by_browser_and_system(nell: User, name: str) -> None:
    client = sign_in(nell, name)
    assert [str(device) for device in listed(nell)] == [name]
    assert name in page_of(client)
    assert "<script>alert" not in page_of(client)
    assert "Gecko" not in str(Session.objects.get(account=nell).get_decoded()), "not all that a browser says is kept"


def test_the_list_begins_here_and_holds_no_key(nell: User) -> None:
    there, here = sign_in(nell, "Safari on iOS"), sign_in(nell, "Edge on Windows")
    page = page_of(here)
    assert page.index("Edge on Windows") < page.index("Safari on iOS")
    for client in (there, here):
        assert str(client.session.session_key) not in page


def sign_in_from(user: User, address: str) -> Client:
    client = Client(headers={"user-agent": BROWSERS["Safari on iOS"], "accept-language": "en"}, REMOTE_ADDR=address)
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    return client


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("203.0.113.9", "203.0.113.x"),
        ("2001:db8:7:8::9", "2001:db8:7::/48"),
        ("::ffff:203.0.113.9", "203.0.113.x"),
        ("", ""),
    ],
)
def test_only_the_first_part_of_an_address_is_kept(nell: User, address: str, kept: str) -> None:
    client = sign_in_from(nell, address)
    row = Session.objects.get(account=nell)
    assert row.network == kept
    if address:
        assert address not in str([row.get_decoded(), row.__dict__])
        assert kept in page_of(client)
        assert address not in page_of(client)


def test_the_network_is_written_anew_when_it_changes_and_not_else(nell: User) -> None:
    client = sign_in_from(nell, "203.0.113.9")
    rows = Session.objects.filter(account=nell)
    seen = [("203.0.113.77", 0), ("198.51.100.4", 1), ("198.51.100.4", 0), ("203.0.113.9", 1)]
    for address, writes in seen:
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("account"), REMOTE_ADDR=address)
        assert sum('SET "network"' in query["sql"] for query in queries) == writes
        assert rows.get().network == f"{address.rpartition('.')[0]}.x"
    session = client.session
    session["more"] = "words"
    session.save()
    assert rows.get().network == "203.0.113.x", "it outlives that the session is saved"


def test_the_network_is_forgotten_thirty_days_after_the_last_use(nell: User) -> None:
    for days, left in [(30, "203.0.113.x"), (31, "")]:
        Session.objects.all().delete()
        sign_in_from(nell, "203.0.113.9")
        Session.objects.update(used_on=timezone.localdate() - timedelta(days=days))
        tasks.delete_old_sessions()
        assert Session.objects.get(account=nell).network == left


def test_who_is_not_signed_in_has_no_network(guest: Client, db: None) -> None:
    invite(guest).get(reverse("account_signup"))
    assert Session.objects.get().network == ""


def test_how_somebody_signed_in_is_said(guest: Client, nell: User) -> None:
    sign_in(nell)
    guest.post(reverse("account_login"), {"login": nell.email, "password": ""})
    guest.post(reverse("account_confirm_login_code"), {"code": mailed_code()})
    assert {device.way for device in listed(nell)} == {"password", "code"}
    page = page_of(guest)
    assert "by mailed code" in page
    assert "by password" in page


def test_a_device_is_signed_out_from_another(nell: User) -> None:
    there, here = sign_in(nell, "Safari on iOS"), sign_in(nell)
    mark = session_mark(str(there.session.session_key))
    for _twice in range(2):
        answer = here.post(reverse("end_device", args=[mark]), follow=True)
        assert "That device is signed out." in answer.content.decode()
        assert not is_signed_in(there)
        assert is_signed_in(here)


def test_this_device_is_signed_out_by_signing_out(nell: User) -> None:
    here = sign_in(nell)
    here.post(reverse("end_device", args=[session_mark(str(here.session.session_key))]))
    assert is_signed_in(here)


@pytest.mark.parametrize("mark", ["0" * 64, "x", "a" * 5000], ids=["mark", "short", "long"])
def test_an_unknown_device_ends_nothing(nell: User, mark: str) -> None:
    here = sign_in(nell)
    assert here.post(reverse("end_device", args=[mark])).status_code == 302
    assert is_signed_in(here)


def test_devices_of_others_are_not_ones_own(nell: User) -> None:
    bert = User.objects.create_user("bert@example.org", PASSWORD)
    his, hers = sign_in(bert, "Safari on iOS"), sign_in(nell)
    assert "Safari on iOS" not in page_of(hers)
    hers.post(reverse("end_device", args=[session_mark(str(his.session.session_key))]))
    hers.post(reverse("end_other_devices"))
    hers.post(reverse("account_logout_everywhere"))
    assert is_signed_in(his)


def test_all_others_are_signed_out(nell: User) -> None:
    others, here = [sign_in(nell), sign_in(nell, "Safari on iOS")], sign_in(nell)
    here.post(reverse("end_other_devices"))
    assert [is_signed_in(client) for client in [*others, here]] == [False, False, True]
    assert "Sign out all others" not in page_of(here)


def test_signing_out_everywhere_signs_out_here_too(nell: User) -> None:
    there, here = sign_in(nell), sign_in(nell)
    answer = here.post(reverse("account_logout_everywhere"))
    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    assert not is_signed_in(there)
    assert not is_signed_in(here)
    assert not Session.objects.filter(account=nell).exists()


def test_a_session_from_before_a_new_password_is_not_listed(nell: User) -> None:
    sign_in(nell)
    nell.set_password("another horse battery")
    nell.save()
    assert listed(nell) == []


def test_the_day_of_use_is_kept_and_nothing_finer(nell: User) -> None:
    client = sign_in(nell)
    rows = Session.objects.filter(account=nell)
    rows.update(used_on=date(2026, 1, 2))
    assert [device.used_on for device in listed(nell)] == [date(2026, 1, 2)]
    before = rows.get().session_data
    client.get(reverse("account"))
    assert rows.get().used_on == timezone.localdate()
    assert rows.get().session_data == before


def test_sessions_go_with_the_account_and_what_ran_out_is_not_listed(nell: User) -> None:
    sign_in(nell)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert listed(nell) == []
    nell.delete()
    assert not Session.objects.exists()


def test_a_session_without_a_named_device_is_listed_too(nell: User) -> None:
    client = sign_in(nell)
    session = client.session
    del session["device"]
    session.save()
    assert [str(device) for device in listed(nell)] in (["Unbekannter Browser"], ["Unknown browser"])
    assert page_of(client)


@pytest.mark.django_db(transaction=True)
def test_a_disk_without_room_keeps_nobody_from_reading(client: Client) -> None:
    """What is refused as on a full disk is the note that a session was used today."""
    client.force_login(User.objects.create_user("nell@example.org"))
    Session.objects.update(used_on=date(2026, 1, 2))
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = '53100'; END $$;"
            "CREATE TRIGGER full_disk BEFORE UPDATE ON accounts_session FOR EACH ROW EXECUTE FUNCTION full_disk()"
        )
    try:
        assert client.get("/me/").status_code == 200
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER full_disk ON accounts_session; DROP FUNCTION full_disk")
