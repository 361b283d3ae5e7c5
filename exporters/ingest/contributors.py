"""Who annotated an answer, how, and where it was first read: provenance for the ledger.

Few contributors have many answers, so each is stored once and an answer holds its index. What is
another for every answer, as the task that it settles, is no part of a contributor.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TypeAlias

from goldleaf.agreement.decisions import decision_of, text_origin
from goldleaf.core.records import Comparison, Provenance, Record

Contributor: TypeAlias = tuple[tuple[str, ...], ...]
"""The values of each of `FIELDS`, sorted; empty where unknown."""

FIELDS = ("annotator", "origin", "drafted_by", "source", "licence", "decided")


def contributor_of(records: Sequence[Record]) -> Contributor:
    """Return who made the records of one input and how, by `FIELDS`; each value once."""
    values = [_values(record, parent) for record in records for parent in record.parents]
    for record in records:
        if isinstance(record, Comparison):
            values += [
                ("", "", c.drafted_by, "", "", "") for c in record.candidates if c.drafted_by
            ]
    return _merged(*values)


def _values(record: Record, parent: Provenance) -> tuple[str, ...]:
    origin, decided = text_origin(record, parent), decision_of(record, parent)
    given = (parent.drafted_by, parent.source, parent.licence)
    return (parent.annotator, origin, *given, decided)


@lru_cache(maxsize=4_096)
def _merged(*several: tuple[str, ...]) -> Contributor:
    """Return the values of each field, sorted; cached, as most rows of a file have the same."""
    return tuple(
        tuple(sorted({values[n] for values in several} - {""})) for n in range(len(FIELDS))
    )


def contributor_fields(contributor: Contributor) -> dict[str, Sequence[str]]:
    """Return field -> values of a contributor, as the ledger has them, without empty fields."""
    return {name: values for name, values in zip(FIELDS, contributor, strict=True) if values}


def settled_tasks(records: Sequence[Record]) -> str:
    """Return the tasks that these settle (`PROJECT/TASK`), sorted, one a line; "" for none."""
    return "\n".join(sorted({p.adjudicates for r in records for p in r.parents} - {""}))


def original_places(records: Sequence[Record], key: str) -> str:
    """Return the places (`file:line`) where records were first read, one a line, without `key`.

    "" where there is no other place than `key`, the input's own; sorted, each once.
    Each line of a records file holds the file and line that its record was read from.
    """
    places = [f"{p.file}:{p.line}" for r in records for p in r.parents if p.file and p.line]
    if len(places) == 1:
        return places[0] if places[0] != key else ""
    return "\n".join(sorted({*places} - {key}))
