"""Place, membership, role, room, invitation: who is where, and by which way they came."""

import uuid
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase

from communities.querysets import InvitationQuerySet, MembershipQuerySet, RoomQuerySet
from communities.rights import Right


class Community(models.Model):
    """A closed group with its own members, rules and rooms."""

    class Visibility(models.TextChoices):
        SECRET = "secret", _("Secret")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("Name"), max_length=60)
    slug = models.SlugField(max_length=40, unique=True)
    purpose = models.CharField(_("Purpose"), max_length=300, blank=True)
    #: Where the data lives and who runs the server, in the community's own words.
    hosting = models.CharField(max_length=300, blank=True)
    language = models.CharField(max_length=8, choices=settings.LANGUAGES, default="de")
    hue = models.PositiveSmallIntegerField(default=166, validators=[MaxValueValidator(359)])
    visibility = models.CharField(max_length=10, choices=Visibility.choices, default=Visibility.SECRET)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        permissions = [(right.value, right.value) for right in Right]
        constraints = [models.CheckConstraint(condition=Q(hue__lt=360), name="community_hue_on_the_circle")]

    def __str__(self) -> str:
        return self.slug

    def get_absolute_url(self) -> str:
        return reverse("community", args=[self.slug])


class CommunityRight(GroupObjectPermissionBase):
    """Guardian's row: the group of one role holds one right in one community."""

    content_object = models.ForeignKey(Community, on_delete=models.CASCADE)


class Role(models.Model):
    """A named set of rights. Its Django group carries the rights and no users."""

    class Code(models.TextChoices):
        OWNER = "owner", _("Owner")
        MODERATOR = "moderator", _("Moderator")
        MEMBER = "member", _("Member")
        GUEST = "guest", _("Guest")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="roles")
    code = models.CharField(max_length=10, choices=Code.choices)
    group = models.OneToOneField(Group, on_delete=models.PROTECT, related_name="role")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["community", "code"], name="one_role_per_code")]

    def __str__(self) -> str:
        return f"{self.community_id}:{self.code}"

    @property
    def is_guest(self) -> bool:
        return self.code == self.Code.GUEST

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """The group exists for the role alone and goes with it."""
        group = self.group
        deleted = super().delete(*args, **kwargs)
        group.delete()
        return deleted


class Membership(models.Model):
    """One account inside one community. Pages, frames and ids carry this id, never the account's."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="memberships")
    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="memberships")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="memberships")
    display_name = models.CharField(_("Name"), max_length=40, blank=True)
    #: What the name looks like (core.text.skeleton): two members' names must not be confusable.
    name_skeleton = models.CharField(max_length=120, editable=False, blank=True)
    #: Its letters whatever their case (core.text.spelling): nor may they be the same but for capitals and signs.
    name_spelling = models.CharField(max_length=120, editable=False, blank=True, default="")
    introduction = models.CharField(_("Introduction"), max_length=300, blank=True)
    invitation = models.ForeignKey(
        "Invitation", on_delete=models.SET_NULL, null=True, blank=True, related_name="memberships"
    )
    joined_at = models.DateTimeField(default=timezone.now)
    agreed_to_rules_at = models.DateTimeField(null=True)
    #: Raised when name or picture change: rendered messages are cached under it.
    profile_version = models.PositiveIntegerField(default=1)

    muted_until = models.DateTimeField(null=True, blank=True)
    read_only_until = models.DateTimeField(null=True, blank=True)
    suspended_until = models.DateTimeField(null=True, blank=True)
    banned_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["community", "user"], condition=Q(left_at=None), name="one_membership_per_account"
            ),
            models.UniqueConstraint(
                fields=["community", "name_skeleton"],
                condition=Q(left_at=None) & ~Q(name_skeleton=""),
                name="names_are_not_confusable",
            ),
            models.UniqueConstraint(
                fields=["community", "name_spelling"],
                condition=Q(left_at=None) & ~Q(name_spelling=""),
                name="names_are_not_spelt_alike",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def initials(self) -> str:
        words = [word for word in self.display_name.replace("-", " ").split() if word]
        letters = [word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)]
        return "".join(letters).upper() or "?"

    @property
    def hue(self) -> int:
        """Units: degrees on the colour circle, 0 to 359; drawn from the random id, so it says nothing."""
        return self.pk.int % 360


class FormerName(models.Model):
    """A name that somebody gave up here, by renaming or leaving: for a while nobody else may take it over.

    Who has left may have been erased meanwhile; therefore keyed hashes of how the name looks and is spelt are all that
    is stored.
    """

    KEPT_FOR = timedelta(days=90)
    #: Of one membership: nobody can keep every name from the others by renaming.
    MOST_KEPT = 10

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="former_names")
    skeleton_hash = models.CharField(max_length=64, editable=False, db_index=True)
    spelling_hash = models.CharField(max_length=64, editable=False, db_index=True)
    given_up_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["membership", "skeleton_hash", "spelling_hash"], name="given_up_once")
        ]

    def __str__(self) -> str:
        return f"{self.membership_id}:{self.given_up_at}"


class Room(models.Model):
    """A place to talk inside a community."""

    class Access(models.TextChoices):
        ALL = "all", _("All members")
        CHOSEN = "chosen", _("Chosen members")

    class History(models.TextChoices):
        ALL = "all", _("Everything")
        SINCE_JOINING = "since_joining", _("Since they joined")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="rooms")
    name = models.CharField(_("Name"), max_length=40)
    purpose = models.CharField(_("Purpose"), max_length=200, blank=True)
    placeholder = models.CharField(max_length=80, blank=True)
    icon = models.CharField(max_length=40, default="message-circle")
    group_title = models.CharField(max_length=40, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    access = models.CharField(max_length=10, choices=Access.choices, default=Access.ALL)
    history = models.CharField(max_length=20, choices=History.choices, default=History.SINCE_JOINING)
    created_at = models.DateTimeField(default=timezone.now)

    objects = RoomQuerySet.as_manager()

    class Meta:
        ordering = ["position", "created_at", "id"]

    def __str__(self) -> str:
        return str(self.pk)

    def get_absolute_url(self) -> str:
        return reverse("room", args=[self.community.slug, self.pk])


class RoomMember(models.Model):
    """A member chosen for a room: a room of chosen members, or a guest's room."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="members")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="room_members")
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "membership"], name="chosen_once_per_room")]

    def __str__(self) -> str:
        return f"{self.room_id}:{self.membership_id}"


class Rule(models.Model):
    """One numbered rule of a community; who joins agrees to them."""

    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="rules")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=100)
    text = models.CharField(max_length=600, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["community", "number"], name="one_rule_per_number")]

    def __str__(self) -> str:
        return f"{self.community_id}:{self.number}"


class Invitation(models.Model):
    """A link that admits someone. The token itself is shown once and stored only as a hash."""

    MOST_USES = 50
    MOST_DAYS = 90

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="invitations")
    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="invitations")
    #: None where the command line made it.
    inviter = models.ForeignKey(Membership, on_delete=models.CASCADE, null=True, blank=True, related_name="invitations")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    #: Keyed hash of the form it was made with, where it was: a second click finds the first one's invitation.
    form_hash = models.CharField(max_length=64, blank=True, default="", editable=False)
    #: Who it is for; a reminder for the inviter, the page greets nobody by it.
    label = models.CharField(_("Who is it for?"), max_length=60, blank=True)
    note = models.TextField(_("A few personal words"), max_length=600, blank=True)
    shows_inviter = models.BooleanField(_("Show my name on the invitation"), default=True)
    max_uses = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(MOST_USES)]
    )
    uses = models.PositiveSmallIntegerField(default=0, editable=False)
    #: Rooms the newcomer is chosen for; the only ones a guest will see.
    rooms = models.ManyToManyField(Room, blank=True, related_name="+")
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(uses__lte=F("max_uses")), name="not_used_too_often"),
            models.UniqueConstraint(fields=["form_hash"], condition=~Q(form_hash=""), name="one_invitation_per_form"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_open(self) -> bool:
        """Whether one more person may still join by it."""
        return self.revoked_at is None and self.expires_at > timezone.now() and self.uses < self.max_uses

    @property
    def named_inviter(self) -> Membership | None:
        """The inviter where they agreed to be named and are still here."""
        inviter = self.inviter
        if inviter is None or not self.shows_inviter or inviter.left_at or inviter.banned_at:
            return None
        is_suspended = inviter.suspended_until is not None and inviter.suspended_until > timezone.now()
        has_account = inviter.user is not None and inviter.user.is_active
        return inviter if has_account and not is_suspended else None


class PendingJoin(models.Model):
    """Someone agreed to the rules on an invitation and has not yet joined: signing up lies between."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="pending_joins")
    agreed_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return str(self.pk)
