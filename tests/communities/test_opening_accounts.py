"""Who may open an account by an invitation, and until when."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.adapter import MAY_SIGN_UP
from accounts.models import User
from communities.actions import invite, revoke_invitation
from communities.models import Community, Invitation, Membership, PendingJoin
from tests.accounts.doors import typed


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


def test_one_invitation_does_not_open_any_number_of_accounts(circle: Community, ada: Membership) -> None:
    """Whether their addresses are proven or not, and whoever turns back in between."""
    invitation, token = invite(community=circle, inviter=ada)
    before = User.objects.count()
    for number in range(8):
        client = Client(REMOTE_ADDR=f"203.0.{number}.9")
        client.post(reverse("invitation", args=[token]), {"agree": "on"})
        client.post(
            reverse("account_signup"), typed(email=f"n{number}@example.org", password1="several words in a row")
        )
        client.post(reverse("declined"))
    assert User.objects.count() - before == invitation.max_uses + Invitation.MORE_ACCOUNTS
    late = Client()
    assert late.post(reverse("invitation", args=[token]), {"agree": "on"}).status_code == 302
    assert b'name="password1"' not in late.get(reverse("account_signup")).content
