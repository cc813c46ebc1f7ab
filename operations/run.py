"""`make run`: servers, preparation, web, worker and clock, from one terminal, until Ctrl+C."""

import argparse
import http.client
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from operations.embedded.failure import StartError
from operations.embedded.servers import Servers
from operations.house import House, occupied
from operations.keeper import Keeper, Program
from operations.minder import Minder
from operations.port import free_port, wanted_port
from operations.programs import beat_command, web_command, worker_command
from operations.running import forget_environment, note_environment

ROOT = Path(__file__).resolve().parent.parent
ANSWER_SECONDS = 60.0


class Stopped(Exception):
    """Somebody asked us to stop while we started."""


class Interruption:
    """Counts the wishes to stop. Only asked for at places of our choice: nothing is cut in two."""

    def __init__(self) -> None:
        self.count = 0
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.note)

    def note(self, number: int, frame: FrameType | None) -> None:
        self.count += 1

    def check(self) -> None:
        if self.count:
            raise Stopped

    def is_repeated(self) -> bool:
        return self.count > 1


def main() -> int:
    options = arguments()
    interruption = Interruption()
    os.chdir(ROOT)
    try:
        with occupied(Path(options.var).expanduser().absolute()) as house:
            Run(house, wanted_port(options.port), interruption).until_stopped()
    except StartError as error:
        print(f"Kreis: {error}", file=sys.stderr, flush=True)
        return 1
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make run", description=__doc__)
    parser.add_argument("--port", default=os.environ.get("PORT") or "8000")
    parser.add_argument("--var", default=os.environ.get("VAR") or "var", help="folder for all data")
    return parser.parse_args()


class Run:
    """One run, from the first server to the last."""

    def __init__(self, house: House, port: int, interruption: Interruption) -> None:
        self.house = house
        self.wanted = port
        self.port = port
        self.interruption = interruption
        self.keeper = Keeper(house.note_children)
        self.servers = Servers(house.var, os.environ, pulse=self.pulse)
        self.minder = Minder(self.keeper.say)
        self.environment: dict[str, str] = {}

    def until_stopped(self) -> None:
        try:
            self.start()
            while not self.interruption.count:
                self.keeper.turn(0.2)
                self.minder.mind(self.servers.dead())
        except Stopped:
            pass
        finally:
            if self.interruption.count:
                self.keeper.say("stopping …")
            forget_environment(self.house.var)
            self.keeper.stop(self.interruption.is_repeated)
            self.servers.stop(self.interruption.is_repeated)
            self.house.note_children([])
            self.house.links.unlink(missing_ok=True)
        self.keeper.say(f"stopped. The data stays in {self.house.var}.")

    def pulse(self) -> None:
        """While a server starts: programs that die meanwhile start again, too."""
        self.interruption.check()
        self.keeper.turn(0.01)

    def start(self) -> None:
        self.house.end_left_children()
        self.choose_port()
        self.servers.start()
        self.environment = {**self.house.environment(os.environ, port=self.port), **self.servers.addresses}
        self.wait_until_answered(self.prepare())
        self.tell_address()
        self.start_background()

    def choose_port(self) -> None:
        self.port = free_port(self.wanted)
        if self.wanted not in {0, self.port}:
            self.keeper.say(f"port {self.wanted} is taken, so it is {self.port} this time.")

    def prepare(self) -> Program:
        """Tables, translations, static files, the demo; and the web server, which is returned.

        Where it was all done before, the web server starts at the same time: it nearly always finds everything in
        place, and else it starts again.
        """
        web = self.start_web() if self.house.is_prepared else None
        command = [sys.executable, "-m", "operations.readiness", str(self.port), str(self.house.links)]
        prepared = self.keeper.run_to_end("prepare", command, self.environment, self.interruption.check)
        if prepared.returncode:
            raise StartError("the preparation failed; the reason stands above.")
        self.house.note_prepared()
        if web is None or prepared.last_lines:
            if web:
                self.keeper.end(web, self.interruption.is_repeated)
            web = self.start_web()
        return web

    def start_web(self) -> Program:
        return self.keeper.start("web", web_command(self.port), {**self.environment, "KREIS_DATABASE_POOL": "1"})

    def tell_address(self) -> None:
        address = f"http://localhost:{self.port}/"
        self.house.note_address(address)
        note_environment(self.house.var, self.environment)
        self.keeper.say(address)
        self.keeper.print(self.house.links.read_text())

    def wait_until_answered(self, web: Program) -> None:
        """Raises: StartError where no page comes, so that nobody is sent to an address that does not work."""
        end = time.monotonic() + ANSWER_SECONDS
        while not (status := first_page(self.port)):
            self.interruption.check()
            self.keeper.turn(0.05)
            if web.restarts > 2 or time.monotonic() > end:
                raise StartError("the web server does not start; the reason may stand above.")
        if status >= 500:
            self.keeper.turn(0.5)
            raise StartError(f"the first page fails with status {status}; the reason stands above.")

    def start_background(self) -> None:
        self.keeper.start("worker", worker_command(), self.environment)
        self.keeper.start("beat", beat_command(self.house.var / "run" / "beat"), self.environment)


def first_page(port: int) -> int:
    """The status of a page, not only a connection; 0 where none comes."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/", headers={"Host": f"localhost:{port}"})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
