"""Place, membership, role, room, invitation: who is where, and by which way they came."""

from communities.models.interventions import Intervention, SeenIntervention
from communities.models.invitations import Invitation, PendingJoin
from communities.models.membership import FormerName, Membership, Role, Visit
from communities.models.pictures import Picture
from communities.models.place import Community, CommunityRight, Rule
from communities.models.rooms import Room, RoomMember

__all__ = [
    "Community",
    "CommunityRight",
    "FormerName",
    "Intervention",
    "Invitation",
    "Membership",
    "PendingJoin",
    "Picture",
    "Role",
    "Room",
    "RoomMember",
    "Rule",
    "SeenIntervention",
    "Visit",
]
