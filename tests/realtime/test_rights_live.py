"""An open socket and rights that end, or were never whole: what it still hears, what it may do, when it is cut."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions import ask_factor_reset, complete_due_resets
from accounts.models import FactorReset, Session
from communities.actions import ban_member, remove_member, suspend_member
from communities.models import Membership, Room
from messaging.actions import delete_message, edit_message
from messaging.models import Message
from realtime.publish import revoke
from tests import factories
from tests.accounts.doors import mailed_code
from tests.realtime.talking import Browser, act, enter, page_at, post, session, written
from tests.servers import Server

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD, NEW_PASSWORD = "a sunny bench by the lake", "another bench, in the shade"


async def test_a_newcomer_hears_nothing_of_what_was_before_them(
    server: Server, ada: Membership, mel: Membership, hall: Room
) -> None:
    old, other_old = await written(mel, hall, "before"), await written(mel, hall, "before, too")
    await Membership.objects.filter(pk=ada.pk).aupdate(joined_at=timezone.now() - timedelta(days=1))
    await Message.objects.aupdate(created_at=timezone.now() - timedelta(hours=1))
    newcomer = await act(factories.member, hall.community, "Nia")
    async with page_at(server, await session(newcomer)) as page, page_at(server, await session(ada)) as older:
        await enter(page, hall)
        await enter(older, hall)
        assert isinstance(await act(edit_message, actor=mel, message=old, text="changed"), Message)
        assert await act(delete_message, actor=mel, message=other_old)
        new = await written(mel, hall, "after")
        assert (await page.hear("message"))["id"] == str(new.pk), "an edit or a deletion of before came first"
        assert await page.hears_nothing("message")
        assert [(await older.hear("message"))["id"] for _ in range(3)] == [str(m.pk) for m in (old, other_old, new)]
        await act(edit_message, actor=mel, message=new, text="after, changed")
        assert "after, changed" in (await page.hear("message"))["html"]
        answer = await Browser(server, await session(newcomer)).changes(hall, 0)
        assert ([item["id"] for item in answer["items"]], answer["up_to"]) == ([str(new.pk)], 6)


async def test_who_is_silenced_reads_on_and_is_refused_with_words(
    server: Server, ada: Membership, mel: Membership, hall: Room
) -> None:
    key = await session(mel)
    for field in ("muted_until", "read_only_until"):
        async with page_at(server, key) as page:
            await enter(page, hall)
            await post(page, hall, "before")
            await page.hear("message")
            await Membership.objects.filter(pk=mel.pk).aupdate(**{field: timezone.now() + timedelta(days=1)})
            await act(revoke, mel.user_id)
            client_id = str(uuid.uuid4())
            await page.send(type="post", room=str(hall.pk), client_id=client_id, text="not now")
            refused = await page.hear("refused")
            assert (refused["client_id"], "not write" in refused["reason"]) == (client_id, True)
            assert (await Browser(server, key).write(hall, "not now")).status == 422
            said = await written(ada, hall, "you hear me")
            assert (await page.hear("message"))["id"] == str(said.pk)
            await Membership.objects.filter(pk=mel.pk).aupdate(**{field: None})
            await post(page, hall, "thanks")
    assert not await Message.objects.filter(text="not now").aexists()


async def test_what_was_stored_before_a_mute_is_acknowledged_after_it_by_both_doors(
    server: Server, mel: Membership, hall: Room
) -> None:
    key, client_id = await session(mel), str(uuid.uuid4())
    async with page_at(server, key) as page:
        first = await post(page, hall, "just in time", client_id)
        await Membership.objects.filter(pk=mel.pk).aupdate(muted_until=timezone.now() + timedelta(days=1))
        assert await post(page, hall, "just in time", client_id) == first
        by_form = await Browser(server, key).write(hall, "just in time", client_id)
        assert by_form.data == {name: first[name] for name in ("id", "sequence", "change")}
    assert await Message.objects.acount() == 1


async def test_removal_ban_and_suspension_cut_at_once_and_others_stay(
    server: Server, ada: Membership, mo: Membership, mel: Membership, bea: Membership, mute: Membership, hall: Room
) -> None:
    ends: dict[Membership, Callable[..., object]] = {
        mel: ban_member,
        bea: remove_member,
        mute: partial(suspend_member, for_=timedelta(days=1)),
    }
    async with page_at(server, await session(mo)) as stays:
        await enter(stays, hall)
        for member, end in ends.items():
            key = await session(member)
            async with page_at(server, key) as page:
                await enter(page, hall)
                await act(end, actor=ada, member=member)
                assert await page.closed() == 4403
            async with page_at(server, key) as again:
                await again.send(type="subscribe", stream="room", room=str(hall.pk))
                assert await again.hear("refused")
                await written(ada, hall, "without them")
                assert await again.hears_nothing("message", 0.3)
        for _ in ends:
            assert await stays.hear("message")


async def test_an_ended_session_cuts_at_the_next_question(server: Server, mel: Membership, hall: Room) -> None:
    key, other_key = await session(mel), await session(mel)
    async with page_at(server, key) as page, page_at(server, other_key) as other_page:
        await enter(page, hall)
        await enter(other_page, hall)
        await Session.objects.filter(pk=key).aupdate(expire_date=timezone.now() - timedelta(seconds=1))
        await act(revoke, mel.user_id)
        assert await page.closed() == 4401
        await other_page.send(type="ping")
        assert await other_page.hear("pong")


async def test_a_new_password_cuts_the_sockets_of_other_sessions(server: Server, mel: Membership, hall: Room) -> None:
    await act(_set_password, mel)
    here, elsewhere = await session(mel), await session(mel)
    async with page_at(server, elsewhere) as other_page:
        await enter(other_page, hall)
        answer = await Browser(server, here).post(
            reverse("account_change_password"), oldpassword=PASSWORD, password1=NEW_PASSWORD
        )
        assert answer.status in {200, 302}
        assert await other_page.closed() == 4401
    async with page_at(server, elsewhere) as again:
        assert await again.closed() == 4401


def _set_password(member: Membership) -> None:
    assert member.user is not None
    member.user.set_password(PASSWORD)
    member.user.save()


async def test_signing_out_cuts_the_sockets_of_this_session_only(server: Server, mel: Membership, hall: Room) -> None:
    here, elsewhere = await session(mel), await session(mel)
    async with (
        page_at(server, here) as page,
        page_at(server, here) as second_tab,
        page_at(server, elsewhere) as other_page,
    ):
        for opened in (page, second_tab, other_page):
            await enter(opened, hall)
        assert (await Browser(server, here).post(reverse("account_logout"))).status == 302
        assert await page.closed() == 4401
        assert await second_tab.closed() == 4401
        await post(other_page, hall, "still here")
        assert await other_page.hear("message")


@pytest.mark.parametrize("way", ["a reset factor", "a command"])
async def test_what_ends_all_sessions_outside_of_a_web_process_cuts_their_sockets(
    server: Server, mel: Membership, hall: Room, way: str
) -> None:
    async with page_at(server, await session(mel)) as page, page_at(server, await session(mel)) as other_page:
        for opened in (page, other_page):
            await enter(opened, hall)
        await act(_end_all, mel, way)
        for opened in (page, other_page):
            assert await opened.closed() == 4401


def _end_all(member: Membership, way: str) -> None:
    """As the worker and the command line do it."""
    user = member.user
    assert user is not None
    if way == "a command":
        call_command("sign_out", user.email)
    else:
        Authenticator.objects.create(user=user, type="totp", data={})
        ask_factor_reset(user=user, asked_by=None)
        FactorReset.objects.update(due_at=timezone.now())
        assert complete_due_resets() == 1


async def test_a_reset_password_cuts_the_sockets_of_every_session(server: Server, mel: Membership, hall: Room) -> None:
    assert mel.user is not None
    email, guest = mel.user.email, Client(SERVER_NAME="localhost")
    async with page_at(server, await session(mel)) as page:
        await enter(page, hall)
        await act(guest.post, reverse("account_reset_password"), {"email": email})
        await act(guest.post, reverse("account_confirm_password_reset_code"), {"code": mailed_code()})
        answer = await act(guest.post, reverse("account_complete_password_reset"), {"password1": NEW_PASSWORD})
        assert answer.status_code == 302
        assert await page.closed() == 4401
