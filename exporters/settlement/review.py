"""What a person should look at again before a model learns it: a slip that the text itself shows.

An answer settled as a refusal that declines nowhere is most often a wrong click. A second annotator
who settles it alike confirms it, and so does `review.refusals: false` in the recipe. An answer that
is meant to be JSON and cannot be parsed helps nobody, however many people pass it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from goldleaf.core.records import Comparison, Judgement, Record
from goldleaf.curation.refusal_detector import refusal
from goldleaf.curation.structured_output import broken_json
from goldleaf.exporters.settlement.votes import is_vote

if TYPE_CHECKING:
    import polars as pl

    from goldleaf.exporters.census.census import Census

NONE, NO_REFUSAL, BROKEN_JSON = 0, 1, 2
"""What is suspected of an example."""

REFUSAL, STRUCTURED, CYCLE = "needs_review_refusal", "needs_review_json", "needs_review_cycle"
"""Codes in the ledger; each begins with `PREFIX`."""

PREFIX = "needs_review_"

MOST = 100
"""Inputs that are named; more are counted."""


@dataclass(frozen=True, slots=True)
class Reviews:
    """The inputs that a person should look at.

    `total`: how many; `first`: reason and key of the first `MOST` of them, sorted.
    """

    total: int = 0
    first: tuple[tuple[str, str], ...] = ()

    def plain(self) -> dict[str, Any]:
        """Return them as they go into the manifest."""
        listed = [{"reason": reason, "answer": key} for reason, key in self.first]
        return {"answers": self.total, "first": listed}


NO_REVIEWS = Reviews()


def reviews(census: Census, why: pl.DataFrame) -> Reviews:
    """Return the inputs whose records wait for a person.

    Args:
        census: what was read.
        why: record and reason of all that was left out.
    """
    import polars as pl

    waiting = why.filter(pl.col("reason").str.starts_with(PREFIX)).select("record", why="reason")
    if not waiting.height:
        return NO_REVIEWS
    keys = census.answers.select("answer", "key")
    found = census.links.join(waiting, on="record").join(keys, on="answer")
    found = found.select("why", "key").unique().sort("why", "key")
    return Reviews(found.height, tuple((str(w), str(k)) for w, k in found.head(MOST).iter_rows()))


def suspicion(example: Record) -> int:
    """Return what is suspected of the answer that an example teaches; `NONE` for nearly all."""
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
