"""`ledger.jsonl.gz`: what became of every answer read and of every record made.

    {"answer": "<key>", "fate": "used|held_out|rejected|dropped", "reason": "", "records": [...]}
    {"record": "<id>", "fate": "exported|held_out|dropped", "reasons": {...}, "rows": {...}}

Answers first, then records, both sorted; `rows` maps a file to the ids of its rows. Two sums hold:

    answers read = used + held out + rejected + dropped
    records made = exported + held out + dropped
"""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import orjson

from goldleaf.core.errors import GoldleafError

if TYPE_CHECKING:
    import polars as pl

    from goldleaf.exporters.census import Census
    from goldleaf.exporters.select import Selection

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
        """Count one line of a ledger."""
        if "answer" in line:
            self.answers[line["fate"]] += 1
            if line["fate"] == "rejected":
                self.rejected[line["reason"]] += 1
        else:
            self.records[line["fate"]] += 1
            if line["fate"] == "dropped":
                self.dropped[line["reason"]] += 1

    def plain(self) -> dict[str, Any]:
        """Return the sums as they go into the manifest."""
        answers = {fate: self.answers[fate] for fate in ANSWER_FATES}
        records = {fate: self.records[fate] for fate in RECORD_FATES}
        return {
            "answers": {"read": self.answers.total(), **answers},
            "records": {"made": self.records.total(), **records},
            "reasons": {"rejected": dict(self.rejected), "dropped": dict(self.dropped)},
        }

    def hold(self, read: int, made: int) -> None:
        """Hold both sums against independent counts.

        Raises:
            GoldleafError: they differ: a fault of ours, and nothing is published.
        """
        sums = (
            ("answers read", read, sum(self.answers[fate] for fate in ANSWER_FATES)),
            ("records made", made, sum(self.records[fate] for fate in RECORD_FATES)),
        )
        for name, counted, told in sums:
            if counted != told:
                raise GoldleafError(
                    f"The ledger does not add up: {counted} {name}, {told} accounted for.",
                    fix="this is a fault in goldleaf; nothing was published; please report it",
                )


def write_ledger(path: Path, census: Census, selection: Selection, rows: pl.DataFrame) -> Tally:
    """Write the ledger and return its sums, held against the census.

    Args:
        path: the file to write.
        census: what was read.
        selection: what became of it.
        rows: columns record, file, row: which row went where.
    """
    tally = Tally()
    records = _records(census, selection, rows)
    with (
        open(path, "wb") as raw,
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0, compresslevel=6) as file,
    ):
        for some in _batched(chain(_answer_lines(census, records), _record_lines(records))):
            for line in some:
                tally.count(line)
            file.write(b"".join([orjson.dumps(line, option=_AS_LINE) for line in some]))
    tally.hold(census.answers.height, census.links["record"].n_unique())
    return tally


_AS_LINE = orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE


def _batched(lines: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Return lines by the thousand: one write for each costs more than packing them."""
    while some := list(islice(lines, 1_000)):
        yield some


def read_ledger(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines of a ledger."""
    with gzip.open(path, "rb") as file:
        for line in file:
            yield cast("dict[str, Any]", orjson.loads(line))


def _records(census: Census, selection: Selection, rows: pl.DataFrame) -> pl.DataFrame:
    """Return record, fate, reason, reasons, times, file, row: one row a record, sorted."""
    import polars as pl

    sides = selection.kept.group_by("record").agg(pl.col("side").first())
    written = rows.sort("row").group_by("record", maintain_order=True).agg("file", "row")
    why = (
        selection.why.sort("times", "reason", descending=[True, False])
        .group_by("record", maintain_order=True)
        .agg(pl.col("reason").first(), reasons="reason", times="times")
    )
    fate = (
        pl.when(pl.col("side") == "train")
        .then(pl.lit("exported"))
        .when(pl.col("side") == "test")
        .then(pl.lit("held_out"))
        .otherwise(pl.lit("dropped"))
    )
    joined = census.records.select("record").join(sides, on="record", how="left")
    joined = joined.join(why, on="record", how="left").join(written, on="record", how="left")
    joined = joined.with_columns(fate=fate)
    reason = pl.when(pl.col("fate") == "dropped").then(pl.col("reason")).fill_null("")
    return joined.with_columns(reason=reason).sort("record")


def _answer_lines(census: Census, records: pl.DataFrame) -> Iterator[dict[str, Any]]:
    import polars as pl

    told = records.select("record", "fate", record_reason="reason")
    linked = census.links.join(told, on="record").sort("answer", "record")
    of = linked.group_by("answer").agg("record", "fate", "record_reason")
    answers = census.answers.join(of, on="answer", how="left").sort("key")
    names = {"exported": "used", "held_out": "held_out"}
    columns = ("key", "reason", "detail", "record", "fate", "record_reason")
    for key, reason, detail, made, fates, reasons in answers.select(pl.col(columns)).iter_rows():
        line: dict[str, Any] = {"answer": key, "reason": reason, "records": made or []}
        if reason:
            line |= {"fate": "rejected", "detail": detail}
        else:
            kept = [name for fate, name in names.items() if fate in fates]
            line |= {"fate": kept[0]} if kept else {"fate": "dropped", "reason": reasons[0]}
        yield line


def _record_lines(records: pl.DataFrame) -> Iterator[dict[str, Any]]:
    columns = ("record", "fate", "reason", "reasons", "times", "file", "row")
    for identity, fate, reason, reasons, times, files, names in records.select(columns).iter_rows():
        rows: dict[str, list[str]] = {}
        for file, name in zip(files or (), names or (), strict=True):
            rows.setdefault(file, []).append(name)
        yield {
            "record": identity,
            "fate": fate,
            "reason": reason,
            "reasons": dict(zip(reasons or (), times or (), strict=True)),
            "rows": rows,
        }
