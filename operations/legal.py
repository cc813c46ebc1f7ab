"""Imprint, privacy text and terms: as whoever runs the place wrote them, and what they may begin with."""

from functools import lru_cache
from pathlib import Path

import nh3
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from linkify_it import LinkifyIt
from markdown_it import MarkdownIt

from core.installation import known
from core.models import Installation

#: Kind → what its page and the link to it are called, in the order of the foot.
KINDS: dict[str, str | Promise] = {"imprint": _("Imprint"), "privacy": _("Privacy"), "terms": _("Terms")}
#: What a template leaves to be filled in stands between these.
OPEN, CLOSE = "[[", "]]"
_FOLDER = Path(__file__).parent / "legal_texts"
_TAGS = {"h2", "h3", "p", "br", "strong", "em", "ul", "ol", "li", "a", "blockquote"}


def template(kind: str, language: str) -> str:
    """A text to begin with, for whoever has none. It is no legal advice, and says so nowhere but beside the field."""
    return (_FOLDER / f"{kind}.{language}.md").read_text(encoding="utf-8").strip()


def written(row: Installation) -> list[str]:
    """The kinds of which there is something to show."""
    shows = {"imprint": bool(row.text("imprint") or row.private_since or row.contact.strip())}
    return [kind for kind in KINDS if shows.get(kind, bool(kind != "imprint" and row.text(kind)))]


def links() -> list[tuple[str, str | Promise]]:
    """For the foot of every page: pairs of the address's name and what it is called. Never fails: error pages ask."""
    return [(kind, KINDS[kind]) for kind in written(known())]


@lru_cache(maxsize=32)
def render(text: str) -> SafeString:
    """Safe HTML: headings, paragraphs, lists, quotes, emphasis and links; addresses become links, too."""
    cleaned = nh3.clean(
        _markdown.render(text),
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer",
    )
    return SafeString(cleaned)  # nosec B703: cleaned one line above


_markdown = MarkdownIt("zero", {"html": False, "breaks": True, "linkify": True})
_markdown.enable(["heading", "list", "blockquote", "emphasis", "escape", "entity", "newline", "link", "linkify"])
# Email addresses are contacts here; "z.B.morgen.de" is no address of a page.
_markdown.linkify = LinkifyIt(options={"fuzzy_link": False, "fuzzy_email": True, "fuzzy_ip": False})


def _under_the_title(self: object, tokens: list, index: int, options: object, env: object) -> str:  # type: ignore[type-arg]
    """The page has its title; a text's headings stand under it, however many signs were typed."""
    level = "h2" if len(tokens[index].markup) <= 2 and tokens[index].markup != "---" else "h3"
    return f"<{level}>" if tokens[index].nesting == 1 else f"</{level}>\n"


_markdown.add_render_rule("heading_open", _under_the_title)
_markdown.add_render_rule("heading_close", _under_the_title)
