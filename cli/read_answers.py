"""One answer of a foreign project as goldleaf would read it, for a person to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldleaf.core.error_translation import translate_error
from goldleaf.core.records import Comparison, Demonstration, Judgement, Record, Turn

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from goldleaf.core.input_results import InputResult
    from goldleaf.core.translations import Translations

SHOWN = 100
"""Characters shown of a text."""


def answer_text(answer: InputResult, words: Translations) -> str:
    """Return what one answer becomes, a line a text; or why it is rejected."""
    if answer.reason:
        detail = translate_error(answer.detail, words.lang)
        reason = f"{answer.reason} ({detail})" if detail else answer.reason
        return words("map.rejected", key=answer.key, reason=reason)
    lines = [answer.key]
    for record in answer.records:
        lines.append(words("map.prompt", text=_short(record.context)))
        lines += _lines(record, words)
    return "\n".join(lines)


def _lines(record: Record, words: Translations) -> Iterator[str]:
    match record:
        case Demonstration():
            yield words("map.taught", text=_short(record.response))
        case Judgement():
            yield words("map.good" if record.good else "map.bad", text=_short(record.response))
        case Comparison():
            for each in sorted(record.candidates, key=lambda c: (c.rank is None, c.rank or 0)):
                key = "map.ranked" if each.rank else "map.unranked"
                yield words(key, rank=each.rank, text=_short(each.turns))


def _short(turns: Sequence[Turn]) -> str:
    text = " ".join((turns[-1].content if turns else "").split())
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
