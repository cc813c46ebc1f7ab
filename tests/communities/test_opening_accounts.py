"""Who may open an account by an invitation, and until when."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.adapter import MAY_SIGN_UP
from communities.actions import invite, revoke_invitation
from communities.models import Community, Membership, PendingJoin


@pytest.fixture
def guest(circle: Community, ada: Membership) -> Client:
    """A browser in which somebody has agreed to the rules on an invitation."""
    client = Client()
    token = invite(community=circle, inviter=ada)[1]
    client.post(reverse("invitation", args=[token]), {"agree": "on"})
    return client


def test_an_invitation_opens_the_way_to_an_account(guest: Client) -> None:
    assert guest.session[MAY_SIGN_UP] is True
    assert b'name="password1"' in guest.get(reverse("account_signup")).content


@pytest.mark.parametrize("ending", ["withdrawn", "forgotten"])
def test_what_leads_nowhere_any_more_opens_no_account(guest: Client, ada: Membership, ending: str) -> None:
    pending = PendingJoin.objects.get()
    if ending == "withdrawn":
        revoke_invitation(actor=ada, invitation=pending.invitation)
    else:
        pending.delete()
    closed = guest.get(reverse("account_signup"))
    assert b'name="password1"' not in closed.content
    answer = guest.post(reverse("account_signup"), {"email": "late@example.org", "password1": "several words in a row"})
    assert b'name="password1"' not in answer.content
