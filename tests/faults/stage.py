"""Run beside a house of the tests: tables, people who are signed in, and rooms, told as JSON on standard output."""

import json
import sys

import django
from django.core.management import call_command

NAMES = ("Ada", "Mo", "Mel", "Bea", "Gus", "Kim", "Out")


def main(rooms: int) -> None:
    django.setup()
    call_command("migrate", verbosity=0)
    from communities.actions import choose_presence
    from communities.models import Room
    from tests import factories
    from tests.realtime.conftest import session_of

    place = factories.community("circle")
    people = {}
    for name in NAMES:
        member = factories.member(place, name, role="owner" if name == "Ada" else "member")
        choose_presence(member=member, shows_presence=True, shows_typing=True)
        people[name.lower()] = {"session": session_of(member), "membership": str(member.pk)}
    made = [factories.room(place, f"Room {number}") for number in range(rooms)]
    # What a room shows since somebody joined, it shows by the clock, and a test sets clocks.
    Room.objects.filter(community=place).update(history=Room.History.ALL)
    print(json.dumps({"slug": place.slug, "people": people, "rooms": [str(room.pk) for room in made]}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
