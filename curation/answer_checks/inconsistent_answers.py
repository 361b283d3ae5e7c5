"""Answers to one prompt that disagree: another number, another word, or a refusal beside an answer.

`answer_inconsistency` of a record is the share of the other answers to its prompt that disagree
with its own, 0 to 1, where there is something to disagree about:

| answer | compared with | agrees with |
|---|---|---|
| closed: up to five words, or a marked number | closed answers and refusals | the same one |
| refusal | all answers | refusals |
| open: any other | open answers and refusals, where one refuses | open answers |

S17 counts answers that are inconsistent among the hard examples. A prompt that many answers fit
("name a colour") has such a value as well as one that somebody answered wrong.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

import polars as pl

from goldleaf.curation.answer_checks.final_answers import closed_answer, final_number, has_mark
from goldleaf.curation.refusals.refusal_detector import refuses
from goldleaf.curation.screens.screen import SIGNALS

ANSWER_INCONSISTENCY: Final = "answer_inconsistency"
REFUSAL, OPEN = "refusal", "open"
"""What an answer comes to that is neither closed; closed ones start with `= `."""


def inconsistent_answers(answers: pl.DataFrame) -> pl.DataFrame:
    """Return the signal (`SIGNALS`) of each record of a group whose answers can disagree.

    Args:
        answers: `record`, `answer` and `group`, the same where the prompts ask the same.
    """
    several = answers.filter(
        pl.col("group").is_not_null() & (pl.col("answer").str.strip_chars() != "")
    ).filter(pl.len().over("group") > 1)
    rows: list[tuple[str, str, float]] = []
    groups = several.group_by("group").agg("record", "answer")
    for _, records, texts in groups.iter_rows():
        shares = _shares([final_answer(text) for text in texts])
        for record, value in zip(records, shares, strict=True):
            if value is not None:
                rows.append((record, ANSWER_INCONSISTENCY, value))
    return pl.DataFrame(rows, schema=SIGNALS, orient="row").sort("record", "name")


def final_answer(answer: str) -> str:
    """Return what an answer comes to: `REFUSAL`, `OPEN`, or `= ` and its words or number.

    >>> final_answer("Yes."), final_answer("So it is 12. #### 12"), final_answer("That depends.")
    ('= yes', '= 12', '= that depends')
    """
    if refuses(answer):
        return REFUSAL
    if (words := closed_answer(answer)) is not None:
        number = final_number(answer) if len(words.split()) <= 3 else None
        return f"= {number}" if number is not None and not words.isalpha() else f"= {words}"
    if has_mark(answer):
        number = final_number(answer)
        return OPEN if number is None else f"= {number}"
    return OPEN


def _shares(final: list[str]) -> list[float | None]:
    """Return for each answer of a group the share of comparable others that disagree."""
    counts = Counter(final)
    refused, opened = counts[REFUSAL], counts[OPEN]
    closed = len(final) - refused - opened
    found: list[float | None] = []
    for own in final:
        if own == REFUSAL:
            others = len(final)
        elif own == OPEN:
            others = opened + refused if refused else 0
        else:
            others = closed + refused
        found.append(round(1 - (counts[own] - 1) / (others - 1), 4) if others > 1 else None)
    return found
