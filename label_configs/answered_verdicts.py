"""What a curation found of a row, after a person has answered it.

A verdict is about the text that was screened. Who answers has read it, and has the last word on
what can be read there: a flaw that was mended, or that was none. What nobody sees on a screen
still holds: that a prompt belongs to an evaluation, that another record says the same, that a text
has personal data.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from goldleaf.core.record_hash import record_id
from goldleaf.core.records import Record, Verdict
from goldleaf.core.screen_verdicts import CAPPED, EXACT_DUPLICATE, NEAR_DUPLICATE

READ: Final = frozenset(
    ("flaw", "language", "toxicity", "injection", "over_refusal", "exact_check")
)
"""Screens on what a person reads; an answer settles them, whatever their action."""
LIKE_OTHERS: Final = frozenset((EXACT_DUPLICATE, NEAR_DUPLICATE, *CAPPED))
"""Screens that found the text like others'; another text may not be."""


def with_open_verdicts(made: Sequence[Record], shown: Callable[[], Record]) -> tuple[Record, ...]:
    """Return records that a person made, with the verdicts that still hold.

    `review` asks for a person, so that an answer settles each verdict with this action.

    Args:
        made: what the kind's codec made of the answer, with the verdicts of the row.
        shown: returns the record that the task shows.
    """
    if not any(record.tags.verdicts for record in made):
        return tuple(made)
    before = record_id(shown())
    return tuple(_open(record, same=record_id(record) == before) for record in made)


def _open(record: Record, *, same: bool) -> Record:
    left = tuple(verdict for verdict in record.tags.verdicts if _holds(verdict, same=same))
    return replace(record, tags=replace(record.tags, verdicts=left))


def _holds(verdict: Verdict, *, same: bool) -> bool:
    if verdict.action == "review" or verdict.screen in READ:
        return False
    return same or verdict.screen not in LIKE_OTHERS
