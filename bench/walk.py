"""Every page of the site, as an HTTP client gets it: all addresses that the resolver knows, and what forms answer."""

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bench.client import PASSWORD, SCRIPT, SESSION, Answer, Client

#: A message leads to its place in the room, a picture is none.
NO_PAGE = {"message", "picture"}
#: What pieces of pages are put into, so that they can be checked as a document; by name of the address.
FRAMES = {"jump": '<div role="listbox" aria-label="found">{}</div>'}
DOCUMENT = '<!doctype html><html lang="en"><head><title>A piece</title></head><body>{}</body></html>'


@dataclass
class Scene:
    """What `bench.scene` printed, and a web process that shows it."""

    port: int
    sessions: dict[str, str]
    addresses: dict[str, str]
    token: str
    crowded: str
    broken: dict[str, str]

    def client(self, who: str = "") -> Client:
        return Client(self.port, self.sessions[who] if who else "")


@dataclass
class Collection:
    """Documents by title, and what is known of each address."""

    scene: Scene
    code_of: Callable[[str], str]
    documents: dict[str, str] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    missing: list[str] = field(default_factory=list)

    def keep(self, title: str, answer: Answer, status: int = 200) -> Answer:
        """One more page; where it is not the one that was meant, that is told, too."""
        if answer.status != status or not answer.is_html:
            self.missing.append(f"{title}: {answer.status} {answer.kind} at {answer.path}")
        elif answer.text not in self.documents.values():
            self.documents[title] = answer.text
        self.seen.add(answer.path)
        return answer


def walk(scene: Scene, code_of: Callable[[str], str]) -> Collection:
    """`code_of` tells the six digits that a session waits for."""
    found = Collection(scene, code_of)
    for part in (addresses, arriving, forgetting, holding, inside, refused):
        part(found)
    for name, address in scene.addresses.items():
        if urlsplit(address).path not in found.seen and name not in NO_PAGE:
            found.missing.append(f"{name}: no page was seen at {address or 'an address with unknown parameters'}")
    return found


def addresses(found: Collection) -> None:
    """All of the resolver's, as everybody; those that take only forms, or answer scripts, have no page to see."""
    for name, address in filter(lambda pair: pair[1], found.scene.addresses.items()):
        for who in ("", *found.scene.sessions):
            answer = found.scene.client(who).get(address, follow=False)
            if answer.status == 405 or (answer.status == 200 and not answer.is_html):
                found.seen.add(answer.path)
            elif answer.status == 200:
                text = as_document(name, answer.text)
                found.keep(f"{name}, {who or 'nobody'}", Answer(answer.path, 200, answer.kind, text))


def as_document(name: str, text: str) -> str:
    return text if "<!doctype" in text[:100] else DOCUMENT.format(FRAMES.get(name, "{}").format(text))


def arriving(found: Collection) -> None:
    """From the link to one's name, with what can be mistyped on the way."""
    at, token = found.scene.addresses, f"/i/{found.scene.token}/"
    new = found.scene.client()
    found.keep("invitation, not agreed", new.post(token), 422)
    found.keep("sign up", new.post(token, agree="on"))
    mistyped = new.post(at["account_signup"], email="nia@", password1="short")
    found.keep("sign up, mistyped", mistyped, 422)
    moment = mistyped.text.partition('name="moment" value="')[2].partition('"')[0]
    right = new.post(at["account_signup"], email="nia@example.org", password1="", moment=moment)
    found.keep("code of signing up", right)
    found.keep("code of signing up, wrong", new.post(at["account_email_verification_sent"], code="12"), 422)
    outsider = found.scene.client("outsider")
    found.keep("one's name", outsider.post(token, agree="on"))
    found.keep("one's name, taken", outsider.post(at["join"], display_name="Mel"), 422)
    found.keep("invitation, nothing pasted", new.post(at["enter_invitation"], link=" "), 422)
    found.keep("invitation that does not work", new.get("/i/wrong/"), 404)
    for _ in range(5):
        found.scene.client().post(f"/i/{found.scene.crowded}/", agree="on")
    found.keep("429", found.scene.client().post(f"/i/{found.scene.crowded}/", agree="on"), 429)


def forgetting(found: Collection) -> None:
    """Signing in by code, and a new password."""
    at = found.scene.addresses
    one = found.scene.client()
    found.keep("sign in, no address", one.post(at["account_login"], login="nobody"), 422)
    found.keep("sign in, wrong password", one.post(at["account_login"], login="bo@example.org", password="no"), 422)
    found.keep("code of signing in", one.post(at["account_login"], login="mel@example.org"))
    found.keep("code of signing in, wrong", one.post(at["account_confirm_login_code"], code="12"), 422)
    other = found.scene.client()
    found.keep("ask for a code, mistyped", other.post(at["account_request_login_code"], email="mel"), 422)
    found.keep("forgotten password, mistyped", other.post(at["account_reset_password"], email="bo"), 422)
    found.keep("code of a new password", other.post(at["account_reset_password"], email="bo@example.org"))
    found.keep("the same, wrong", other.post(at["account_confirm_password_reset_code"], code="12"), 422)
    code = found.code_of(other.cookies[SESSION])
    found.keep("a new password", other.post(at["account_confirm_password_reset_code"], code=code))
    found.keep("a new password, short", other.post(at["account_complete_password_reset"], password1="short"), 422)


def holding(found: Collection) -> None:
    """One's own account, with and without a password."""
    at = found.scene.addresses
    bo, mel = found.scene.client("moderator"), found.scene.client("member")
    found.keep("is it you", bo.get(at["account_change_password"]))
    found.keep("is it you, wrong", bo.post(at["account_reauthenticate"], password="no"), 422)
    bo.post(at["account_reauthenticate"], password=PASSWORD)
    found.keep("change password", bo.get(at["account_change_password"]))
    found.keep(
        "change password, mistyped", bo.post(at["account_change_password"], oldpassword="no", password1="no"), 422
    )
    found.keep("another address, mistyped", mel.post(at["account_email"], action_add="", email="mel@"), 422)
    found.keep("code of another address", mel.post(at["account_email"], action_add="", email="mela@example.org"))
    found.keep("account, language refused", mel.post(at["language"], language="tlh", next=at["account"]))


def inside(found: Collection) -> None:
    """What pages show when one asks for something, or mistypes it."""
    at, ada = found.scene.addresses, found.scene.client("owner")
    asked = {
        "search": ["q=evening", "q=mel", "q=nothing+like+it", "q=from:mel+spare"],
        "people": ["q=mel", "q=nobody"],
        "messages": ["before=40", "after=10"],
        "room": ["at=newest", "at=5"],
        "jump": ["q=evening", "q=m"],
        "community": ["part=today"],
    }
    for name, questions in asked.items():
        for question in questions:
            answer = ada.get(f"{at[name]}?{question}")
            text = as_document(name, answer.text)
            found.keep(f"{name}, {question}", Answer(answer.path, answer.status, answer.kind, text))
    lines = ada.get(f"{at['messages']}?before=40", SCRIPT)
    piece = Answer(lines.path, lines.status, lines.kind, as_document("messages", lines.text))
    found.keep("messages, for a script", piece)
    found.keep("search, not understood", ada.get(f"{at['search']}?q=in:nowhere+before:soon&after=never"), 422)
    found.keep("edit, nothing left", ada.post(at["edition"], text=" "), 422)
    found.keep("room, not sent", ada.post(at["messages"], client_id="x", text=""), 422)
    found.keep(
        "invitations, a new link", ada.post(at["invitations"], label="Nia", note="Come.", max_uses="1", days="7")
    )
    found.keep("invitations, mistyped", ada.post(at["invitations"], max_uses="0", days="9999"), 422)
    found.keep("oneself, name taken", ada.post(at["my_membership"], display_name="Mel"), 422)
    found.keep("oneself, changed", ada.post(at["my_membership"], display_name="Ada", introduction="Here."))
    found.keep("settings, saved", ada.post(at["community_settings"], allows_presence="on"))


def refused(found: Collection) -> None:
    """The pages for what goes wrong, each once."""
    at, mel, nobody = found.scene.addresses, found.scene.client("member"), found.scene.client()
    found.keep("403", mel.get(at["invitations"]), 403)
    found.keep("404", nobody.get("/nowhere/"), 404)
    found.keep("404 inside", mel.get(f"{at['rooms']}00000000-0000-4000-8000-000000000000/"), 404)
    found.keep("CSRF failure", Client(found.scene.port, cookies={}).post(at["account_login"], login="x"), 403)
    for status, text in found.scene.broken.items():
        found.keep(status, Answer("", int(status), "text/html", text), int(status))
