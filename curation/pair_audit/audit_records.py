"""The audit of the comparisons in a set of records: each gives one pair, best over worst."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import polars as pl

from goldleaf.core.record_hash import candidate_id
from goldleaf.core.records import Comparison
from goldleaf.core.records_jsonl import from_line
from goldleaf.curation.pair_audit.choices import choice_schema, choices_of
from goldleaf.curation.pair_audit.pair_audit import PairAudit, audit_pairs
from goldleaf.curation.pair_audit.pair_columns import pair_columns, pair_schema

_COMPARISON = b'"record":"comparison"'
"""Part of the canonical line of every comparison."""


def audit_lines(lines: Iterable[bytes]) -> PairAudit | None:
    """Return the audit of the comparisons among canonical lines; None where there is no pair."""
    records = (from_line(line) for line in lines if _COMPARISON in line)
    return audit_comparisons(each for each in records if isinstance(each, Comparison))


def audit_comparisons(comparisons: Iterable[Comparison]) -> PairAudit | None:
    """Return the audit of comparisons; None where none ranks one answer above another."""
    pairs: list[tuple[object, ...]] = []
    choices: list[tuple[object, ...]] = []
    for record in comparisons:
        pairs += (pair_columns(pair) for pair in _best_over_worst(record))
        choices += choices_of(record)
    if not pairs:
        return None
    return audit_pairs(
        pl.DataFrame(pairs, schema=pair_schema(), orient="row"),
        pl.DataFrame(choices, schema=choice_schema(), orient="row"),
    )


def _best_over_worst(record: Comparison) -> Iterator[Comparison]:
    """Yield a comparison's best and worst answer as a pair; nothing where all are equally good."""
    ranked = [each for each in record.candidates if each.rank is not None]
    ordered = sorted(ranked, key=lambda each: (each.rank or 0, candidate_id(each)))
    if len(ordered) < 2 or ordered[0].rank == ordered[-1].rank:
        return
    if ordered[0].acceptable is not False:
        yield replace(record, candidates=(ordered[0], ordered[-1]))
