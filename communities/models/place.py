"""A community: its face, the rights that hang on it, its rules."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Func, Q, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase

from communities.rights import Right


class Community(models.Model):
    """A closed group with its own members, rules and rooms."""

    #: How few and how many people a limit of its size may name.
    FEWEST, MOST = 2, 150

    class Visibility(models.TextChoices):
        SECRET = "secret", _("Secret")
        LISTED = "listed", _("Listed")
        OPEN = "open", _("Open")

    class AgeRule(models.IntegerChoices):
        NONE = 0, _("No age rule")
        SIXTEEN = 16, _("From 16 on")
        EIGHTEEN = 18, _("From 18 on")

    MOST_QUESTIONS = 5
    MOST_FIELDS = 8
    #: So long a community that is to be deleted can be taken back.
    GRACE = timedelta(days=14)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    #: In the order of founding, never given again: all that whoever runs the place sees of it besides its size.
    number = models.PositiveIntegerField(
        unique=True, editable=False, db_default=Func(Value("communities_community_number"), function="nextval")
    )
    name = models.CharField(_("Name"), max_length=60)
    slug = models.SlugField(max_length=40, unique=True)
    purpose = models.CharField(_("Purpose"), max_length=300, blank=True)
    #: Where the data lives and who runs the server, in the community's own words.
    hosting = models.CharField(max_length=300, blank=True)
    language = models.CharField(max_length=8, choices=settings.LANGUAGES, default="de")
    hue = models.PositiveSmallIntegerField(default=166, validators=[MaxValueValidator(359)])
    visibility = models.CharField(max_length=10, choices=Visibility.choices, default=Visibility.SECRET)
    #: How many people fit in: everybody who is in it counts, guests too.
    size_limit = models.PositiveSmallIntegerField(
        _("How many people at most"), default=150, db_default=150, validators=[MinValueValidator(FEWEST)]
    )
    #: Off for everybody, whatever each of them chose.
    allows_presence = models.BooleanField(_("Show who is here"), default=True, db_default=True)
    allows_typing = models.BooleanField(_("Show who is writing"), default=True, db_default=True)
    #: Who answers for the group, and how they are reached, in its own words.
    responsible = models.CharField(_("Who is responsible"), max_length=300, blank=True, default="", db_default="")
    age_rule = models.PositiveSmallIntegerField(choices=AgeRule.choices, default=AgeRule.NONE, db_default=0)
    #: Belonging to it says something about health, faith, sexuality or politics (Article 9 GDPR): who comes consents.
    is_sensitive = models.BooleanField(default=False, db_default=False)
    #: What newcomers read first.
    welcome = models.TextField(_("Welcome message"), max_length=2000, blank=True, default="", db_default="")
    #: "" is that of the installation.
    time_zone = models.CharField(max_length=64, blank=True, default="", db_default="")
    #: What applicants are asked. Shape: up to MOST_QUESTIONS sentences.
    questions = models.JSONField(default=list, blank=True, db_default=Value([], models.JSONField()))
    #: Whoever moderates or manages here needs a second factor (`rights.STAFF`).
    requires_second_factor = models.BooleanField(default=False, db_default=False)
    #: The community of which this one is a chapter. Nothing is inherited from it.
    parent = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="chapters")
    #: Steps in where no owner is left.
    deputy = models.ForeignKey("Membership", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    #: Since when nobody can write or change anything here.
    archived_at = models.DateTimeField(null=True, blank=True)
    #: When it is going to be deleted for good; until then an owner can take it back.
    deletion_due_at = models.DateTimeField(null=True, blank=True)
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


class Rule(models.Model):
    """One numbered rule of a community, as it holds now; who joins agrees to them."""

    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="rules")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=100)
    text = models.CharField(max_length=600, blank=True)
    #: The same in the other language of this site, where somebody translated it.
    other_title = models.CharField(max_length=100, blank=True, default="", db_default="")
    other_text = models.CharField(max_length=600, blank=True, default="", db_default="")

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["community", "number"], name="one_rule_per_number")]

    def __str__(self) -> str:
        return f"{self.community_id}:{self.number}"


class RulesVersion(models.Model):
    """What the rules were from a moment on. Never changed afterwards."""

    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="rules_versions")
    number = models.PositiveIntegerField()
    #: A change of substance has to be agreed to again; one of wording has not.
    is_substantial = models.BooleanField()
    #: The language of `title` and `text`; the other one's are `other_title` and `other_text`.
    language = models.CharField(max_length=8, choices=settings.LANGUAGES)
    #: Shape: [{"number", "title", "text", "other_title", "other_text"}, …]
    rules = models.JSONField()
    #: What changed, in the words of whoever changed it.
    summary = models.CharField(max_length=300, blank=True)
    published_at = models.DateTimeField(default=timezone.now)
    published_by = models.ForeignKey("Membership", on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["community", "number"], name="one_rules_version_per_number")]

    def __str__(self) -> str:
        return f"{self.community_id}:{self.number}"
