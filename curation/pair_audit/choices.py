"""Choices: which of two shown answers an annotation preferred, and where it stood on the screen.

Of more than two answers the best and the worst shown are compared; of tied ones the one by hash,
which knows no order. The order on the screen is drawn at random, so without a bias the better one
stands first half of the time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl
import xxhash

from goldleaf.core.record_hash import candidate_id
from goldleaf.core.records import Candidate, Comparison, Record
from goldleaf.core.text_hash import answer_hash, prompt_hash
from goldleaf.curation.pair_audit.pair_columns import text_of
from goldleaf.curation.repeated_values import is_repeated


def choice_schema() -> dict[str, Any]:
    """Return the columns of a choice, one row for each annotation that compared shown answers.

    `annotator`: pseudonym; `annotation`: a hash of project, task and annotation; `updated_at`: of
    its state; `task`: its number; `pair`: a hash of the prompt and the two answers in no order;
    `winner`: hash of the better answer, null for a tie; `first_won`: whether it was shown before
    the other (left, or above), null for a tie; `gap`: its length less the other's in characters,
    null for a tie.
    """
    number = pl.UInt64
    return {
        **{"annotator": pl.String, "annotation": number, "updated_at": pl.String},
        **{"project": pl.Int64, "task": pl.Int64},
        **{"pair": number, "winner": number, "first_won": pl.Boolean, "gap": pl.Int32},
    }


def choices_of(record: Record) -> Iterator[tuple[object, ...]]:
    """Yield the choices behind a record as rows of `choice_schema`.

    One for each annotation among its parents that names an annotator and showed several answers of
    the record; none of any other record.
    """
    if not isinstance(record, Comparison):
        return
    parents = [p for p in record.parents if p.annotator and len(p.order_shown) > 1]
    if not parents:
        return
    named = {candidate_id(each): each for each in record.candidates}
    asked = prompt_hash(record.context, record.tools)
    for parent in parents:
        places = {name: place for place, name in enumerate(parent.order_shown) if name in named}
        shown = sorted(places, key=lambda name: (_rank(named[name]), name))
        if len(shown) < 2 or named[shown[0]].rank is None:
            continue
        best, worst = named[shown[0]], named[shown[-1]]
        hashes = answer_hash(best.turns), answer_hash(worst.turns)
        pair = _hash(asked, *sorted(hashes))
        given = (parent.project, parent.task, parent.annotation)
        annotation = _hash(*given, *([pair] if parent.annotation is None else []))
        about = (parent.annotator, annotation, parent.updated_at, *given[:2])
        if best.rank == worst.rank:
            yield *about, pair, None, None, None
        else:
            gap = len(text_of(best.turns)) - len(text_of(worst.turns))
            first = places[shown[0]] < places[shown[-1]]
            yield *about, pair, hashes[0], first, gap


def newest(choices: pl.DataFrame) -> pl.DataFrame:
    """Return the choices in their newest state, one row an annotation."""
    several = is_repeated(choices["annotation"])
    ordered = choices.filter(several)
    ordered = ordered.sort("annotator", "annotation", "updated_at", "winner", nulls_last=True)
    last = ordered.unique(["annotator", "annotation"], keep="last", maintain_order=True)
    return pl.concat([choices.filter(~several), last])


def _rank(candidate: Candidate) -> float:
    return float("inf") if candidate.rank is None else candidate.rank


def _hash(*parts: object) -> int:
    return xxhash.xxh3_64_intdigest("\x1f".join(map(str, parts)).encode("utf-8", "replace"))
