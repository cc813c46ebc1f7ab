"""A link does not fill the table: how many may have begun to join, and how often from one address."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from communities import actions
from communities.actions import TooManyBegun, invite, start_joining
from communities.actions.invitations import BEGUN_PER_USE
from communities.models import Community, Invitation, Membership, PendingJoin
from core.throttle import LIMITS
from tests import factories
from tests.communities.test_joining import at_once
from tests.throttling import spend

pytestmark = pytest.mark.django_db

BEGINNINGS_AN_HOUR = LIMITS["accept_invitation"].address[0].times


def browser(address: str = "127.0.0.1") -> Client:
    return Client(headers={"accept-language": "en"}, REMOTE_ADDR=address)


def agree(client: Client, token: str) -> int:
    return client.post(f"/i/{token}/", {"agree": "on"}).status_code


@pytest.mark.parametrize("uses", [1, 3])
def test_more_than_five_times_the_uses_are_refused_in_words(circle: Community, uses: int) -> None:
    _invitation, token = invite(community=circle, max_uses=uses)
    _invitation, other = invite(community=circle)
    for _one in range(uses * BEGUN_PER_USE):
        assert agree(browser(), token) == 302
    page = browser().post(f"/i/{token}/", {"agree": "on"})
    assert page.status_code == 429
    assert "Try again in an hour" in page.content.decode()
    assert PendingJoin.objects.count() == uses * BEGUN_PER_USE
    assert agree(browser(), other) == 302


def test_who_begins_again_in_the_same_browser_counts_once(circle: Community) -> None:
    _invitation, token = invite(community=circle)
    client = browser()
    for _time in range(BEGUN_PER_USE + 1):
        assert agree(client, token) == 302
    assert PendingJoin.objects.count() == 1
    assert client.session["pending_join"] == str(PendingJoin.objects.get().pk)


def test_what_was_begun_long_ago_gives_way(circle: Community) -> None:
    """Otherwise five abandoned beginnings would lock an invitation for a week."""
    _invitation, token = invite(community=circle)
    begun = [start_joining(token=token) for _one in range(BEGUN_PER_USE)]
    for hours, one in enumerate(begun):
        PendingJoin.objects.filter(pk=one.pk).update(agreed_at=timezone.now() - timedelta(hours=hours))
    start_joining(token=token)
    assert not PendingJoin.objects.filter(pk=begun[-1].pk).exists()
    assert PendingJoin.objects.count() == BEGUN_PER_USE


def test_joining_makes_room(circle: Community, olga: User) -> None:
    _invitation, token = invite(community=circle, max_uses=2)
    begun = [start_joining(token=token) for _one in range(2 * BEGUN_PER_USE)]
    with pytest.raises(TooManyBegun):
        start_joining(token=token)
    actions.join(pending=begun[0], user=olga, display_name="Olga")
    start_joining(token=token)


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_no_more_begin(circle: Community) -> None:
    _invitation, token = invite(community=circle)
    answers = at_once(*[lambda: start_joining(token=token)] * (BEGUN_PER_USE + 3))
    assert sum(isinstance(answer, PendingJoin) for answer in answers) == BEGUN_PER_USE
    assert sum(isinstance(answer, TooManyBegun) for answer in answers) == 3


def test_an_address_that_begins_too_often_has_to_wait(circle: Community) -> None:
    tokens = [invite(community=circle, max_uses=10)[1] for _one in range(2)]
    spend("accept_invitation", BEGINNINGS_AN_HOUR - 2)
    for token in tokens:
        assert agree(browser(), token) == 302
    page = browser().post(f"/i/{tokens[0]}/", {"agree": "on"})
    assert page.status_code == 429
    words = page.content.decode()
    assert "It goes on <b>in about an hour</b>" in words
    assert page["Retry-After"] in {str(seconds) for seconds in range(3500, 3601)}
    assert "guessing" not in words
    assert PendingJoin.objects.count() == 2
    assert browser().get(f"/i/{tokens[0]}/").status_code == 200
    assert agree(browser("203.0.113.7"), tokens[0]) == 302


def test_a_whole_evening_may_begin_over_one_connection() -> None:
    """Everyone whom the largest invitation admits, each twice."""
    assert 2 * Invitation.MOST_USES < BEGINNINGS_AN_HOUR


def test_the_limit_tells_the_banned_nothing(circle: Community, bert: Membership) -> None:
    """Who has used up the limit of the address still gets the one page for what does not work."""
    _invitation, token = invite(community=circle)
    spend("accept_invitation", BEGINNINGS_AN_HOUR)
    client = browser()
    client.force_login(factories.account("zoe"))
    assert agree(client, token) == 429
    assert bert.user
    client.force_login(bert.user)
    assert agree(client, token) == 404
