"""The walk: everything that docker-compose.yml promises, done once for real.

    sh deploy/env.sh localhost
    python -m deploy.walk --delete-everything     # needs docker, root for kill -9, and requirements/all.txt

From an empty machine: up, set up in the browser through caddy, invite, sign up, talk; down and up; kill -9 of each
service; both webs; exchanged webs. Ends with a table. **It begins by deleting this folder's volumes.**
"""

import argparse
import re
import sys
import time
from pathlib import Path

from deploy.walk import faults, people, stack
from deploy.walk.faults import Figures, note, talk
from deploy.walk.stack import WalkError


def main() -> int:
    options = arguments()
    figures: Figures = []
    try:
        walk(options, figures)
    except WalkError as error:
        print(f"\nThe walk ends here: {error}", file=sys.stderr)
        return 1
    finally:
        print_table(figures)
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.walk", description=__doc__)
    parser.add_argument("--chromium", default="", help="the browser to use; else playwright's own")
    parser.add_argument("--keep", action="store_true", help="leave it running at the end")
    parser.add_argument("--pictures", type=Path, help="a folder for pictures of the pages at which it failed")
    parser.add_argument("--delete-everything", action="store_true", required=True, help="yes, the volumes go")
    return parser.parse_args()


def walk(options: argparse.Namespace, figures: Figures) -> None:
    base = setting("KREIS_BASE_URL")
    stack.compose("down", "--volumes", "--remove-orphans")
    note(figures, "build", stack.timed(lambda: stack.compose("build")))
    note(figures, "up, nothing there yet", stack.timed(stack.bring_up))
    for name in ("kreis", "kreis-caddy"):
        figures.append((f"image {name}", f"{stack.image_size(f'localhost/{name}'):.0f} MB"))
    with people.browsers(base, options.chromium, options.pictures) as enter:
        one, two = enter("Ada", "ada@example.org"), enter("Nia", "nia@example.org")
        start = time.monotonic()
        invitation = people.set_up(one, setup_link())
        group = one.page.url
        note(figures, "set up in the browser", time.monotonic() - start)
        note(figures, "signed up by the first invitation", stack.timed(lambda: people.sign_up(two, invitation)))
        note(figures, "a picture of oneself", stack.timed(lambda: people.show_face(two, group)))
        for person in (one, two):
            people.enter_room(person, group)
        note(figures, "a message there and back", stack.timed(lambda: talk(one, two, "first")))
        faults.down_and_up(one, two, group, figures)
        faults.both_webs(one, two, group, figures)
        for service in stack.LASTING:
            faults.kill_one(service, one, two, group, figures)
        faults.exchange_webs(one, two, figures)
    stopped = [line for service in stack.LASTING for line in stack.containers(service)]
    figures += [(f"memory {name}", used) for name, used in sorted(stack.memory(stopped).items())]
    if not options.keep:
        note(figures, "down", stack.timed(lambda: stack.compose("down")))


def setup_link() -> str:
    """As it stands in what the start said. Raises: WalkError where it does not."""
    said = stack.compose("logs", "--no-log-prefix", "--no-color", "migrate")
    found = re.search(r"https://\S+/setup/\?token=\w+", said)
    if found is None:
        raise WalkError(f"no link to set the place up in: {said}")
    return found[0]


def setting(name: str) -> str:
    """Of .env. Raises: WalkError where there is none."""
    lines = Path(stack.ROOT / ".env").read_text().splitlines() if (stack.ROOT / ".env").exists() else []
    for line in lines:
        key, _equals, value = line.partition("=")
        if key == name:
            return value
    raise WalkError(f"{name} is not in .env. First: sh deploy/env.sh localhost")


def print_table(figures: Figures) -> None:
    width = max((len(what) for what, _figure in figures), default=0)
    print("\n" + "\n".join(f"{what:{width}}  {figure}" for what, figure in figures))


if __name__ == "__main__":
    sys.exit(main())
