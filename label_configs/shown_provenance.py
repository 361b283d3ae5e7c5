"""Source, language and model of what a screen shows: one quiet line, part of the shown prompt.

It is in a field that every screen shows already, so a task imported before there was such a line
has none, and no screen asks for a field that a task may lack.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from goldleaf.core.records import Comparison, Record, Turn
from goldleaf.core.translations import Translations
from goldleaf.label_configs.safe_html import conversation_html, tags_html

SOURCES = ("S1", "S2", "S3", "S4", "S5")
LANGUAGES = ("en", "zh", "other")
"""What `goldleaf.curation.texts.language` tells apart; any other code is shown as it is."""
_LINE = re.compile(r'<div class="gl-from">.*?</div>', re.S)


def prompt_html(record: Record, turns: Sequence[Turn]) -> str:
    """Return what a screen shows above the answers: where they are from, the prompt, its tags.

    Args:
        record: what is shown.
        turns: the prompt, as a conversation.
    """
    return provenance_html(record) + conversation_html(turns) + tags_html(record.tags)


def provenance_html(record: Record) -> str:
    """Return source, language and models of a record as an HTML line, "" where nothing is known.

    The models of several answers are in the order of their names, each once: the line does not say
    which of them wrote which answer. The screen's style titles the parts in its language.
    """
    sources = [name for name in SOURCES if any(p.source == name for p in record.parents)]
    models = {parent.drafted_by for parent in record.parents}
    if isinstance(record, Comparison):
        models |= {candidate.drafted_by for candidate in record.candidates}
    parts = [f'<span class="gl-source gl-source-{name}">{name}</span>' for name in sources]
    if language := record.tags.language:
        name = escape(language)
        parts.append(f'<span class="gl-language gl-language-{name}">{name}</span>')
    if named := sorted(models - {""}):
        parts.append(f'<span class="gl-model">{escape(", ".join(named), quote=False)}</span>')
    return f'<div class="gl-from">{" · ".join(parts)}</div>' if parts else ""


def without_provenance(html: str) -> str:
    """Return a shown prompt without that line: a task may have come to know more of its sources."""
    return _LINE.sub("", html)


def provenance_titles(words: Translations) -> str:
    """Return CSS rules that title the parts of the line in one language."""
    titled = [
        f'.gl-{part}::before {{ content: "{words(f"shown.{part}")}"; }}'
        for part in ("source", "language", "model", "draft")
    ]
    for name in SOURCES:
        title = words(f"shown.source_{name}")
        titled.append(f'.gl-source-{name}::after {{ content: "{title}"; }}')
    for name in LANGUAGES:
        title = words(f"shown.language_{name}")
        titled.append(f'.gl-language-{name}::after {{ content: "{title}"; }}')
    return "".join(f"{line}\n" for line in titled)
