"""Texts as safe HTML for the screens: nothing in it that a browser fetches or runs.

It is shown by `<HyperText inline="true">`, because Label Studio's own `<Markdown>` lets raw HTML
and images through, joins lines, knows no tables and shows `__init__` as a bold word. What is
interpreted, and what may vanish for it, is the law of `goldleaf.label_configs.markdown`; under
every text, folded, stands the text as it is. Only the guides, which are ours, are read as Markdown
to the letter.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from html import escape
from typing import TYPE_CHECKING

from goldleaf.core.curation_tags import MODE
from goldleaf.core.records import BEHAVIOURS, Tags, Turn
from goldleaf.core.translations import Translations
from goldleaf.label_configs.markdown import has_code, reads_like_code, shown_characters, to_html

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

MAX_RENDERED = 100_000
"""Characters; a longer text is shown as it is, because no one reads it rendered."""
_WRAPPED = 'style="white-space:pre-wrap"'
"""In the HTML too, for projects whose config has the style of an earlier release."""
_TAGS = re.compile(r'<div class="gl-tags">.*?</div>', re.S)


def to_safe_html(text: str) -> str:
    """Return a copy of `text` that is safe to show, with what is surely Markdown rendered.

    A block of class `gl-text` (and `gl-code` where the text has code, `gl-program` where it is
    nothing else), then a fold of class `gl-raw` with the text as it is; the screen's style titles
    the fold in the screen's language. A text of over `MAX_RENDERED` characters is shown as it is,
    without a fold; one of nothing but blanks is "".
    """
    if not text.strip():
        return ""
    if len(text) > MAX_RENDERED:
        return f'<pre class="gl-text gl-program" {_WRAPPED}>{_verbatim(text)}</pre>'
    kind = "gl-text" + " gl-code" * has_code(text) + " gl-program" * reads_like_code(text)
    return f'<div class="{kind}" {_WRAPPED}>{to_html(text)}</div>{raw_html(text)}'


def raw_html(text: str) -> str:
    """Return a fold of class `gl-raw` that holds a text exactly as it is."""
    raw = f'<details class="gl-raw"><summary></summary><pre {_WRAPPED}>{_verbatim(text)}</pre>'
    return f"{raw}</details>"


def conversation_html(turns: Sequence[Turn]) -> str:
    """Return a conversation as safe HTML; a lone user turn has no role name above it.

    Each turn is a block of class `gl-turn gl-<role>`; the screen's style gives the role its name in
    the screen's language. Calls are shown with their arguments, reasoning is not. "" for no turns.
    """
    if len(turns) == 1 and turns[0].role == "user":
        return to_safe_html(turns[0].content)
    return "".join(turn_html(turn) for turn in turns)


def tags_html(tags: Tags) -> str:
    """Return the imported tags of a record as an HTML line under its prompt, "" for none.

    Behaviours, risk and right behaviour; others are not shown. The screen's style titles each name
    in its language: the annotator must see what would be kept. A cognitive mode (`mode_explain`) is
    a name for recipes, which no control takes back.
    """
    names = [(name, name) for name in tags.behaviours if not name.startswith(MODE)]
    names += [("risk", f"risk: {tags.risk}")] if tags.risk else []
    right = tags.right_behaviour
    names += [("right_behaviour", f"right behaviour: {right}")] if right else []
    spans = [
        f'<span class="gl-tag gl-tag-{escape(kind)}">{escape(text)}</span>' for kind, text in names
    ]
    return f'<div class="gl-tags">{" ".join(spans)}</div>' if spans else ""


def without_tags(html: str) -> str:
    """Return a shown prompt without that line: which tags it has is another matter a release."""
    return _TAGS.sub("", html)


def tag_titles(words: Translations) -> str:
    """Return CSS rules that show the built-in behaviours under their titles in one language."""
    titled = [f'.gl-tags::before {{ content: "{words("screen.imported")} "; }}']
    for name in BEHAVIOURS:
        title = words(f"behaviour.{name}")
        titled += [
            f".gl-tag-{name} {{ font-size: 0; }}",
            f'.gl-tag-{name}::before {{ content: "{title}"; font-size: 12px; }}',
        ]
    by = words("screen.opinion_by")
    titled += [".gl-judge-by { font-size: 0; }"]
    titled += [f'.gl-judge-by::before {{ content: "{by} "; font-size: 12px; }}']
    return "".join(f"{line}\n" for line in titled)


def guide_html(guide: str) -> str:
    """Return an annotator's guide as HTML; raw HTML, images and links in it stay text."""
    return _renderer().render(guide).strip()


@cache
def _renderer() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return (
        MarkdownIt("commonmark", {"html": False, "breaks": True, "xhtmlOut": False})
        .enable("table")
        .disable(["image", "link", "autolink", "html_inline", "html_block", "entity", "reference"])
    )


def turn_html(turn: Turn, *, reasoning: bool = False) -> str:
    """Return one turn as a block of class `gl-turn gl-<role>`, its calls with their arguments.

    With `reasoning` its thinking stands above, in a block of class `gl-thought`.
    """
    thought = to_safe_html(turn.reasoning) if reasoning else ""
    calls = [
        f"<pre {_WRAPPED}><code>"
        + _verbatim(f"{call.name}({json.dumps(call.arguments, ensure_ascii=False)})")
        + "</code></pre>"
        for call in turn.tool_calls
    ]
    before = f'<div class="gl-thought">{thought}</div>' if thought else ""
    body = "".join([before, to_safe_html(turn.content), *calls])
    return f'<div class="gl-turn gl-{turn.role}">{body}</div>'


def _verbatim(text: str) -> str:
    """Return a text as HTML; in a span, because a browser drops a line end right behind `<pre>`."""
    return f"<span>{escape(shown_characters(text), quote=False)}</span>"
