"""The display copy holds nothing that a browser fetches or runs, and shows every letter."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldleaf.core.records import ToolCall, Turn
from goldleaf.label_configs.safe_html import conversation_html, guide_html, to_safe_html

HARMLESS = set(
    "p br strong em code pre ol ul li table thead tbody tr th td h1 h2 h3 h4 h5 h6 hr blockquote "
    "div span details summary".split()
)
ATTRIBUTES = {"class", "start", "style"}


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen, self.text = set(), ""

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        assert {name for name, _ in attrs} <= ATTRIBUTES, (tag, attrs)

    def handle_data(self, data):
        self.text += data


def parsed(html):
    tags = Tags()
    tags.feed(html)
    tags.close()
    return tags


HOSTILE = [
    "<img src=http://127.0.0.1/x onerror=alert(1)>",
    "![x](http://127.0.0.1/y.png)",
    "![x][r]\n\n[r]: http://127.0.0.1/z.png",
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<svg/onload=alert(1)>",
    "[l](javascript:alert(1))",
    "<http://127.0.0.1/>",
    "<!-- --><style>@import 'http://127.0.0.1/'</style>",
    "```html\n<img src=x>\n```\n<iframe src=x>",
    "`<img src=x>`",
    "| <img src=x> |\n|---|\n| ![a](b) |",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_and_not_obeyed(text):
    for html in (to_safe_html(text), conversation_html([Turn("system", text), Turn("user", text)])):
        assert parsed(html).seen <= HARMLESS


@given(st.text(st.sampled_from("<>!&[]()`*_|-#\n\"'=/aimgscrpt:"), max_size=60))
def test_no_text_makes_a_tag_that_fetches(text):
    assert parsed(to_safe_html(text)).seen <= HARMLESS


def test_nothing_written_disappears():
    text = "a <b>c</b> &lt; ![i](u) [r]: http://x\n\n[s]: http://y"
    shown = parsed(to_safe_html(text)).text
    for part in ("<b>c</b>", "&lt;", "![i](u)", "[r]: http://x", "[s]: http://y"):
        assert part in shown


def test_markdown_is_rendered():
    html = to_safe_html("**b**\n\n1. one\n\n|a|b|\n|-|-|\n|1|2|\n\n```py\nx < y\n```\nline\nline")
    assert {"strong", "table", "pre"} <= parsed(html).seen
    assert "\n1. one" in parsed(html).text and "line\nline" in parsed(html).text


def test_a_guide_is_markdown_to_the_letter_but_for_what_a_browser_obeys():
    html = guide_html("# Guide\n\n1. *one*\n\n<img src=x>")
    assert {"h1", "ol", "em"} <= parsed(html).seen <= HARMLESS


def test_turns_carry_their_role_and_calls():
    html = conversation_html(
        [Turn("user", "hi"), Turn("assistant", "", "", (ToolCall("f", {"x": "<b>"}),))]
    )
    assert 'class="gl-turn gl-user"' in html and "f({" in html
    assert "<b>" not in html


def test_a_huge_text_is_shown_as_it_is():
    shown = parsed(to_safe_html("\n" + "<" * 100_001))
    assert (shown.text, shown.seen) == ("\n" + "<" * 100_001, {"pre", "span"})
