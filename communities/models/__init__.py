"""Place, membership, role, room, invitation: who is where, and by which way they came."""

from communities.models.applications import Application, ApplicationWord
from communities.models.audit import AuditDetail, AuditEntry
from communities.models.blocks import Block
from communities.models.fields import Level, MemberField, MemberValue
from communities.models.interventions import Intervention, SeenIntervention
from communities.models.invitations import BranchAct, Invitation, PendingJoin
from communities.models.membership import FormerName, Membership, Role, Visit
from communities.models.pictures import Picture
from communities.models.place import Community, CommunityRight, Rule, RulesVersion
from communities.models.rooms import Knock, Room, RoomMember, RoomRight
from communities.models.succession import Succession

__all__ = [
    "Application",
    "ApplicationWord",
    "AuditDetail",
    "AuditEntry",
    "Block",
    "BranchAct",
    "Community",
    "CommunityRight",
    "FormerName",
    "Intervention",
    "Invitation",
    "Knock",
    "Level",
    "MemberField",
    "MemberValue",
    "Membership",
    "PendingJoin",
    "Picture",
    "Role",
    "Room",
    "RoomMember",
    "RoomRight",
    "Rule",
    "RulesVersion",
    "SeenIntervention",
    "Succession",
    "Visit",
]
