"""What may be said of an error or an event where the operator reads it, and what not.

The words of an error often quote what somebody wrote: PostgreSQL quotes the row that it refuses, `int()` the text that
is no number. So of most errors only the kind is told, with the way there, which is made of our own lines. Reasons:
docs/decisions/0013-logs.md.
"""

import ipaddress
import re
import traceback
from collections.abc import Iterator

import psycopg

from core.outage import is_outage, reason

#: Their words name what stands in the program: attributes, modules, templates. Subclasses do not count.
PLAIN_KINDS = (
    "AttributeError",
    "ImportError",
    "ImproperlyConfigured",
    "ModuleNotFoundError",
    "NameError",
    "NotImplementedError",
    "RecursionError",
    "TemplateDoesNotExist",
    "TemplateSyntaxError",
    "TypeError",
    "UnboundLocalError",
)
_MAIL = re.compile(r"[^\s@<>\"'(),;:=\[\]]+@[^\s@<>\"'(),;:=\[\]]+")
_NETWORK = re.compile(r"(?<![\w.:])\[?(?=[\w.]*[.:])[0-9A-Fa-f:.]{3,45}(?:%\w+)?\]?(?![\w])")
_QUERY = re.compile(r"\?\S*")
_KEY = re.compile(r"(?<![\w-])[\w-]{20,}(?![\w-]*\.py)")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_SECRET_PATH = re.compile(r"(?<=/i/)[^/\s\"']+")


def scrubbed(text: str) -> str:
    """One line, without what looks like an address of mail or network, a query string, or a key."""
    line = " ".join(text.split())
    line = _MAIL.sub("[address]", _QUERY.sub("?", line))
    line = _SECRET_PATH.sub("[key]", line)
    line = _NETWORK.sub(_without_network, line)
    return _KEY.sub(_without_key, line)


def _without_network(found: re.Match[str]) -> str:
    word = found.group().strip("[]")
    trailing = word[len(word.rstrip(".:")) :]
    host = word.rstrip(".:")
    if host.count(":") == 1:  # IPv4 with a port
        host = host.partition(":")[0]
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return found.group()
    return "[address]" + trailing


def _without_key(found: re.Match[str]) -> str:
    """Names in programs are long, too, but made of words; a key has digits and letters mixed."""
    word = found.group()
    is_mixed = any(letter.isdigit() for letter in word) and any(letter.isalpha() for letter in word)
    return "[key]" if is_mixed and not _UUID.fullmatch(word) else word


def told(error: BaseException) -> str:
    """An error in a few words: its kind, and what can be said without quoting anybody."""
    name = type(error).__name__
    if is_outage(error):
        return f"{name}: {scrubbed(reason(error))}"
    if name in PLAIN_KINDS:
        return f"{name}: {scrubbed(str(error))}"
    if facts := [fact for fact in (_database_facts(error) or _system_facts(error)) if fact]:
        return f"{name} ({', '.join(facts)})"
    return name


def _database_facts(error: BaseException) -> list[str]:
    """Which rule of which table, never which value."""
    for found in (error, error.__cause__):
        if isinstance(found, psycopg.Error):
            diagnosis = found.diag
            names = [diagnosis.table_name, diagnosis.column_name, diagnosis.constraint_name]
            return [word for word in (found.sqlstate, *names) if word]
    return []


def _system_facts(error: BaseException) -> list[str]:
    return [f"errno {error.errno}"] if isinstance(error, OSError) and error.errno else []


def way_to(error: BaseException) -> str:
    """The traceback, with the errors that led to it, and none of their words."""
    return "\n\n".join("\n".join(_way(one)) for one in _chain(error))


def _chain(error: BaseException) -> Iterator[BaseException]:
    """From the first to the last, each once."""
    chain: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and one not in chain:
        chain.append(one)
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    yield from reversed(chain)


def _way(error: BaseException) -> Iterator[str]:
    steps = traceback.extract_tb(error.__traceback__)
    yield "Traceback (most recent call last):"
    yield from (line.rstrip("\n") for line in traceback.format_list(steps))
    yield told(error)
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield way_to(one)


def without_words(text: str) -> str:
    """A traceback that somebody else wrote as text: its steps and the kind of its error stay."""
    kept = [line for line in text.splitlines() if line.startswith('  File "')]
    last = text.strip().splitlines()[-1].partition(":")[0]
    kind = last if re.fullmatch(r"[\w.]+", last) else "an error"
    return "\n".join(["Traceback (most recent call last):", *kept, kind])
