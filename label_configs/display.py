"""The display copy of a text: our own HTML, with nothing in it that a browser fetches or runs.

Markdown is rendered here and shown by `<HyperText inline="true">`, because Label Studio's own
`<Markdown>` lets raw HTML and images through, joins lines and knows no tables. Raw HTML, images,
links and entities are switched off, so what they are written with is shown letter by letter.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from html import escape
from typing import TYPE_CHECKING

from goldleaf.core.records import Turn

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_INTERPRETED = ["image", "link", "autolink", "html_inline", "html_block", "entity", "reference"]
MAX_RENDERED = 100_000
"""Characters; a longer text is shown as it is, because no one reads it rendered."""


@cache
def _renderer() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return (
        MarkdownIt("commonmark", {"html": False, "breaks": True, "xhtmlOut": False})
        .enable("table")
        .disable(_INTERPRETED)
    )


def display(text: str) -> str:
    """Return a copy of `text` that is safe to show, Markdown rendered.

    >>> display("**so** <img src=x>")
    '<p><strong>so</strong> &lt;img src=x&gt;</p>'
    """
    if len(text) > MAX_RENDERED:
        return f"<pre>{escape(text)}</pre>"
    return _renderer().render(text).strip()


def conversation(turns: Sequence[Turn]) -> str:
    """Return the display copy of a conversation; a lone user turn needs no name above it.

    Each turn is a block of class `gl-turn gl-<role>`; the screen's style gives the role its name in
    the screen's language.
    """
    if len(turns) == 1 and turns[0].role == "user":
        return display(turns[0].content)
    return "\n".join(_turn(turn) for turn in turns)


def _turn(turn: Turn) -> str:
    calls = [
        f"<pre><code>{escape(call.name)}({escape(json.dumps(call.arguments, ensure_ascii=False))})"
        "</code></pre>"
        for call in turn.tool_calls
    ]
    body = "\n".join([display(turn.content), *calls])
    return f'<div class="gl-turn gl-{turn.role}">{body}</div>'
