"""What may happen to a place that runs: nothing of what two people say to one another is lost, and it heals."""

import itertools
import time

from playwright.sync_api import expect

from deploy.walk import people, stack
from deploy.walk.people import Person

Figures = list[tuple[str, str]]
_numbers = itertools.count(1)


def note(figures: Figures, what: str, seconds: float) -> None:
    figures.append((what, f"{seconds:.1f} s"))
    print(f"{what}: {seconds:.1f} s", flush=True)


def talk(one: Person, two: Person, word: str) -> None:
    """A word there and a word back, both live."""
    number = next(_numbers)
    one.say(f"{word} there {number}")
    two.hears(f"{word} there {number}")
    two.say(f"{word} back {number}")
    one.hears(f"{word} back {number}")


def down_and_up(one: Person, two: Person, group: str, figures: Figures) -> None:
    """All containers go; what was said, who is signed in and the certificate stay."""
    one.say("kept over the night")
    two.hears("kept over the night")
    note(figures, "down", stack.timed(lambda: stack.compose("down")))
    note(figures, "up again", stack.timed(stack.bring_up))
    for person in (one, two):
        people.enter_room(person, group)
        person.hears("kept over the night")
    talk(one, two, "the next day")


def both_webs(one: Person, two: Person, group: str, figures: Figures) -> None:
    """Two people whose sockets end at different webs hear one another."""
    note(figures, "scale to one web", stack.timed(lambda: stack.bring_up("--scale", "web=1")))
    note(figures, "scale to two webs", stack.timed(lambda: stack.bring_up("--scale", "web=2")))
    part(one, two, group)
    webs = {at for container in stack.containers("web") for at in stack.addresses(container)}
    if not {one.web, two.web} <= webs:
        raise stack.WalkError(f"{one.web} and {two.web} are not both among {sorted(webs)}")
    note(figures, "there and back over two webs", stack.timed(lambda: talk(one, two, "across")))


def part(one: Person, two: Person, group: str) -> None:
    """Until the sockets of the two end at different webs. Raises: WalkError where they never do."""
    for _ in range(20):
        if one.web and two.web and one.web != two.web:
            break
        people.enter_room(two, group)
        time.sleep(0.5)
    else:
        raise stack.WalkError(f"both are always at the same web: {one.webs}, {two.webs}")


def kill_one(service: str, one: Person, two: Person, group: str, figures: Figures) -> None:
    """kill -9: who is talking goes on talking, without a reload; the container comes back by itself."""
    part(one, two, group)
    containers = stack.containers(service)
    # Of the webs that which the first person's socket ends at.
    container = next((each for each in containers if one.web in stack.addresses(each)), containers[0])
    starts = stack.kill(container)
    start = time.monotonic()
    talk(one, two, f"{service} died")
    talking = time.monotonic() - start
    stack.wait_until(
        lambda: stack.is_well(container, more_starts_than=starts), f"{service} is back after its process was killed"
    )
    whole = time.monotonic() - start
    stack.wait_until(lambda: stack.last_job_seconds() < time.monotonic() - start - 1, "a job that the clock asked for")
    done = time.monotonic() - start
    figures.append(
        (f"kill -9 {service}", f"talking {talking:.1f} s, whole {whole:.1f} s, a job of the clock {done:.1f} s")
    )
    print(*figures[-1], flush=True)


def exchange_webs(one: Person, two: Person, figures: Figures) -> None:
    """A rolling restart while both talk all the time: everything arrives, and once."""
    before = set(stack.containers("web"))
    said: list[str] = []
    start = time.monotonic()
    working = stack.begin("sh", "deploy/update.sh", "--restart")
    while working.poll() is None or len(said) < 12:
        for speak in (one.say, two.say, two.say_by_form):
            said.append(f"meanwhile {next(_numbers)}")
            speak(said[-1])
        one.page.wait_for_timeout(900)  # more than 40 in 20 s are refused
    if working.returncode:
        raise stack.WalkError(f"deploy/update.sh: {working.stdout.read() if working.stdout else ''}")
    note(figures, f"webs exchanged, {len(said)} messages meanwhile", time.monotonic() - start)
    if before & set(stack.containers("web")):
        raise stack.WalkError("a web was not exchanged")
    after = set(stack.containers("web"))
    stack.bring_up()
    if after != set(stack.containers("web")):
        raise stack.WalkError("the exchanged webs are made anew by the next `up`")
    for person in (one, two):
        for word in said:
            person.hears(word)
        people.go(person.page, person.page.url)
        expect(person.page.locator("[data-live]")).to_be_visible()
        for word in said[-20:]:
            person.hears(word)
    figures.append(("of them lost or doubled", "0"))
    talk(one, two, "afterwards")
