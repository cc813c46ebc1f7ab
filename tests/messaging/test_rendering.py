"""Markdown becomes safe HTML, whatever is typed."""

import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text import is_blank
from messaging.markdown import render
from messaging.models import Message

ALLOWED = {"p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a"}


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**b** _i_ ~~s~~ `c`", "<p><strong>b</strong> <em>i</em> <s>s</s> <code>c</code></p>"),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("> said", "<blockquote>\n<p>said</p>\n</blockquote>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("# no heading", "<p># no heading</p>"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        ("z.B.morgen.de", "<p>z.B.morgen.de</p>"),
        ("```python\nprint(1)\n```", "<pre><code>print(1)\n</code></pre>"),
        ("```Hallo\nWelt\n```", "<pre><code>Hallo\nWelt\n</code></pre>"),
        (">:( >_<", "<p>&gt;:( &gt;_&lt;</p>"),
        ("ach\n>:(", "<p>ach<br>\n&gt;:(</p>"),
        ("ftp://x.de/a", "<p>ftp://x.de/a</p>"),
    ],
)
def test_the_subset_is_rendered(text: str, html: str) -> None:
    assert render(text) == html


def test_addresses_become_links_that_tell_nobody_where_one_came_from() -> None:
    html = render("see https://example.org/a(b)?x=1.")
    assert '<a href="https://example.org/a(b)?x=1" rel="noopener noreferrer nofollow ugc">' in html
    assert html.endswith("</a>.</p>")


@given(st.text(alphabet=st.sampled_from("<>&\"'`*_~[]()!:/\\ \n-1.#abhrefscriptonjavd\u202e\u0000"), max_size=200))
def test_no_text_gives_anything_outside_the_list(text: str) -> None:
    class Watch(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert tag in ALLOWED
            assert {name for name, _value in attrs} <= {"href", "rel", "start"}
            for name, value in attrs:
                assert name != "href" or (value or "").startswith(("http://", "https://", "mailto:"))

    Watch().feed(render(text))


def words_of(html: str) -> str:
    class Listen(HTMLParser):
        words = ""

        def handle_data(self, data: str) -> None:
            self.words += data

    listener = Listen()
    listener.feed(html)
    return listener.words


@pytest.mark.parametrize(
    "text",
    [
        "> " * 12 + "words",
        "> " * 100 + "words",
        "\n".join("  " * level + f"- item{level}" for level in range(20)),
        "```one line of it\n```",
        'a [link](https://example.org "with a title")',
        'no name: [](https://example.org "title")',
        "[\u200b](https://example.org)",
        "> - > - > - > - > - > - > - > - > - > - > deep\n\nafter",
    ],
)
def test_no_word_is_swallowed(text: str) -> None:
    html = render(text)
    shown = words_of(html) + " ".join(re.findall(r'href="([^"]*)"', html))
    assert [word for word in re.findall(r"\w+", text) if word not in shown] == []


def test_what_follows_a_deep_list_stays_outside_of_it() -> None:
    deep = "\n".join("  " * level + f"- {level}" for level in range(6))
    html = render(f"{deep}\n- z\n\nEnde **fett**\n\n> zitat")
    assert html.endswith("<p>Ende <strong>fett</strong></p>\n<blockquote>\n<p>zitat</p>\n</blockquote>")
    assert "- z" not in html


WORDS = ["alpha", "beta", "gamma", "delta"]
MARKS = ["> ", "- ", "1. ", "  ", "    ", "\n", "\n\n", "```", "`", "**", "_", "~~", "\\", "&", "!", "<", ">"]
LINKS = ["[", "](https://example.org", "](", ")", " ", ' "']


@given(st.lists(st.sampled_from(WORDS) | st.sampled_from([*MARKS, *LINKS]), max_size=120))
def test_every_word_of_a_text_stands_in_what_is_shown(parts: list[str]) -> None:
    text = "".join(parts)
    html = render(text)
    addresses = " ".join(re.findall(r'href="([^"]*)"', html))
    shown = words_of(html)
    for word in WORDS:
        assert text.count(word) <= shown.count(word) + addresses.count(word), word


@pytest.mark.parametrize("text", ["1.", "-", "**", ">", "```\n```", "&nbsp;", "[](https://example.org)", "~~ ~~", "🫩"])
def test_whatever_can_be_seen_when_typed_can_be_seen_when_shown(text: str) -> None:
    html = render(text)
    assert not is_blank(words_of(html))
    assert "<a " not in html


@given(st.text(alphabet=st.sampled_from("<>&;#`*_~[]()\\ \n-1.nbsp\u200b\u2800https:/x"), max_size=60))
def test_nothing_that_is_drawn_becomes_blank(text: str) -> None:
    assert is_blank(words_of(render(text))) == is_blank(text)


@pytest.mark.parametrize(
    "part",
    [
        "> ",
        ">",
        "\n>",
        "- > ",
        "[",
        "[a](",
        "[a](<",
        "**_",
        "*a _b ",
        "https://a",
        "&#1;",
        "\\",
        "`a",
        "- a\n",
        "```\n",
    ],
)
def test_the_longest_hostile_text_is_done_soon(part: str) -> None:
    text = (part * Message.LONGEST)[: Message.LONGEST]
    began = time.process_time()
    render(text)
    assert time.process_time() - began < 2
