"""The one row of an installation's settings. It knows of no account and no community."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class MailRoute(models.Model):
    """A mail server as a table keeps it. Without a host it is none."""

    class MailSecurity(models.TextChoices):
        TLS = "tls", _("Encrypted from the start (mostly port 465)")
        STARTTLS = "starttls", _("Encrypted after the greeting (mostly port 587)")
        NONE = "none", _("Not encrypted (this machine only)")

    mail_host = models.CharField(_("Server"), max_length=253, blank=True)
    mail_port = models.PositiveIntegerField(_("Port"), default=465)
    mail_security = models.CharField(
        _("Encryption"), max_length=8, choices=MailSecurity.choices, default=MailSecurity.TLS
    )
    mail_user = models.CharField(_("Account there"), max_length=254, blank=True)
    #: Sealed (`core.sealing`), never shown again.
    mail_password = models.TextField(blank=True)
    mail_from = models.EmailField(_("Sender"), max_length=254, blank=True)

    class Meta:
        abstract = True


class Installation(MailRoute):
    """What whoever runs this place decided, as far as it does not stand in the environment. Always row 1.

    Read it with `core.installation.installation()`, which asks the database every few seconds only. Its mail server
    counts where KREIS_MAIL_HOST names none.
    """

    class SignUp(models.TextChoices):
        INVITATION = "invitation", _("By invitation only")
        ANYONE = "anyone", _("Anyone")
        NOBODY = "nobody", _("Nobody")

    class Founders(models.TextChoices):
        OPERATORS = "operators", _("Operators")
        ANYONE = "anyone", _("Anyone with an account")

    ROW: ClassVar[int] = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ROW, editable=False)
    #: "" is KREIS_SITE_NAME.
    name = models.CharField(_("Name of the place"), max_length=60, blank=True)
    #: "" is KREIS_LANGUAGE.
    language = models.CharField(_("Language"), max_length=8, choices=settings.LANGUAGES, blank=True)
    sign_up = models.CharField(
        _("Who may open an account"), max_length=12, choices=SignUp.choices, default=SignUp.INVITATION
    )
    founders = models.CharField(
        _("Who may found groups"), max_length=12, choices=Founders.choices, default=Founders.OPERATORS
    )

    contact = models.TextField(_("How to reach you"), max_length=500, blank=True)
    imprint_de = models.TextField(_("Imprint in German"), max_length=20_000, blank=True)
    imprint_en = models.TextField(_("Imprint in English"), max_length=20_000, blank=True)
    privacy_de = models.TextField(_("Privacy text in German"), max_length=60_000, blank=True)
    privacy_en = models.TextField(_("Privacy text in English"), max_length=60_000, blank=True)
    terms_de = models.TextField(_("Terms in German"), max_length=60_000, blank=True)
    terms_en = models.TextField(_("Terms in English"), max_length=60_000, blank=True)
    #: Whoever runs it declared that it is purely private and needs no imprint.
    private_since = models.DateTimeField(null=True, blank=True)

    #: Set once and never taken back: the set-up is gone from then on.
    set_up_at = models.DateTimeField(null=True, blank=True)
    #: How far the set-up has come: ids and choices, no words of a person.
    setup = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_installation")]

    def __str__(self) -> str:
        return self.name

    def text(self, kind: str) -> str:
        """The imprint, privacy text or terms in the page's language, else in the other one. "" where there is none.

        `kind`: "imprint", "privacy" or "terms".
        """
        languages = [code for code, _name in settings.LANGUAGES]
        current = (get_language() or settings.LANGUAGE_CODE).partition("-")[0]
        for code in sorted(languages, key=lambda code: code != current):
            if found := str(getattr(self, f"{kind}_{code}")).strip():
                return found
        return ""
