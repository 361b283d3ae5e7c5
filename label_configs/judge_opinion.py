"""What a judge model said of the answers (`goldleaf judge`), in the letters of the screen.

It is shown as a model's opinion under the prompt and as the task's field `judge`; no control is
filled in by it. Where there is no opinion there is no line and no field.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from string import ascii_uppercase

from goldleaf.core.record_hash import candidate_id
from goldleaf.core.records import Comparison
from goldleaf.core.screen_verdicts import JUDGE, ORDERED


def opinion_in_letters(record: Comparison, order: Sequence[int]) -> str:
    """Return a judge's opinion as `B > A`, `A = B` or, the best alone, `C`; "" for none.

    Several judges' opinions are separated by a semicolon, the first stored one first.

    Args:
        record: the comparison.
        order: the places of its candidates, in the order shown.
    """
    letters = {
        candidate_id(record.candidates[place]): letter
        for place, letter in zip(order, ascii_uppercase, strict=False)
    }
    found: list[str] = []
    for verdict in record.tags.verdicts:
        if verdict.screen == JUDGE and verdict.verdict in ORDERED:
            groups = [group.split("=") for group in verdict.of.split(">")]
            if all(each in letters for group in groups for each in group):
                named = (sorted(letters[each] for each in group) for group in groups)
                found.append(" > ".join(" = ".join(group) for group in named))
    return "; ".join(found)


def opinion_html(opinion: str) -> str:
    """Return the line that shows an opinion, "" for none; the style titles it in its language."""
    if not opinion:
        return ""
    by = "A model's opinion, the same in both orders: "
    return f'<div class="gl-judge"><span class="gl-judge-by">{escape(by)}</span>{opinion}</div>'
