"""`ledger.jsonl.gz`: what became of every answer read and of every record made.

    {"answer": "<key>", "fate": "used|held_out|rejected|dropped", "reason": "", "records": [...]}
    {"record": "<id>", "fate": "exported|held_out|dropped", "reasons": {...}, "rows": {...}}

An answer with records has `by`: annotator, origin and decision (`contributors`, `decisions`), and
`from`: where it was first read, if that is another place. A record has `instead`: reason -> the
record that replaces it. Answers first, then records, both sorted; `rows` maps a file to the ids of
its rows. Where something was replaced in its texts, `redacted` maps what was found (`pii.email`) to
how many places and by which profile (`recipe`: by the recipe). Where rows have an order (S18),
`stages` maps a stage to the ids of its examples. Two sums hold:

    answers read = used + held out + rejected + dropped
    records made = exported + held out + dropped
"""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import orjson
import polars as pl

from goldleaf.core.errors import GoldleafError
from goldleaf.core.safe_paths import inside
from goldleaf.exporters.publishing.ledger_lines import (
    answer_fates,
    answer_lines,
    answer_rows,
    record_fates,
    record_lines,
    record_rows,
)
from goldleaf.exporters.publishing.ledger_schema import line_fault

if TYPE_CHECKING:
    from goldleaf.exporters.ingest.ingest import Ingested
    from goldleaf.exporters.planning.select import Selection

LEDGER = "ledger.jsonl.gz"
ANSWER_FATES = ("used", "held_out", "rejected", "dropped")
RECORD_FATES = ("exported", "held_out", "dropped")


@dataclass
class Tally:
    """The sums of a ledger, counted from its lines."""

    answers: Counter[str] = field(default_factory=Counter[str])
    records: Counter[str] = field(default_factory=Counter[str])
    rejected: Counter[str] = field(default_factory=Counter[str])
    dropped: Counter[str] = field(default_factory=Counter[str])

    def count(self, line: Mapping[str, Any]) -> None:
        """Count one line of a ledger, parsed: an answer or a record, by fate and reason."""
        if "answer" in line:
            self.answers[line["fate"]] += 1
            if line["fate"] == "rejected":
                self.rejected[line["reason"]] += 1
        else:
            self.records[line["fate"]] += 1
            if line["fate"] == "dropped":
                self.dropped[line["reason"]] += 1

    def count_answers(self, lines: pl.DataFrame) -> None:
        """Count answers from their columns `fate` and `reason`."""
        _count(lines, self.answers, "rejected", self.rejected)

    def count_records(self, lines: pl.DataFrame) -> None:
        """Count records from their columns `fate` and `reason`."""
        _count(lines, self.records, "dropped", self.dropped)

    def plain(self) -> dict[str, Any]:
        """Return the sums as JSON for the manifest."""
        answers = {fate: self.answers[fate] for fate in ANSWER_FATES}
        records = {fate: self.records[fate] for fate in RECORD_FATES}
        return {
            "answers": {"read": self.answers.total(), **answers},
            "records": {"made": self.records.total(), **records},
            "reasons": {"rejected": dict(self.rejected), "dropped": dict(self.dropped)},
        }

    def hold(self, read: int, made: int) -> None:
        """Check both sums against independent counts.

        Raises:
            GoldleafError: they differ: a fault of ours, and nothing is published.
        """
        sums = (
            ("answers read", read, sum(self.answers[fate] for fate in ANSWER_FATES)),
            ("records made", made, sum(self.records[fate] for fate in RECORD_FATES)),
        )
        for name, counted, accounted in sums:
            if counted != accounted:
                raise GoldleafError(
                    f"The ledger does not add up: {counted} {name}, {accounted} accounted for.",
                    fix="this is a fault in goldleaf; nothing was published; please report it",
                )


def _count(lines: pl.DataFrame, fates: Counter[str], apart: str, reasons: Counter[str]) -> None:
    for fate, reason, count in lines.group_by("fate", "reason").len().iter_rows():
        fates[fate] += count
        if fate == apart:
            reasons[reason] += count


def write_ledger(path: Path, ingested: Ingested, selection: Selection, rows: pl.DataFrame) -> Tally:
    """Write the ledger and return its sums; GoldleafError where they do not add up.

    Args:
        path: the file to write.
        ingested: what was read.
        selection: what became of it.
        rows: columns arrival, file, id, copy: which row went where.
    """
    tally = Tally()
    fates = record_fates(ingested, selection)
    linked = answer_fates(ingested, fates)
    with (
        open(path, "wb") as raw,
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0, compresslevel=PACKED) as file,
    ):
        for batch in ingested.answers.frames():
            answers = answer_rows(batch, linked, ingested.records)
            tally.count_answers(answers)
            file.write(answer_lines(answers, ingested.contributors).encode())
        del linked
        for some in fates.iter_slices(AT_ONCE):
            records = record_rows(some, ingested.records, selection, rows)
            tally.count_records(records)
            file.write(record_lines(records).encode())
    tally.hold(ingested.answers.height, ingested.records.len())
    return tally


PACKED = 1
"""Level of gzip: a ledger is hashes for the most part; 6 saves a tenth and needs twice the time."""

AT_ONCE = 8_192
"""Lines of records that are made at once."""


def ledger_lines(out: Path) -> Iterator[bytes]:
    """Yield the lines of the ledger in `out` as bytes.

    Raises:
        UsageError: it is missing, a link, or not a regular file.
        OSError, EOFError, zlib.error, ValueError: it is damaged.
    """
    with gzip.open(inside(out, LEDGER), "rb") as file:
        while line := file.readline(MAX_LINE):
            if len(line) == MAX_LINE:
                raise ValueError(f"a line of over {MAX_LINE} bytes")
            yield line


def parse_line(line: bytes) -> dict[str, Any]:
    """Return one line of a ledger as a checked mapping, from its JSON.

    Raises:
        ValueError: it is damaged.
    """
    value: object = orjson.loads(line)
    if wrong := line_fault(value):
        raise ValueError(wrong)
    return cast("dict[str, Any]", value)


def read_ledger(out: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines of the ledger in `out`; raises what `ledger_lines` and `parse_line` raise."""
    return map(parse_line, ledger_lines(out))


MAX_LINE = 2**26
"""Longest line of a ledger that is read, in bytes."""
