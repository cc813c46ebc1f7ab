"""A message's Markdown to safe HTML, once, when it is written."""

import nh3
from linkify_it import LinkifyIt
from markdown_it import MarkdownIt

#: Raised whenever the same text may give other HTML than before; stored with every message.
VERSION = 1

_INLINE = ["emphasis", "strikethrough", "backticks", "escape", "entity", "newline", "link", "autolink", "linkify"]
_BLOCKS = ["fence", "blockquote", "list"]
_TAGS = {"p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a"}

_markdown = MarkdownIt("zero", {"html": False, "breaks": True, "linkify": True, "maxNesting": 12})
_markdown.enable([*_INLINE, *_BLOCKS, "balance_pairs"])
# Only addresses typed with https:// become links: "z.B.morgen.de" is rarely meant as one.
_markdown.linkify = LinkifyIt(options={"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})


def render(text: str) -> str:
    """Safe HTML of the Markdown subset: bold, italic, strike, code, quotes, lists, links. Links leave no referrer.

    The sanitiser stands behind the renderer so that neither alone has to be without fault.
    """
    return nh3.clean(
        _markdown.render(text),
        tags=_TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow ugc",
    ).strip()
