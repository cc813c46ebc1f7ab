"""A message's Markdown to safe HTML, once, when it is written. No word of it may get lost on the way."""

import html
import re

import nh3
from linkify_it import LinkifyIt
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, blockquote
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from core.text import is_blank

#: Raised whenever the same text may give other HTML than before; stored with every message.
VERSION = 2

_INLINE = ["emphasis", "strikethrough", "backticks", "escape", "entity", "newline", "link", "autolink", "linkify"]
_BLOCKS = ["fence", "blockquote", "list"]
_TAGS = {"p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a"}

_END_OF_BLOCK = re.compile(r"</(?:p|li|blockquote|pre)>|<br>")
_BETWEEN_ITEMS = re.compile(r"</li>\s*<li>")
#: How many quotes, or half as many lists, may stand in one another: more leave no width on a phone. Deeper marks are
#: shown as they were typed.
_DEEPEST = 10
#: What programmers write behind a fence to name the language. Any other word there is somebody's words.
_CODE = {"bash", "css", "html", "java", "javascript", "js", "json", "php", "py", "python", "sh", "sql", "xml", "yaml"}


def render(text: str) -> str:
    """Safe HTML of the Markdown subset: bold, italic, strike, code, quotes, lists, links. Links leave no referrer.

    The sanitiser stands behind the renderer so that neither alone has to be without fault.
    """
    rendered = nh3.clean(
        _markdown.render(text),
        tags=_TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow ugc",
    ).strip()
    if is_blank(_words_of(rendered)) and not is_blank(text):
        # Nothing but marks: "1." as an answer, a lone "-". Whoever typed it meant it.
        return "<p>" + html.escape(text.strip()).replace("\n", "<br>\n") + "</p>"
    return rendered


def _words_of(rendered: str) -> str:
    return html.unescape(nh3.clean(rendered, tags=set()))


# ---- What Markdown would swallow ----


def plain(rendered: str) -> str:
    """What a rendered message says, on one line, for a glimpse of it: without signs, links and lines."""
    between_items = _BETWEEN_ITEMS.sub("</li> · <li>", rendered)
    return " ".join(_words_of(_END_OF_BLOCK.sub(" ", between_items)).split())


def _flatten(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Where marks are nested too deep: a plain paragraph. The parser's own limit drops what stands there."""
    if silent or state.level < _DEEPEST:
        return False
    end = _end_of_place(state, start, end)
    state.push("paragraph_open", "p", 1).map = [start, end]
    words = state.push("inline", "", 0)
    words.content = state.getLines(start, end, state.blkIndent, False).strip()
    words.map, words.children = [start, end], []
    state.push("paragraph_close", "p", -1)
    state.line = end
    return True


def _end_of_place(state: StateBlock, start: int, end: int) -> int:
    """In a list `end` is that of everything: what is indented less than the item stands after it."""
    stop = start + 1
    while stop < end and (state.isEmpty(stop) or state.sCount[stop] >= state.blkIndent):
        stop += 1
    while state.isEmpty(stop - 1) and stop > start + 1:
        stop -= 1
    return stop


def _quote(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A quote's mark is followed by a blank, as other messengers have it: a face like >:( is none."""
    behind = state.src[state.bMarks[start] + state.tShift[start] + 1 : state.eMarks[start]][:1]
    return behind in ("", " ", "\t", ">") and blockquote(state, start, end, silent)


def _keep_words(state: StateCore) -> None:
    """The word behind a fence, a link's title and the address of a link without a name would be shown to nobody."""
    for token in state.tokens:
        if token.type == "fence" and not is_blank(token.info) and token.info.strip().lower() not in _CODE:
            token.content = f"{token.info.strip()}\n{token.content}"
            token.info = ""
        if token.children:
            token.children = _shown(token.children)


def _shown(tokens: list[Token]) -> list[Token]:
    shown: list[Token] = []
    opened = 0
    for token in tokens:
        if token.type == "link_open":
            opened = len(shown)
        shown.append(token)
        if token.type == "link_close":
            link = shown[opened]
            title = str(link.attrs.pop("title", ""))
            if is_blank("".join(part.content for part in shown[opened:])):
                shown[opened:] = [_text(f"[]({link.attrs['href']}{title and f' ({title})'})")]
            elif title:
                shown.append(_text(f" ({title})"))
    return shown


def _text(words: str) -> Token:
    return Token("text", "", 0, content=words)


_markdown = MarkdownIt("zero", {"html": False, "breaks": True, "linkify": True, "maxNesting": _DEEPEST + 4})
_markdown.enable([*_INLINE, *_BLOCKS, "balance_pairs"])
_markdown.block.ruler.before("fence", "flatten", _flatten)
_markdown.block.ruler.at("blockquote", _quote, {"alt": ["paragraph", "reference", "blockquote", "list"]})
_markdown.core.ruler.push("keep_words", _keep_words)
# Only addresses typed with https:// become links: "z.B.morgen.de" is rarely meant as one.
_markdown.linkify = LinkifyIt(options={"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
for scheme in ("ftp:", "//"):  # the sanitiser would take their address away
    _markdown.linkify.add(scheme, None)
