"""A community: its face, the rights that hang on it, its rules."""

import uuid

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
