"""Who gave an answer, how, and where it was first read: for the ledger, so that a row has a story.

Few hands give many answers, so each is kept once and an answer holds its number.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TypeAlias

from goldleaf.core.records import Comparison, Provenance, Record
from goldleaf.exporters.census.decisions import decision_of, text_origin

Hand: TypeAlias = tuple[tuple[str, ...], ...]
"""The values of each of `FIELDS`, sorted; none where nobody said."""

FIELDS = ("annotator", "origin", "drafted_by", "source", "licence", "decided")


def hand_of(records: Sequence[Record]) -> Hand:
    """Return whose hand some records show: of one reading, so most often of one parent."""
    said = [_said(record, parent) for record in records for parent in record.parents]
    for record in records:
        if isinstance(record, Comparison):
            said += [("", "", c.drafted_by, "", "", "") for c in record.candidates if c.drafted_by]
    return _together(*said)


def _said(record: Record, parent: Provenance) -> tuple[str, ...]:
    origin, decided = text_origin(record, parent), decision_of(record, parent)
    given = (parent.drafted_by, parent.source, parent.licence)
    return (parent.annotator, origin, *given, decided)


@lru_cache(maxsize=4_096)
def _together(*said: tuple[str, ...]) -> Hand:
    """Return the values of each field, sorted; a million rows of one file say the same."""
    return tuple(tuple(sorted({values[n] for values in said} - {""})) for n in range(len(FIELDS)))


def plain(hand: Hand) -> dict[str, Sequence[str]]:
    """Return a hand as it goes into the ledger: what is said of it, by field."""
    return {name: values for name, values in zip(FIELDS, hand, strict=True) if values}


def places_of(records: Sequence[Record], key: str) -> str:
    """Return the places (`file:line`) where records were first read, one a line, without `key`.

    A records file says of each record which line of which file it was before.
    """
    places = [f"{p.file}:{p.line}" for r in records for p in r.parents if p.file and p.line]
    if len(places) == 1:
        return places[0] if places[0] != key else ""
    return "\n".join(sorted({*places} - {key}))
