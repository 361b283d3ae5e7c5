"""Records with what a curation found: verdicts, signals, tags; nothing else of them changes."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, groupby
from operator import itemgetter
from typing import Any

import polars as pl

from goldleaf.core.records_jsonl import from_line, to_line
from goldleaf.core.screen_verdicts import EXACT_DUPLICATE
from goldleaf.curation.record_store import enriched_line

LONGEST = 2**24
"""Bytes of a line, from which its parents are shared out: half of the longest line that is read."""


def lines_of(line: bytes) -> Iterator[bytes]:
    """Yield a record's line, or several with some of its parents each where it is too long to read.

    A row that a set repeats half a million times is one record with as many parents. Lines of equal
    content are one record with the parents of all again when they are read.
    """
    if len(line) <= LONGEST:
        yield line
        return
    record = from_line(line)
    own = len(to_line(replace(record, parents=())))
    # What the texts take of a line is not to be shared out.
    lines = -(-(len(line) - own) // max(LONGEST - own, LONGEST // 4))
    size = max(1, -(-len(record.parents) // lines))
    for start in range(0, len(record.parents), size):
        yield to_line(replace(record, parents=record.parents[start : start + size]))


def line_order(records: Sequence[int], lines: Sequence[int]) -> Sequence[int]:
    """Return the places of lines in the order of their records.

    Args:
        records: places of records, counted from 0, in some order.
        lines: how many lines each record has (`lines_of`), by its place.

    >>> list(line_order([2, 0, 1], [1, 3, 1]))
    [4, 0, 1, 2, 3]
    """
    starts = [0, *accumulate(lines)]
    return array("Q", (line for at in records for line in range(starts[at], starts[at + 1])))


def enriched_lines(
    lines: Iterable[tuple[str, bytes]],
    verdicts: pl.DataFrame,
    signals: pl.DataFrame,
    behaviours: pl.DataFrame,
    tags: pl.DataFrame,
) -> Iterator[bytes]:
    """Yield every line with its verdicts, signals and tags.

    Verdicts of an earlier curation are replaced, signals of other names and tags that this one says
    nothing about stay.

    Args:
        lines: (id, canonical line) in the order of ids.
        verdicts: a frame `goldleaf.curation.verdict_table.VERDICTS`.
        signals: a frame `goldleaf.curation.screens.screen.SIGNALS`.
        behaviours: a frame `goldleaf.curation.set_screens.set_screen.BEHAVIOURS`; the others that a
            line has stay.
        tags: record and one column a tag, one row for each record that has any; null is no word.
    """
    found = _Cursor(_short(verdicts))
    measured = _Cursor(signals.drop_nulls().sort("record", "name"))
    shown = _Cursor(behaviours.unique().sort("record", "name"))
    tagged = _Cursor(tags.sort("record"))
    for record, line in lines:
        yield enriched_line(
            line,
            verdicts=[_verdict(row) for row in found(record)],
            signals={row["name"]: row["value"] for row in measured(record)},
            behaviours={row["name"]: row["shown"] for row in shown(record)},
            tags={
                name: value
                for row in tagged(record)
                for name, value in row.items()
                if name != "record" and value is not None
            },
        )


class _Cursor:
    """Rows of a frame sorted by record, asked for in ascending order of records."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self._groups = groupby(frame.iter_rows(named=True), key=itemgetter("record"))
        self._next: tuple[str, list[dict[str, Any]]] | None = None
        self._advance()

    def _advance(self) -> None:
        group = next(self._groups, None)
        self._next = None if group is None else (str(group[0]), list(group[1]))

    def __call__(self, record: str) -> list[dict[str, Any]]:
        """Return the rows of a record; earlier records are passed over."""
        while self._next is not None and self._next[0] < record:
            self._advance()
        return self._next[1] if self._next is not None and self._next[0] == record else []


def _short(verdicts: pl.DataFrame) -> pl.DataFrame:
    """Return one row for each verdict of a record, whatever the number of its places."""
    columns = ("record", "screen", "verdict", "reason", "of", "score", "action", "profile")
    # Exact duplicates are about places, not about records, which hold all their parents anyway.
    found = verdicts.filter(pl.col("screen") != EXACT_DUPLICATE).select(columns)
    return found.unique(
        ["record", "screen", "verdict", "of"], keep="first", maintain_order=True
    ).sort("record", "screen", "verdict", "of")


def _verdict(row: dict[str, Any]) -> dict[str, Any]:
    """Return a verdict as the lines of records have it; defaults are left out."""
    defaults = {"reason": "", "of": "", "score": None, "action": "keep", "profile": ""}
    return {
        name: value
        for name, value in row.items()
        if name != "record" and value != defaults.get(name, "no default")
    }
