"""Posting: both doors end here."""

import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from communities.entries import entries_of_members
from communities.models import Membership, Room
from core import limits
from core.keys import keyed_hash
from core.text import is_blank, is_storable, tidy_lines
from messaging import markdown
from messaging.actions.logs import advance, tell_after_commit
from messaging.models import Message, RoomLog
from messaging.permissions import check_post_message


@dataclass(frozen=True, slots=True)
class Draft:
    """What someone wants to post. `client_id` is random and chosen by the page: a retry carries the same one."""

    author: Membership
    room: Room
    client_id: uuid.UUID
    text: str
    #: Of the author, where drafts of several people are posted together; "" is the language that is active.
    language: str = ""

    def in_their_language(self) -> AbstractContextManager[None]:
        """For the words of a refusal."""
        return translation.override(self.language) if self.language else nullcontext()

    @property
    def retry_key(self) -> str:
        return keyed_hash("message-retry", str(self.author.pk), str(self.client_id))


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a draft was not taken, as a translated sentence. `is_final` is no where trying again may help."""

    reason: str
    is_final: bool = True


Outcome = Message | Refusal


def post_messages(drafts: Iterable[Draft], *, are_fresh: bool = False) -> list[Outcome]:
    """Store messages in the order given; what was stored before under the same client id is found again.

    Shape: one outcome per draft. Every reader learns of the new ones after COMMIT. `are_fresh`: authors and rooms were
    read just now, by `entries_of_accounts`, and need not be read again.
    Emits: message_posted, once per batch, with the new ids.
    """
    drafts = [replace(draft, text=tidy_text(draft.text)) for draft in drafts]
    outcomes: dict[int, Outcome] = {}
    taken: dict[str, Draft] = {}
    keys: list[str] = []
    for place, draft in enumerate(drafts):
        keys.append(draft.retry_key)
        with draft.in_their_language():
            refusal = shape_refusal(draft.text)
        if refusal is None:
            taken.setdefault(keys[place], draft)
        else:
            outcomes[place] = refusal
    stored = _store(taken, are_fresh) if taken else {}
    return [outcomes.get(place) or stored[key] for place, key in enumerate(keys)]


def tidy_text(text: str) -> str:
    """The text as it is stored: one kind of line end, no blank lines around."""
    return tidy_lines(text).strip("\n")


def shape_refusal(text: str) -> Refusal | None:
    """Everything that can be said before a transaction is opened."""
    if is_blank(text):
        return Refusal(_("Write something first."))
    if len(text) > Message.LONGEST:
        return Refusal(_("This message is too long. 8,000 characters fit."))
    if not is_storable(text):
        return Refusal(_("This message contains characters that cannot be stored."))
    return None


def _store(drafts: Mapping[str, Draft], are_fresh: bool) -> dict[str, Outcome]:
    """Shape: drafts and outcomes by retry key."""
    # Counted once, whatever has to be done twice.
    hasty = {key for key, draft in drafts.items() if not _is_calm(draft.author)}
    try:
        return _store_new(drafts, are_fresh, hasty, known={})
    except IntegrityError:
        # A retry, also one that ran beside the first try and waited for it: what is stored is stored, also for someone
        # who was muted while the answer was on its way. Rare; therefore not asked before.
        known = _stored_before(drafts)
        if not known:
            raise
        return _store_new(drafts, False, hasty, known)


@transaction.atomic
def _store_new(
    drafts: Mapping[str, Draft], are_fresh: bool, hasty: Collection[str], known: Mapping[str, Message]
) -> dict[str, Outcome]:
    outcomes: dict[str, Outcome] = dict(known)
    welcome: dict[str, Draft] = {}
    fresh = {key: draft for key, draft in drafts.items() if key not in known}
    # The authors as they are now: a measure may have come since the page was loaded.
    given = {(draft.author.pk, draft.room.pk): (draft.author, draft.room) for draft in fresh.values()}
    entries = given if are_fresh else entries_of_members(given)
    for key, draft in fresh.items():
        entry = entries.get((draft.author.pk, draft.room.pk))
        with draft.in_their_language():
            refusal = (
                _refusal_now(*entry, is_hasty=key in hasty) if entry else Refusal(_("You can no longer write here."))
            )
        if refusal is not None:
            outcomes[key] = refusal
        elif entry:
            welcome[key] = replace(draft, author=entry[0], room=entry[1])
    if not known and len(welcome) < len(fresh):
        # Also a refused retry may have been stored when it was still welcome.
        outcomes |= _stored_before({key: fresh[key] for key in fresh.keys() - welcome.keys()})
    if welcome:
        logs = advance(Counter(draft.room.pk for draft in welcome.values()))
        messages = _numbered(welcome, logs)
        Message.objects.bulk_create(messages.values())
        tell_after_commit(list(messages.values()), is_new=True)
        outcomes |= messages
    return outcomes


def _stored_before(drafts: Mapping[str, Draft]) -> dict[str, Message]:
    return {message.retry_key: message for message in Message.objects.filter(retry_key__in=list(drafts))}


def _is_calm(author: Membership) -> bool:
    return limits.is_within(f"posts:{author.pk}", times=40, seconds=20)


def _refusal_now(author: Membership, room: Room, *, is_hasty: bool) -> Refusal | None:
    try:
        check_post_message(author, room)
    except PermissionDenied as error:
        return Refusal(str(error))
    if is_hasty:
        return Refusal(_("That was a lot at once. Wait a moment, then go on."), is_final=False)
    return None


def _numbered(drafts: Mapping[str, Draft], logs: Mapping[uuid.UUID, RoomLog]) -> dict[str, Message]:
    """The drafts as messages: in each room the numbers just taken, in the order given."""
    left = Counter(draft.room.pk for draft in drafts.values())
    messages: dict[str, Message] = {}
    for key, draft in drafts.items():
        log = logs[draft.room.pk]
        left[draft.room.pk] -= 1
        messages[key] = Message(
            room=draft.room,
            author=draft.author,
            sequence=log.sequence - left[draft.room.pk],
            change=log.change - left[draft.room.pk],
            text=draft.text,
            html=markdown.render(draft.text),
            renderer_version=markdown.VERSION,
            retry_key=key,
            created_at=timezone.now(),
        )
    return messages
