"""Run beside a house of the tests: tables, people who are signed in, and rooms, told as JSON on standard output."""

import json
import sys
from datetime import timedelta

import django
from django.core.management import call_command

NAMES = ("Ada", "Mo", "Mel", "Bea", "Gus", "Kim", "Out")


def main(rooms: int) -> None:
    django.setup()
    call_command("migrate", verbosity=0)
    from tests import factories
    from tests.realtime.conftest import session_of

    place = factories.community("circle")
    people = {}
    for name in NAMES:
        member = factories.member(place, name, role="owner" if name == "Ada" else "member")
        # Members for long: who came after the hour to which a clock is set back does not see what is dated so.
        member.joined_at -= timedelta(days=30)
        member.save(update_fields=["joined_at"])
        people[name.lower()] = {"session": session_of(member), "membership": str(member.pk)}
    made = [str(factories.room(place, f"Room {number}").pk) for number in range(rooms)]
    print(json.dumps({"slug": place.slug, "people": people, "rooms": made}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
