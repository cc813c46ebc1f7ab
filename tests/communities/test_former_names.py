"""A name that somebody gave up is kept from others for 90 days."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import User
from communities import actions
from communities.actions import join
from communities.models import Community, FormerName, Membership
from communities.personal_data.memberships import FormerNames, Memberships
from communities.tasks import delete_stale_joining
from core.personal_data import Keep
from tests import factories
from tests.communities.test_joining import begin

pytestmark = pytest.mark.django_db


def renamed(member: Membership, name: str = "Melusine") -> None:
    actions.rename_member(member=member, display_name=name, introduction="")


def removed(member: Membership) -> None:
    actions.remove_member(actor=None, member=member)


def erased(member: Membership) -> None:
    for declared in (Memberships(), FormerNames()):
        declared.erase(member, Keep.DELETE)


def removed_and_erased(member: Membership) -> None:
    removed(member)
    erased(member)


WAYS = [renamed, removed, erased, removed_and_erased]


@pytest.mark.parametrize("name", ["Mel", "MÉL", "Ме1", "Mel 🇩🇪"])
@pytest.mark.parametrize("give_up", WAYS)
def test_a_name_given_up_is_kept_from_others(
    circle: Community, mel: Membership, bea: Membership, olga: User, give_up: Callable[[Membership], None], name: str
) -> None:
    give_up(mel)
    with pytest.raises(ValidationError) as refused:
        join(pending=begin(circle), user=olga, display_name=name)
    assert refused.value.code == "taken"
    with pytest.raises(ValidationError):
        renamed(bea, name)
    assert join(pending=begin(circle), user=olga, display_name="Olga").display_name == "Olga"


@pytest.mark.parametrize("give_up", WAYS)
def test_after_90_days_it_is_free(
    circle: Community, mel: Membership, olga: User, give_up: Callable[[Membership], None]
) -> None:
    give_up(mel)
    FormerName.objects.update(given_up_at=timezone.now() - timedelta(days=90))
    assert join(pending=begin(circle), user=olga, display_name="Mel").display_name == "Mel"


def test_the_name_of_the_banned_is_kept(circle: Community, bert: Membership, olga: User) -> None:
    for _state in ("banned", "banned and removed"):
        with pytest.raises(ValidationError):
            join(pending=begin(circle), user=olga, display_name="Bert")
        removed(bert)


def test_who_gave_it_up_may_have_it_again(circle: Community, mel: Membership) -> None:
    renamed(mel)
    renamed(mel, "Mel")
    assert mel.display_name == "Mel"
    removed(mel)
    again = join(pending=begin(circle), user=mel.user, display_name="Melusine")
    renamed(again, "Mel")
    assert again.display_name == "Mel"


def test_in_another_community_it_is_free(mel: Membership, olga: User) -> None:
    removed(mel)
    assert join(pending=begin(factories.community("other")), user=olga, display_name="Mel").display_name == "Mel"


def test_being_erased_later_keeps_it_no_longer(mel: Membership) -> None:
    removed(mel)
    Membership.objects.update(left_at=timezone.now() - timedelta(days=30))
    FormerName.objects.update(given_up_at=timezone.now() - timedelta(days=30))
    erased(mel)
    assert (timezone.now() - FormerName.objects.get().given_up_at).days == 30


def test_capitals_alone_give_nothing_up(mel: Membership) -> None:
    renamed(mel, "MEL")
    assert not FormerName.objects.exists()


def test_nobody_keeps_every_name_from_the_others(mel: Membership) -> None:
    for number in range(FormerName.MOST_KEPT + 3):
        renamed(mel, f"Mel {number + 10}")
    assert mel.former_names.count() == FormerName.MOST_KEPT


def test_it_is_stored_as_hashes_and_goes_after_90_days(mel: Membership, bea: Membership) -> None:
    erased(mel)
    assert "mel" not in str(list(FormerName.objects.values())).lower()
    removed(bea)
    bea.former_names.update(given_up_at=timezone.now() - timedelta(days=91))
    delete_stale_joining()
    assert list(FormerName.objects.values_list("membership", flat=True)) == [mel.pk]


def test_the_copy_says_when(mel: Membership) -> None:
    renamed(mel)
    ((path, row),) = FormerNames().export(mel.user)  # type: ignore[arg-type]
    assert path.startswith("former-names/")
    assert row["community"] == "Circle"
