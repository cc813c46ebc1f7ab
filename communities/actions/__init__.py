"""The use cases of a community."""

from communities.actions.founders import choose_first_rules, found_by, refound
from communities.actions.founding import choose_room_member, create_room, found_community, unchoose_room_member
from communities.actions.invitations import (
    InvalidInvitation,
    TooManyBegun,
    find_open_invitation,
    invite,
    revoke_invitation,
    start_joining,
)
from communities.actions.joining import (
    delete_stale_joining,
    find_begun_joining,
    join,
    note_opened_account,
    rename_member,
    stop_joining,
)
from communities.actions.names import delete_old_names
from communities.actions.operating import (
    answer_operators,
    ask_to_invite,
    has_owner,
    intervene,
    is_peopled,
    put_aside,
)
from communities.actions.pictures import choose_picture
from communities.actions.presence import allow_presence, choose_presence
from communities.actions.removing import (
    ban_member,
    lift_suspension,
    remove_member,
    suspend_member,
    unban_member,
)
from communities.actions.size import limit_size
from communities.actions.visiting import known_visit, note_visits, visit

__all__ = [
    "InvalidInvitation",
    "TooManyBegun",
    "allow_presence",
    "answer_operators",
    "ask_to_invite",
    "ban_member",
    "choose_first_rules",
    "choose_picture",
    "choose_presence",
    "choose_room_member",
    "create_room",
    "delete_old_names",
    "delete_stale_joining",
    "find_begun_joining",
    "find_open_invitation",
    "found_by",
    "found_community",
    "has_owner",
    "intervene",
    "invite",
    "is_peopled",
    "join",
    "known_visit",
    "lift_suspension",
    "limit_size",
    "note_opened_account",
    "note_visits",
    "put_aside",
    "refound",
    "remove_member",
    "rename_member",
    "revoke_invitation",
    "start_joining",
    "stop_joining",
    "suspend_member",
    "unban_member",
    "unchoose_room_member",
    "visit",
]
