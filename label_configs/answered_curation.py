"""What a curation found of a row, after a person has answered it.

A verdict is about the text that was screened. Who answers has read it, and has the last word on
what can be read there: a flaw that was mended, or that was none. What nobody sees on a screen
still holds: that a prompt belongs to an evaluation, that another record says the same, that a text
has personal data.

A tag or a signal that a program read off a text says nothing of the one that replaced it: that the
answer refuses, or misses its prompt. Until the answers are curated themselves, it is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from goldleaf.core.curation_tags import ANSWER_MODES, ANSWER_SIGNALS, MODE, PROMPT_SIGNALS
from goldleaf.core.record_hash import record_id
from goldleaf.core.records import UNSETTLED, Comparison, Record, Tags, Turn, Verdict
from goldleaf.core.screen_verdicts import (
    CAPPED,
    EXACT_DUPLICATE,
    NEAR_DUPLICATE,
    OVER_REFUSAL,
)
from goldleaf.core.taught_answer import taught_answer

READ: Final = frozenset(("flaw", "language", "toxicity", "injection", OVER_REFUSAL, "exact_check"))
"""Screens on what a person reads; an answer settles them, whatever their action."""
LIKE_OTHERS: Final = frozenset((EXACT_DUPLICATE, NEAR_DUPLICATE, *CAPPED))
"""Screens that found the text like others'; another text may not be."""


_REFUSED: Final = (UNSETTLED, f"{MODE}refuse")
"""What a program saw in an answer that refuses."""


def with_what_holds(
    made: Sequence[Record], shown: Callable[[], Record], refuses: Callable[[str], bool]
) -> tuple[Record, ...]:
    """Return records that a person made, with the verdicts, tags and signals that still hold.

    `review` asks for a person, so that an answer settles each verdict with this action.

    Args:
        made: what the kind's codec made of the answer, with what was found of the row.
        shown: returns the record that the task shows.
        refuses: whether an answer refuses; of those that a person wrote.
    """
    if not any(_found_by_program(record.tags) for record in made):
        return tuple(made)
    before = shown()
    return tuple(_open(record, before, refuses) for record in made)


def _found_by_program(tags: Tags) -> bool:
    if tags.verdicts or UNSETTLED in tags.behaviours:
        return True
    modes = any(name.startswith(MODE) for name in tags.behaviours)
    return modes or not (ANSWER_SIGNALS | PROMPT_SIGNALS).isdisjoint(tags.signals)


def _open(record: Record, before: Record, refuses: Callable[[str], bool]) -> Record:
    same = record_id(record) == record_id(before)
    asked = record.context == before.context
    answered = all(answer in _answers(before) for answer in _answers(record))
    tags = record.tags
    still = _REFUSED if not answered and _refuses(record, refuses) else ()
    none = frozenset[str]()
    stale = (none if asked else PROMPT_SIGNALS) | (none if asked and answered else ANSWER_SIGNALS)
    return replace(
        record,
        tags=replace(
            tags,
            verdicts=tuple(each for each in tags.verdicts if _holds(each, same=same)),
            signals={name: value for name, value in tags.signals.items() if name not in stale},
            behaviours=tuple(
                name
                for name in tags.behaviours
                if name in still or _shown(name, asked=asked, answered=answered)
            ),
        ),
    )


def _answers(record: Record) -> list[tuple[Turn, ...]]:
    if isinstance(record, Comparison):
        return [candidate.turns for candidate in record.candidates]
    return [record.response]


def _refuses(record: Record, refuses: Callable[[str], bool]) -> bool:
    """Return whether a record that came as a refusal teaches one still."""
    if {*_REFUSED}.isdisjoint(record.tags.behaviours):
        return False
    taught = taught_answer(record)
    return bool(taught) and refuses(taught[-1].content)


def _shown(name: str, *, asked: bool, answered: bool) -> bool:
    """Return whether a behaviour is the data's own or a person's, or is still to be seen."""
    if name == UNSETTLED or name in ANSWER_MODES:
        return answered
    return asked or not name.startswith(MODE)


def _holds(verdict: Verdict, *, same: bool) -> bool:
    if verdict.action == "review" or verdict.screen in READ:
        return False
    return same or verdict.screen not in LIKE_OTHERS
