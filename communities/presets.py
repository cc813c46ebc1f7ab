"""What a new community begins with: by its size, in its own language. Everything of it can be changed afterwards."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from communities.rights import Right


class Size(StrEnum):
    """How large a community means to become."""

    TABLE = "table"
    PARISH = "parish"
    HALL = "hall"


@dataclass(frozen=True, slots=True)
class RoomPlan:
    """A room that is there from the start; `group` is its title in the side bar, or nothing."""

    name: Promise
    purpose: Promise
    icon: str
    group: Promise | str = ""


@dataclass(frozen=True, slots=True)
class Preset:
    """`dots` is the number of seats in its picture; `points` say in a few words what differs."""

    size: Size
    title: Promise
    people: Promise
    points: tuple[Promise, ...]
    dots: int
    size_limit: int
    rooms: tuple[RoomPlan, ...]
    allows_presence: bool
    allows_typing: bool
    #: What members may do there beyond the built-in role.
    members_also: tuple[Right, ...] = ()


_TALK, _PRACTICAL = _("Talking"), _("Getting things done")
_LIVING_ROOM = RoomPlan(_("Living room"), _("For everything that comes to mind."), "sofa")
_PLANS = RoomPlan(_("Plans"), _("When do we meet, and who brings what?"), "calendar-heart")
_HELLO = RoomPlan(_("Introductions"), _("Who are you? A few words are enough."), "hand")
_QUESTIONS = RoomPlan(_("Questions"), _("Somebody here knows it."), "life-buoy")

PRESETS: dict[str, Preset] = {
    Size.TABLE: Preset(
        size=Size.TABLE,
        title=_("At the kitchen table"),
        people=_("up to 20 people"),
        points=(
            _("Two rooms: one to talk, one to plan"),
            _("Everyone may invite"),
            _("You see who is here and who is writing, if they like"),
        ),
        dots=8,
        size_limit=20,
        rooms=(_LIVING_ROOM, _PLANS),
        allows_presence=True,
        allows_typing=True,
        members_also=(Right.INVITE_MEMBERS,),
    ),
    Size.PARISH: Preset(
        size=Size.PARISH,
        title=_("In the parish hall"),
        people=_("20 to 60 people"),
        points=(
            _("Three rooms, with one for introductions"),
            _("Only owners and moderators invite"),
            _("You see who is here and who is writing, if they like"),
        ),
        dots=18,
        size_limit=60,
        rooms=(_LIVING_ROOM, _HELLO, _PLANS),
        allows_presence=True,
        allows_typing=True,
    ),
    Size.HALL: Preset(
        size=Size.HALL,
        title=_("In the big hall"),
        people=_("60 to 150 people"),
        points=(
            _("Four rooms in two sections"),
            _("Only owners and moderators invite"),
            _("Nobody sees who is here or writing: with so many it is only noise"),
        ),
        dots=36,
        size_limit=150,
        rooms=(
            RoomPlan(_LIVING_ROOM.name, _LIVING_ROOM.purpose, _LIVING_ROOM.icon, _TALK),
            RoomPlan(_HELLO.name, _HELLO.purpose, _HELLO.icon, _TALK),
            RoomPlan(_QUESTIONS.name, _QUESTIONS.purpose, _QUESTIONS.icon, _PRACTICAL),
            RoomPlan(_PLANS.name, _PLANS.purpose, _PLANS.icon, _PRACTICAL),
        ),
        allows_presence=False,
        allows_typing=False,
    ),
}

#: The colours on offer, in degrees, with their names.
HUES: tuple[tuple[int, Promise], ...] = (
    (166, _("Pine")),
    (222, _("Sea")),
    (125, _("Moss")),
    (85, _("Straw")),
    (45, _("Clay")),
    (18, _("Brick")),
    (345, _("Rose")),
    (300, _("Plum")),
    (268, _("Ink")),
)

#: Rules to begin with: title and text. The first ones are taken unless somebody takes them out.
RULES: tuple[tuple[Promise, Promise], ...] = (
    (
        _("What is said here stays here"),
        _("We pass nothing on and take no screenshots. Whoever wants to take something along asks the person first."),
    ),
    (
        _("We speak to one another as we would at a table"),
        _("We may disagree about a thing. We do not belittle a person."),
    ),
    (
        _("One person, one seat"),
        _("Everyone writes from a single account. Bots are marked as bots."),
    ),
    (
        _("We ask before we advise"),
        _("A tip is welcome where somebody wants one. Otherwise listening is a lot already."),
    ),
    (
        _("No advertising"),
        _("We recommend what we know ourselves. Whoever earns by it says so."),
    ),
    (
        _("A yes counts"),
        _("Whoever has said they will come or help keeps to it, or says in time that they cannot."),
    ),
)
RULES_TAKEN = 3


def rules_in(language: str) -> list[tuple[str, str]]:
    """The templates as plain text in a community's language."""
    with translation.override(language):
        return [(str(title), str(text)) for title, text in RULES]


def preset_of(size_limit: int) -> Preset:
    """The smallest preset that so many people fit into; the largest where none does."""
    return next((preset for preset in PRESETS.values() if size_limit <= preset.size_limit), PRESETS[Size.HALL])
