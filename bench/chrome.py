"""A Chromium of our own: in Playwright's hands, or with a port at which another program can take it."""

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from bench.client import SESSION

#: Those of the browser tests.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True)
class View:
    """A page as somebody sees it; without a session, somebody who is not signed in."""

    title: str
    port: int
    path: str
    session: str = ""

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}{self.path}"

    def sign_in(self, context: BrowserContext) -> None:
        """The cookie is Secure and bound to its host; a browser takes localhost for secure, and cookies know no ports.

        It is set under an https address, because Playwright derives from it whether it is Secure.
        """
        if self.session:
            context.add_cookies(
                [{"name": SESSION, "value": self.session, "url": "https://localhost", "httpOnly": True, "secure": True}]
            )


@contextlib.contextmanager
def browser_of(program: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def open_to_others(program: str, view: View) -> Iterator[int]:
    """A new browser in which the view's person is signed in, and nobody was before; its port for debugging."""
    with tempfile.TemporaryDirectory(prefix="kreis-bench-", ignore_cleanup_errors=True) as profile:
        own = ["--headless", "--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank"]
        process = subprocess.Popen(
            [program, *FLAGS, *own], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        try:
            port = _port_of(process, Path(profile) / "DevToolsActivePort")
            with sync_playwright() as playwright:
                browser = playwright.chromium.connect_over_cdp(f"http://localhost:{port}")
                view.sign_in(browser.contexts[0])
                browser.close()  # of somebody else's browser this only lets go
            yield port
        finally:
            # A session of its own, so these are the browser's own processes and no others.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _port_of(process: "subprocess.Popen[bytes]", file: Path) -> int:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        if file.exists() and (lines := file.read_text().split()):
            return int(lines[0])
        time.sleep(0.05)
    raise SystemExit("Chromium opened no port for debugging.")
