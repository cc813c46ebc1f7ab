"""The embedded servers together: started unless their addresses are given, stopped in order."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from operations.embedded.account import choose_account
from operations.embedded.binaries import find_binaries
from operations.embedded.failure import explain_os_error
from operations.embedded.postgres import Postgres
from operations.embedded.server import Place, Server, nothing
from operations.embedded.socket_folder import make_socket_folder, remove_socket_folder
from operations.embedded.valkey import Valkey

SOCKETS = Path("run") / "sockets"
Started = TypeVar("Started", bound=Server)


class Servers:
    """`addresses` is what programs need in their environment to find them."""

    def __init__(
        self,
        var: Path,
        given: Mapping[str, str],
        *,
        throwaway: bool = False,
        pulse: Callable[[], None] = nothing,
    ) -> None:
        self.var = var
        self.given = {name: given[name] for name in ("DATABASE_URL", "REDIS_URL") if given.get(name)}
        self.throwaway = throwaway
        self.pulse = pulse
        self.addresses: dict[str, str] = dict(self.given)
        self.running: list[Server] = []

    def start(self) -> None:
        """Raises: StartError with one sentence."""
        if len(self.given) == 2:
            return
        try:
            place = self.make_place()
            if "DATABASE_URL" not in self.given:
                self.addresses["DATABASE_URL"] = self.add(Postgres(place)).url
            if "REDIS_URL" not in self.given:
                self.addresses["REDIS_URL"] = self.add(Valkey(place)).url
        except OSError as error:
            raise explain_os_error(error, self.var) from error

    def make_place(self) -> Place:
        binaries = find_binaries()
        data = next((path for name in ("postgres", "valkey") if (path := self.var / name).exists()), self.var / "none")
        account = choose_account(var=self.var, data=data, trials=binaries.trials())
        record = self.var / SOCKETS
        if record.exists():
            remove_socket_folder(Path(record.read_text()))
        sockets = make_socket_folder(account)
        record.parent.mkdir(parents=True, exist_ok=True)
        record.write_text(str(sockets))
        return Place(self.var, sockets, account, binaries, self.throwaway, self.pulse)

    def add(self, server: Started) -> Started:
        self.running.append(server)
        server.start()
        return server

    def dead(self) -> list[Server]:
        return [server for server in self.running if not server.is_running()]

    def stop(self, hurry: Callable[[], bool] = lambda: False) -> None:
        """Valkey first: PostgreSQL holds what must not be lost, so it goes last."""
        for server in reversed(self.running):
            server.stop(hurry)
        if self.running:
            remove_socket_folder(self.running[0].place.sockets)
        self.running = []
