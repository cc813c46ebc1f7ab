"""Somebody who goes through the site without scripts: follows links, sends forms, keeps cookies."""

import http.client
import re
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit

#: Of the one person who has a password.
PASSWORD = "four quiet words here"
PAGE, SCRIPT = "text/html", "application/json"
SESSION, CSRF = "__Host-session", "__Host-csrf"


@dataclass(frozen=True)
class Answer:
    """What came, and from which path at last."""

    path: str
    status: int
    kind: str
    text: str
    leads_to: str = ""

    @property
    def is_html(self) -> bool:
        return self.kind.startswith("text/html") and bool(self.text)


@dataclass
class Client:
    """One browser's worth of cookies, on one web process. The CSRF token is a cookie of its own choice."""

    port: int
    session: str = ""
    cookies: dict[str, str] = field(default_factory=lambda: {CSRF: "x" * 32})

    def __post_init__(self) -> None:
        if self.session:
            self.cookies[SESSION] = self.session

    def get(self, address: str, accept: str = PAGE, *, follow: bool = True) -> Answer:
        answer = self._ask("GET", address, None, {"Accept": accept})
        return self._followed(answer) if follow else answer

    def post(self, address: str, **fields: str) -> Answer:
        """Send a form and go where it leads."""
        body = urlencode({"csrfmiddlewaretoken": "x" * 32, **fields})
        kind = {"Accept": PAGE, "Content-Type": "application/x-www-form-urlencoded"}
        return self._followed(self._ask("POST", address, body, kind))

    def _followed(self, answer: Answer) -> Answer:
        for _ in range(5):
            if not answer.leads_to:
                break
            answer = self._ask("GET", urljoin(answer.path, answer.leads_to), None, {"Accept": PAGE})
        return answer

    def _ask(self, method: str, address: str, body: str | None, headers: dict[str, str]) -> Answer:
        connection = http.client.HTTPConnection("localhost", self.port, timeout=60)
        try:
            cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            connection.request(method, address, body, {"Cookie": cookies, "Accept-Language": "en", **headers})
            came = connection.getresponse()
            text = came.read().decode(errors="replace")
        finally:
            connection.close()
        for line in came.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        kind, leads_to = came.headers.get("Content-Type", ""), came.headers.get("Location", "")
        return Answer(urlsplit(address).path, came.status, kind, text, re.sub(r"^https?://[^/]+", "", leads_to))
