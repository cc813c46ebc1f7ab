"""By which way people come: invitations, and joinings that were begun."""

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from communities.models.membership import Membership, Role
from communities.models.place import Community
from communities.models.rooms import Room
from communities.querysets import InvitationQuerySet


class Invitation(models.Model):
    """A link that admits someone. The token itself is shown once and stored only as a hash."""

    MOST_USES = 50
    MOST_DAYS = 90
    #: So many accounts may be begun by it beyond its uses: somebody turns back, or mistypes an address.
    MORE_ACCOUNTS = 4

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="invitations")
    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="invitations")
    #: None where the command line made it.
    inviter = models.ForeignKey(Membership, on_delete=models.CASCADE, null=True, blank=True, related_name="invitations")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    #: Keyed hash of the form it was made with, where it was: a second click finds the first one's invitation.
    form_hash = models.CharField(max_length=64, blank=True, default="", editable=False)
    #: Of the short code that admits like the link; "" of one that has none.
    code_hash = models.CharField(max_length=64, blank=True, default="", db_default="", editable=False)
    #: The address that it was sent to and that alone it admits; erased once it has ended. "" admits whoever has the
    #: link.
    email = models.EmailField(max_length=254, blank=True, default="", db_default="")
    #: In which language it was mailed.
    language = models.CharField(max_length=8, choices=settings.LANGUAGES, blank=True, default="", db_default="")
    #: When it was mailed last.
    sent_at = models.DateTimeField(null=True, blank=True)
    #: Whoever comes by it applies, and somebody decides.
    needs_approval = models.BooleanField(default=False, db_default=False)
    #: Who it is for; a reminder for the inviter, the page greets nobody by it.
    label = models.CharField(_("Who is the invitation for?"), max_length=60, blank=True)
    note = models.TextField(_("A few personal words"), max_length=600, blank=True)
    shows_inviter = models.BooleanField(_("Show my name on the invitation"), default=True)
    max_uses = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(MOST_USES)]
    )
    uses = models.PositiveSmallIntegerField(default=0, editable=False)
    #: How many accounts were begun by it.
    accounts_begun = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    #: Rooms the newcomer is chosen for; the only ones a guest will see.
    rooms = models.ManyToManyField(Room, blank=True, related_name="+")
    #: The operators of the place asked for it: it admits nobody before an owner has said yes. What they gave as reason.
    needs_consent = models.BooleanField(default=False, db_default=False, editable=False)
    reason = models.TextField(max_length=300, blank=True, default="", db_default="")
    #: When an owner said yes or no (then it is revoked, too), and who.
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(Membership, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(uses__lte=F("max_uses")), name="not_used_too_often"),
            models.UniqueConstraint(fields=["code_hash"], condition=~Q(code_hash=""), name="codes_are_unique"),
            models.UniqueConstraint(fields=["form_hash"], condition=~Q(form_hash=""), name="one_invitation_per_form"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_open(self) -> bool:
        """Whether one more person may still join by it."""
        return self._is_left and not self.needs_answer

    @property
    def is_waiting(self) -> bool:
        """Whether it would admit somebody if an owner said yes."""
        return self._is_left and self.needs_answer

    @property
    def opens_accounts(self) -> bool:
        """Whether one more person may open an account on the way."""
        return self.accounts_begun < self.max_uses + self.MORE_ACCOUNTS

    @property
    def needs_answer(self) -> bool:
        return self.needs_consent and self.decided_at is None

    @property
    def _is_left(self) -> bool:
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
    #: They also consented that belonging there may say something about them, and said that they are old enough.
    consented_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.pk)


class BranchAct(models.Model):
    """One act on all who came by somebody's invitations, directly or by those whom they invited; it can be undone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="branch_acts")
    actor = models.ForeignKey(Membership, on_delete=models.SET_NULL, null=True, related_name="+")
    #: Shape: {"invitations": [ids that it revoked], "members": {id: what their `suspended_until` was}}.
    done = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.pk)
