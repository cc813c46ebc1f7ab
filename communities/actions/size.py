"""How many people fit into a community."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import ngettext

from communities.models import Community, Membership
from communities.permissions import check_right
from communities.rights import Right


@transaction.atomic
def limit_size(*, actor: Membership, community: Community, size_limit: int) -> bool:
    """Set how many people may be in the community at most. Returns whether something changed.

    `size_limit` is from `Community.FEWEST` to `Community.MOST`; nobody has to leave for it.
    Raises: PermissionDenied; ValidationError of code "seated" where more people are in it already.
    """
    check_right(actor, Right.MANAGE_SETTINGS)
    # As those who join do: nobody comes in between the counting and the saving.
    kept = Community.objects.select_for_update(no_key=True).get(pk=community.pk)
    if size_limit == kept.size_limit:
        return False
    seated = kept.memberships.seated().count()
    if size_limit < seated:
        sentence = ngettext(
            "%(count)s person has a seat here already. Choose at least as many.",
            "%(count)s people have a seat here already. Choose at least as many.",
            seated,
        )
        raise ValidationError({"size_limit": ValidationError(sentence, params={"count": seated}, code="seated")})
    kept.size_limit = community.size_limit = size_limit
    kept.save(update_fields=["size_limit"])
    return True
