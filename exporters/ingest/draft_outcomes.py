"""What annotators made of drafts, as their records' provenance has it: a row for each answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl
import xxhash

from goldleaf.core.record_hash import record_id
from goldleaf.core.records import Record

OUTCOMES = ("accepted", "edited", "overruled")
"""What became of a draft, as `core.records.DraftOutcome` says."""


def draft_schema() -> dict[str, Any]:
    """Return the columns of an answer that began from a draft.

    `answer`: a hash of project, task and annotation, of the record where that has no number;
    `updated_at`: of its state; `version`: the model version of the draft; `outcome`: an index in
    `OUTCOMES`.
    """
    return {
        **{"answer": pl.UInt64, "updated_at": pl.String},
        **{"version": pl.String, "outcome": pl.UInt8},
    }


def draft_outcomes(record: Record) -> Iterator[tuple[object, ...]]:
    """Yield the answers behind a record that began from a draft as rows of `draft_schema`."""
    for parent in record.parents:
        if not parent.draft_outcome:
            continue
        own = record_id(record) if parent.annotation is None else parent.annotation
        named = f"{parent.project}/{parent.task}/{own}"
        yield (
            *(xxhash.xxh3_64_intdigest(named.encode()), parent.updated_at),
            *(parent.drafted_by, OUTCOMES.index(parent.draft_outcome)),
        )
