"""Outgoing mail of the demo, kept as files instead of being sent. Used only where settings.DEMO is set."""

import json
import os
import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMultiAlternatives

MOST_MAILS = 200
_ID = re.compile(r"[0-9]{20}-[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class Mail:
    id: str
    sent_at: str
    sender: str
    recipients: list[str]
    subject: str
    text: str
    html: str

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.sent_at)


class EmailBackend(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            # Builds the message as a mail server would get it: refuses line breaks in headers here as well.
            message.message()
            _store(_mail(message))
        _delete_oldest()
        return len(email_messages)


def newest_first() -> list[Mail]:
    files = sorted(_folder().glob("*.json"), reverse=True) if _folder().is_dir() else []
    mails = (_read(file) for file in files)
    return [mail for mail in mails if mail is not None]


def find(mail_id: str) -> Mail | None:
    """The mail with this id, or None: ids are file names, so nothing else is looked up."""
    return _read(_folder() / f"{mail_id}.json") if _ID.fullmatch(mail_id) else None


def _folder() -> Path:
    return Path(settings.VAR_DIR) / "outbox"


def _mail(message: EmailMessage) -> Mail:
    alternatives = message.alternatives if isinstance(message, EmailMultiAlternatives) else []
    pages = [str(content) for content, kind in alternatives if kind == "text/html"]
    return Mail(
        id=f"{time.time_ns():020d}-{secrets.token_hex(4)}",
        sent_at=datetime.now(UTC).isoformat(timespec="seconds"),
        sender=str(message.from_email),
        recipients=[str(address) for address in message.recipients()],
        subject=str(message.subject),
        text=str(message.body),
        html=pages[0] if pages else "",
    )


def _store(mail: Mail) -> None:
    """Written beside and moved into place: whoever reads meanwhile sees the whole mail or none."""
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f"{mail.id}.part"
    with open(draft, "w", encoding="utf-8", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        json.dump(asdict(mail), file, ensure_ascii=False)
    draft.replace(folder / f"{mail.id}.json")


def _read(file: Path) -> Mail | None:
    try:
        return Mail(**json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _delete_oldest() -> None:
    for file in sorted(_folder().glob("*.json"), reverse=True)[MOST_MAILS:]:
        file.unlink(missing_ok=True)
