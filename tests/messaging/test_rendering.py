"""Markdown becomes safe HTML, whatever is typed."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.markdown import render

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
