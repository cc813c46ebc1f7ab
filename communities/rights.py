"""The single rights of a community, and what the built-in roles hold."""

from enum import StrEnum


class Right(StrEnum):
    """One right each; the values are the codenames of guardian's permissions on `Community`."""

    WRITE_MESSAGES = "write_messages"
    ATTACH_FILES = "attach_files"
    WRITE_ANONYMOUSLY = "write_anonymously"
    START_TOPICS = "start_topics"
    START_CONVERSATIONS = "start_conversations"
    MENTION_ROOM = "mention_room"
    ANNOUNCE = "announce"
    EDIT_PAGES = "edit_pages"
    CREATE_POLLS = "create_polls"
    CREATE_GATHERINGS = "create_gatherings"
    HOST_EXPERT_HOURS = "host_expert_hours"
    INVITE_MEMBERS = "invite_members"
    REVIEW_APPLICATIONS = "review_applications"
    MANAGE_MEMBERS = "manage_members"
    MANAGE_ROLES = "manage_roles"
    MANAGE_ROOMS = "manage_rooms"
    MANAGE_RULES = "manage_rules"
    MANAGE_SETTINGS = "manage_settings"
    MODERATE = "moderate"
    OPEN_PSEUDONYMS = "open_pseudonyms"
    RECEIVE_CONCERNS = "receive_concerns"
    READ_AUDIT_LOG = "read_audit_log"
    MANAGE_BOTS = "manage_bots"
    EXPORT_COMMUNITY = "export_community"


_GUEST = {Right.WRITE_MESSAGES}
_MEMBER = _GUEST | {
    Right.ATTACH_FILES,
    Right.WRITE_ANONYMOUSLY,
    Right.START_TOPICS,
    Right.START_CONVERSATIONS,
    Right.CREATE_POLLS,
    Right.CREATE_GATHERINGS,
}
_MODERATOR = _MEMBER | {
    Right.MENTION_ROOM,
    Right.INVITE_MEMBERS,
    Right.REVIEW_APPLICATIONS,
    Right.MODERATE,
    Right.OPEN_PSEUDONYMS,
    Right.RECEIVE_CONCERNS,
    Right.READ_AUDIT_LOG,
}

#: Whoever holds one of these has power over others: a community can ask a second factor of them.
STAFF = frozenset(
    {
        Right.REVIEW_APPLICATIONS,
        Right.MANAGE_MEMBERS,
        Right.MANAGE_ROLES,
        Right.MANAGE_ROOMS,
        Right.MANAGE_RULES,
        Right.MANAGE_SETTINGS,
        Right.MODERATE,
        Right.OPEN_PSEUDONYMS,
        Right.READ_AUDIT_LOG,
        Right.MANAGE_BOTS,
        Right.EXPORT_COMMUNITY,
    }
)
#: How high the built-in roles stand; custom ones stand between them, none as high as the owners.
RANKS = {"guest": 0, "member": 100, "moderator": 500, "owner": 1000}

BUILT_IN: dict[str, set[Right]] = {
    "owner": set(Right),
    "moderator": _MODERATOR,
    "member": _MEMBER,
    "guest": _GUEST,
}
