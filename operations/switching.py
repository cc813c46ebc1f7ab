"""Another mail server where mail leaves already: told to all operators by the old one, and done a day later.

Codes that open accounts go by mail. An operator's session that was stolen would otherwise open all of them, by a server
that keeps a copy, before anybody hears of it. Whoever has the machine may do it at once: `manage.py mail_server`.
"""

from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.letters import Letter, absolute, send_letter
from accounts.models import User
from accounts.tickets import ticket
from core.mail import MailServer
from core.models import Installation
from core.moments import in_full
from core.sealing import SealBroken, is_of_newest_key
from operations.actions import check_operator, note
from operations.mail import MAIL_FIELDS, choose_mail_server
from operations.models import LogEntry, MailSwitch

#: What the link in the letter may do.
CANCEL_SWITCH = "cancel mail switch"


def mail_leaves() -> bool:
    """Whether a mail server stands in the row, so that another one would be a switch. Whether it answers is not asked:
    one that was made to fail for a moment must not open the way."""
    return Installation.objects.filter(pk=Installation.ROW).exclude(mail_host="").exists()


def open_switch() -> MailSwitch | None:
    """The one that waits."""
    return MailSwitch.objects.filter(cancelled_at=None, done_at=None).select_related("asked_by").first()


@transaction.atomic
def ask_for_server(*, actor: User, server: MailServer) -> MailSwitch | None:
    """By this server mail leaves from now on, or in a day where it leaves by another one; that switch is returned.

    Another password or sender for the same account is no other way. What waits already is replaced, and waits anew.
    Raises: PermissionDenied.
    """
    check_operator(actor)
    row = Installation.objects.select_for_update().get_or_create(pk=Installation.ROW)[0]  # two at once are one by one
    if not row.mail_host or server.is_way_of(row):
        choose_mail_server(server)
        note(actor=actor, act=LogEntry.Act.MAIL)
        return None
    now = timezone.now()
    MailSwitch.objects.filter(cancelled_at=None, done_at=None).update(**_void(now))
    switch = MailSwitch(asked_by=actor, asked_at=now, due_at=now + MailSwitch.WAIT)
    server.keep_in(switch)
    switch.save(force_insert=True)
    note(actor=actor, act=LogEntry.Act.MAIL_ASKED)
    transaction.on_commit(partial(_tell_of_asked, switch), robust=True)
    return switch


@transaction.atomic
def cancel_switch(*, by: User | None) -> bool:
    """The server stays. Returns whether something waited. All operators are told.

    `by`: an operator, or nobody: the link of the letter, and the command line. Raises: PermissionDenied.
    """
    if by is not None:
        check_operator(by)
    waiting = MailSwitch.objects.filter(cancelled_at=None, done_at=None)
    if not waiting.update(**_void(timezone.now())):
        return False
    note(actor=by, act=LogEntry.Act.MAIL_KEPT)
    transaction.on_commit(_tell_of_cancelled, robust=True)
    return True


@transaction.atomic
def complete_switch(*, at_once: bool = False) -> bool:
    """Do what is due, or `at_once` what waits: for whoever has the machine. Returns whether this call did something."""
    row = Installation.objects.select_for_update().get_or_create(pk=Installation.ROW)[0]
    waiting = MailSwitch.objects.select_for_update(of=("self",)).filter(cancelled_at=None, done_at=None)
    switch = (waiting if at_once else waiting.filter(due_at__lte=timezone.now())).first()
    if switch is None:
        return False
    for name in MAIL_FIELDS:
        setattr(row, name, getattr(switch, name))
    row.save(update_fields=MAIL_FIELDS)
    switch.done_at = timezone.now()
    switch.mail_password = ""  # it stands in the row now
    switch.save(update_fields=["done_at", "mail_password"])
    note(actor=switch.asked_by, act=LogEntry.Act.MAIL)
    return True


@transaction.atomic
def reseal_mail_passwords() -> tuple[int, int]:
    """Seal with the newest key what an older one sealed. Shape: how many were, how many cannot be read."""
    done = lost = 0
    for table in (Installation, MailSwitch):
        for row in table.objects.select_for_update(of=("self",)):
            if not row.mail_password or is_of_newest_key(row.mail_password):
                continue
            try:
                row.mail_password = MailServer.of(row).sealed_password()
            except SealBroken:
                lost += 1
            else:
                row.save(update_fields=["mail_password"])
                done += 1
    return done, lost


def _void(now: datetime) -> dict[str, Any]:
    """What a cancelled one is: its password is kept no longer."""
    return {"cancelled_at": now, "mail_password": ""}


def _tell_of_asked(switch: MailSwitch) -> None:
    """By the server that still counts."""
    for person in User.objects.filter(is_operator=True, is_active=True):
        send_letter(person.email, person.language, lambda: _asked(switch))


def _tell_of_cancelled() -> None:
    for person in User.objects.filter(is_operator=True, is_active=True):
        send_letter(person.email, person.language, _cancelled)


def _asked(switch: MailSwitch) -> Letter:
    path = reverse("refuse_mail_switch", args=[ticket(CANCEL_SWITCH, switch.pk.hex)])
    return Letter(
        heading=_("Mail is going to leave by another server"),
        lines=[
            _("An operator of this place asked for it. You get this letter because you are one, too."),
            _("It happens on %(when)s. Until then nothing changes.") % {"when": in_full(switch.due_at)},
            _("Whoever has that server can read every mailed code, and so get into accounts without a second factor."),
        ],
        link=(_("Cancel it"), absolute(path)),
        small=[
            _("The link opens a page that asks first. You can cancel it on the page of settings, too."),
            _("If it was none of you: somebody uses the account of an operator. Sign it out everywhere."),
        ],
    )


def _cancelled() -> Letter:
    return Letter(
        heading=_("Mail leaves by the same server as before"),
        lines=[_("The switch to another mail server was cancelled. Nothing was changed.")],
        small=[_("If you do not know of it, ask the other operators of this place.")],
    )
