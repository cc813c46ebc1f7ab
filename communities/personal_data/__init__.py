"""What communities store about people."""

from communities.personal_data import acts, memberships, rooms, ways_in
from core.personal_data import not_personal

__all__ = ["acts", "memberships", "rooms", "ways_in"]

not_personal.declare("communities.Intervention", "What the operators did by force, and why; it names nobody.")
not_personal.declare("communities.Community", "Texts about the community as a whole, written by its owners.")
not_personal.declare("communities.Role", "A set of rights; who has it stands in the membership.")
not_personal.declare("communities.CommunityRight", "Which role holds which right; it names no person.")
not_personal.declare("communities.Room", "Name and purpose of a room, seen by all who may enter it.")
not_personal.declare("communities.Rule", "A rule for everybody.")
not_personal.declare("communities.RoomRight", "Which role may enter or write in which room; it names no person.")
not_personal.declare("communities.MemberField", "What a community asks of its members.")
not_personal.declare(
    "communities.PendingJoin", "That somebody agreed to the rules, before anyone knows who; deleted after 7 days."
)
