"""Founding by somebody who owns the community from then on: its rooms and first rules come with it."""

import uuid
from collections.abc import Sequence
from functools import partial
from typing import Any

from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import User
from communities.actions.founding import create_room, found_community
from communities.actions.names import keys_of
from communities.models import Community, CommunityRight, Membership, PendingJoin, Role, Room, Rule, RulesVersion
from communities.permissions import check_found_another, check_found_community, check_right
from communities.presets import PRESETS, Preset
from communities.rights import BUILT_IN, Right
from communities.signals import member_joined
from communities.slugs import unusable
from core.keys import keyed_hash
from core.text import tidy_name


def found_by(
    user: User,
    *,
    display_name: str,
    size: str,
    slug: str,
    form_id: uuid.UUID | None = None,
    rules: Sequence[tuple[str, str]] = (),
    **fields: Any,
) -> Community:
    """A community by its size's preset, with its first rules, and its founder as the owner under a name there.

    `fields` are the community's own: name, language, hue, purpose, hosting. `rules` are pairs of title and text.
    `form_id` is random and made with the page: the same form sent twice founds one community, and both get it.
    Raises: PermissionDenied where this account may not found; ValidationError, of the field "slug", where somebody took
    the address meanwhile. Emits: member_joined.
    """
    check_found_community(user)
    name, preset = tidy_name(display_name), PRESETS[size]
    try:
        with transaction.atomic():
            # A second click that runs beside the first waits here, and finds what it founded.
            list(User.objects.select_for_update(no_key=True).filter(pk=user.pk))
            made = founded_with(user, form_id)
            if made is not None:
                return made
            check_found_another(user)
            community = found_community(
                id=_id_by(user, form_id) if form_id else uuid.uuid4(), slug=slug, **_of(preset), **fields
            )
            _give_rights(community, preset)
            _lay_out_rooms(community, preset)
            _write_rules(community, rules)
            _seat_founder(community, user, name)
    except IntegrityError:
        raise ValidationError({"slug": unusable(slug)}) from None
    return community


def founded_with(user: User, form_id: uuid.UUID | None) -> Community | None:
    """What this account has founded by this form already, where it was sent before."""
    return Community.objects.filter(pk=_id_by(user, form_id)).first() if form_id else None


def _id_by(user: User, form_id: uuid.UUID) -> uuid.UUID:
    return uuid.UUID(keyed_hash("founding", str(user.pk), str(form_id))[:32])


def refound(
    *, actor: Membership, display_name: str, size: str, slug: str, form_id: uuid.UUID | None = None, **fields: Any
) -> None:
    """Change what was founded, its rooms included, as long as nobody but the founder knows it. `form_id` is let be.

    Raises: PermissionDenied without the right, or where somebody is in it or on the way; ValidationError, of the field
    "slug".
    """
    check_right(actor, Right.MANAGE_SETTINGS)
    name, preset, fields = tidy_name(display_name), PRESETS[size], {"slug": slug, **_of(PRESETS[size]), **fields}
    try:
        with transaction.atomic():
            community = _alone(actor)
            for field, value in fields.items():
                setattr(community, field, value)
            community.save(update_fields=list(fields))
            _give_rights(community, preset)
            _lay_out_rooms(community, preset)
            own = Membership.objects.filter(pk=actor.pk)
            own.update(display_name=name, profile_version=F("profile_version") + 1, **keys_of(name))
    except IntegrityError:
        raise ValidationError({"slug": unusable(slug)}) from None


@transaction.atomic
def choose_first_rules(*, actor: Membership, rules: Sequence[tuple[str, str]]) -> None:
    """Put these rules (pairs of title and text) in place of all there are. Later changes ask everybody to agree again.

    Raises: PermissionDenied without the right, or where somebody is in it or on the way.
    """
    check_right(actor, Right.MANAGE_RULES)
    community = _alone(actor)
    community.rules.all().delete()
    _write_rules(community, rules)


def _alone(actor: Membership) -> Community:
    """The community, under the lock that joining takes, too.

    Raises: PermissionDenied where somebody has come already.
    """
    community = Community.objects.select_for_update(no_key=True).get(pk=actor.community_id)
    others = community.memberships.exclude(pk=actor.pk).exists()
    if others or PendingJoin.objects.filter(invitation__community=community).exists():
        raise PermissionDenied(_("Somebody has accepted an invitation meanwhile: this cannot be changed here."))
    return community


def _of(preset: Preset) -> dict[str, Any]:
    return {name: getattr(preset, name) for name in ("size_limit", "allows_presence", "allows_typing")}


def _give_rights(community: Community, preset: Preset) -> None:
    """What members of a community of this size may do beside what the built-in role says, and nothing left of another
    size's.
    """
    group = community.roles.get(code=Role.Code.MEMBER).group
    held = CommunityRight.objects.filter(group=group, content_object=community)
    held.exclude(permission__codename__in=[*BUILT_IN["member"], *preset.members_also]).delete()
    own = Permission.objects.filter(content_type__app_label="communities", codename__in=preset.members_also)
    CommunityRight.objects.bulk_create(
        (CommunityRight(group=group, permission=permission, content_object=community) for permission in own),
        ignore_conflicts=True,
    )


def _lay_out_rooms(community: Community, preset: Preset) -> None:
    """The preset's rooms in the community's language, in place of those it has: one by one, and what is more goes."""
    rooms = list(community.rooms.order_by("position", "created_at", "id"))
    with translation.override(community.language):
        for position, plan in enumerate(preset.rooms):
            looks = {
                "name": str(plan.name),
                "purpose": str(plan.purpose),
                "icon": plan.icon,
                "group_title": str(plan.group),
            }
            if position < len(rooms):
                Room.objects.filter(pk=rooms[position].pk).update(**looks)
            else:
                create_room(community=community, **looks)
    Room.objects.filter(pk__in=[room.pk for room in rooms[len(preset.rooms) :]]).delete()


def _write_rules(community: Community, rules: Sequence[tuple[str, str]]) -> None:
    """The first version: nobody has agreed to another one."""
    community.rules_versions.all().delete()
    if not rules:
        return
    written = [
        {"number": number, "title": title, "text": text, "other_title": "", "other_text": ""}
        for number, (title, text) in enumerate(rules, start=1)
    ]
    Rule.objects.bulk_create(Rule(community=community, **rule) for rule in written)
    RulesVersion.objects.create(
        community=community, number=1, is_substantial=True, language=community.language, rules=written
    )


def _seat_founder(community: Community, user: User, name: str) -> None:
    member = Membership.objects.create(
        community=community,
        user=user,
        role=community.roles.get(code=Role.Code.OWNER),
        display_name=name,
        is_founder=True,
        agreed_to_rules_at=timezone.now(),
        **keys_of(name),
    )
    transaction.on_commit(partial(member_joined.send, sender=Membership, membership_id=member.pk), robust=True)
