"""Examples to review before training: annotation mistakes that the text itself shows.

An answer marked as a refusal whose text declines nothing is most often a wrong click. A second
annotator with the same verdict confirms it, and so does `review.refusals: false` in the recipe. An
answer that should be JSON and cannot be parsed is useless, however many annotators accept it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from goldleaf.agreement.conflict_policies import NEEDS_ADJUDICATION
from goldleaf.agreement.votes import is_vote
from goldleaf.core.records import Comparison, Judgement, Record
from goldleaf.core.screen_verdicts import REVIEW
from goldleaf.curation.refusals.refusal_detector import refusal
from goldleaf.curation.texts.structured_output import broken_json

NONE, NO_REFUSAL, BROKEN_JSON = 0, 1, 2
"""What is suspected of an example."""

REFUSAL, STRUCTURED, CYCLE = "needs_review_refusal", "needs_review_json", "needs_review_cycle"
"""Codes in the ledger; each begins with `PREFIX`."""

PREFIX = REVIEW

AWAITED = (NEEDS_ADJUDICATION,)
"""Further codes of what waits for a person."""

MOST = 100
"""Inputs that are named; more are counted."""


@dataclass(frozen=True, slots=True)
class Reviews:
    """The inputs whose annotations a person should review before they are exported.

    `total`: how many; `first`: reason and key of the first `MOST` of them, sorted.
    """

    total: int = 0
    first: tuple[tuple[str, str], ...] = ()

    def plain(self) -> dict[str, Any]:
        """Return `answers` (how many) and `first` (reason and key of each) for the manifest."""
        listed = [{"reason": reason, "answer": key} for reason, key in self.first]
        return {"answers": self.total, "first": listed}


NO_REVIEWS = Reviews()


def left_for_review(why: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of what was left out until a person reviews it, by their `reason`."""
    reason = pl.col("reason").cast(pl.String)
    return why.filter(reason.str.starts_with(PREFIX) | reason.is_in(AWAITED))


def reviews(waiting: pl.DataFrame) -> Reviews:
    """Return the inputs with records that were left out until a person reviews them.

    Args:
        waiting: reason (of `left_for_review`) and key of the inputs; one with several records may
            be there several times.
    """
    found = waiting.select("reason", "key").unique().sort("reason", "key")
    return Reviews(found.height, tuple((str(w), str(k)) for w, k in found.head(MOST).iter_rows()))


def suspicion(example: Record) -> int:
    """Return which mistake the answer of an example seems to have: `NONE` or one of two codes.

    `BROKEN_JSON`: tagged `structured_output`, not parsable. `NO_REFUSAL`: an annotation settled
    that refusing is right, and the text refuses nothing; imported data alone is never suspected of
    it. The text is the last turn of the answer, of a pair the better one; a thumb down has none.
    """
    tags = example.tags
    settled = tags.right_behaviour == "refuse"
    structured = "structured_output" in tags.behaviours
    if not settled and not structured:
        return NONE
    text = _taught(example)
    if structured and broken_json(text):
        return BROKEN_JSON
    if settled and text.strip() and any(map(is_vote, example.parents)):
        return NO_REFUSAL if refusal(text).extent == "none" else NONE
    return NONE


def _taught(example: Record) -> str:
    """Return the text that an example teaches, "" where it teaches none."""
    if isinstance(example, Judgement):
        return example.response[-1].content if example.good and example.response else ""
    turns = example.candidates[0].turns if isinstance(example, Comparison) else example.response
    return turns[-1].content if turns else ""
