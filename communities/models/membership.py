"""Who is in a community, in which role, under which name."""

import uuid
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from communities.models.place import Community
from communities.querysets import MembershipQuerySet
from communities.rights import RANKS


class Role(models.Model):
    """A named set of rights. Its Django group carries the rights and no users."""

    class Code(models.TextChoices):
        OWNER = "owner", _("Owner")
        MODERATOR = "moderator", _("Moderator")
        MEMBER = "member", _("Member")
        GUEST = "guest", _("Guest")

    #: Of custom roles in one community.
    MOST_CUSTOM = 20

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="roles")
    #: "" of a role that the community made itself: that one has a name.
    code = models.CharField(max_length=10, choices=Code.choices, blank=True, default="")
    name = models.CharField(_("Name"), max_length=40, blank=True, default="", db_default="")
    #: Who stands higher: nobody changes a role of their own rank or above, nor those who have one. Of built-in ones as
    #: in `rights.RANKS`.
    rank = models.PositiveSmallIntegerField(default=RANKS["member"], db_default=RANKS["member"])
    group = models.OneToOneField(Group, on_delete=models.PROTECT, related_name="role")

    class Meta:
        ordering = ["-rank", "id"]
        constraints = [
            models.UniqueConstraint(fields=["community", "code"], condition=~Q(code=""), name="one_role_per_code"),
            models.UniqueConstraint("community", Lower("name"), condition=Q(code=""), name="one_role_per_name"),
            models.CheckConstraint(condition=Q(code="") ^ Q(name=""), name="custom_roles_have_names"),
        ]

    def __str__(self) -> str:
        return f"{self.community_id}:{self.code or self.pk}"

    @property
    def title(self) -> str:
        """How pages call it, in their language."""
        return self.name or str(self.Code(self.code).label)

    @property
    def is_guest(self) -> bool:
        return self.code == self.Code.GUEST

    @property
    def is_owner(self) -> bool:
        return self.code == self.Code.OWNER

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
    pronouns = models.CharField(_("Pronouns"), max_length=30, blank=True, default="", db_default="")
    #: A guest who speaks for an organisation carries its name.
    organisation = models.CharField(_("Organisation"), max_length=60, blank=True, default="", db_default="")
    introduction = models.CharField(_("Introduction"), max_length=300, blank=True)
    invitation = models.ForeignKey(
        "Invitation", on_delete=models.SET_NULL, null=True, blank=True, related_name="memberships"
    )
    #: Came by founding the community, not by an invitation.
    is_founder = models.BooleanField(default=False, db_default=False, editable=False)
    joined_at = models.DateTimeField(default=timezone.now)
    agreed_to_rules_at = models.DateTimeField(null=True)
    #: The version of the rules that they have agreed to; 0 for what was before versions.
    rules_agreed = models.PositiveIntegerField(default=0, db_default=0)
    #: When they said that they do not agree to the newest one: reading and leaving stay open for `DECLINED_FOR`.
    rules_declined_at = models.DateTimeField(null=True, blank=True)
    #: When they consented that belonging here may say something about them (`Community.is_sensitive`).
    consented_at = models.DateTimeField(null=True, blank=True)
    #: Asked others to see that they are new; by their own choice.
    is_new_here = models.BooleanField(default=False, db_default=False)
    #: Whether the welcome was put aside.
    welcomed_at = models.DateTimeField(null=True, blank=True)
    #: A guest's last moment here.
    ends_at = models.DateTimeField(null=True, blank=True)
    #: Dead: signing in and notices have ended, words stay.
    in_memory_at = models.DateTimeField(null=True, blank=True)
    #: Raised when name or picture change: rendered messages are cached under it.
    profile_version = models.PositiveIntegerField(default=1)
    #: None: the initials in rings that are drawn from the id.
    picture = models.OneToOneField(
        "Picture", on_delete=models.SET_NULL, null=True, blank=True, related_name="membership"
    )
    #: Both are off until the person chooses; what is off is neither sent nor kept anywhere.
    shows_presence = models.BooleanField(_("Others may see when I am here"), default=False, db_default=False)
    shows_typing = models.BooleanField(_("Others may see when I am writing"), default=False, db_default=False)

    muted_until = models.DateTimeField(null=True, blank=True)
    read_only_until = models.DateTimeField(null=True, blank=True)
    suspended_until = models.DateTimeField(null=True, blank=True)
    banned_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    #: How they left: what is to become of their words (`core.personal_data.Keep`), and when that is carried out for
    #: good.
    leaving_choice = models.CharField(max_length=24, blank=True, default="", db_default="")
    erase_due_at = models.DateTimeField(null=True, blank=True)

    #: Who declines new rules keeps reading, a copy of their data and leaving for so long.
    DECLINED_FOR = timedelta(days=30)
    #: So long leaving can be taken back.
    UNDO_FOR = timedelta(days=14)

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
    def first_name(self) -> str:
        """What people call each other in passing: the first word, unless it is a title ("Dr.") or an initial."""
        if not self.display_name:
            return gettext("Former member")
        first = self.display_name.split()[0]
        return self.display_name if first.endswith(".") or len(first) == 1 else first

    @property
    def hue(self) -> int:
        """Units: degrees on the colour circle, 0 to 359; drawn from the random id, so it says nothing."""
        return self.pk.int % 360


class Visit(models.Model):
    """When a member was here lately, for "what is new since the last visit"; nobody else sees it."""

    #: Whoever was away this long comes back to a new visit.
    PAUSE = timedelta(hours=4)
    #: How exactly the end of a visit is known.
    STEP = timedelta(minutes=10)

    membership = models.OneToOneField(Membership, on_delete=models.CASCADE, primary_key=True, related_name="visit")
    #: When the visit before ended; at the first one, when they joined.
    since = models.DateTimeField()
    began_at = models.DateTimeField()
    last_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.membership_id)


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
