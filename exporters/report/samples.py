"""A few sample rows of an export, drawn by hash and rendered for a reader.

A row is shown as its file has it, whatever the format: lists of messages as turns, texts as texts,
anything else as JSON. Nothing in it is interpreted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from goldleaf.core.escape_invisible import escape_invisible
from goldleaf.core.json_values import objects_in, one_or_many
from goldleaf.exporters.ingest.behaviours import (
    behaviours_in,
    names_shown,
    own_columns,
    shows_any,
)
from goldleaf.exporters.ingest.spill_files import SpillReader
from goldleaf.exporters.planning.example_places import places_in

SHORT, LONG = 600, 6_000
"""Characters shown at once, and at all."""

_MARKS = ("id", "group_id", "repeat_of")
_FIRST = (
    *("system", "instruction", "input", "tools", "prompt", "messages", "conversations"),
    *("chosen", "rejected", "completion", "output", "response"),
)


@dataclass(frozen=True, slots=True)
class Text:
    """A text in three parts: what is shown, what is folded, and how many characters are not."""

    head: str
    more: str = ""
    left: int = 0


@dataclass(frozen=True, slots=True)
class SampleTurn:
    """One turn of a sample: role and text."""

    role: str
    text: Text


@dataclass(frozen=True, slots=True)
class Sample:
    """One row: its file and id, how often it is written, and its columns.

    `columns` are those with texts, each as turns; `marks` those with a word or a number.
    """

    file: str
    id: str
    copies: int
    tokens: int
    behaviours: Sequence[str]
    columns: Sequence[tuple[str, Sequence[SampleTurn]]]
    marks: Sequence[tuple[str, str]]


def samples(spools: Path, rows: pl.DataFrame, kept: pl.DataFrame) -> list[Sample]:
    """Return a sample training row of every table and behaviour, in the first format.

    Args:
        spools: the folder of the spill files.
        rows: from `tables.in_output_order`.
        kept: arrival, place, sample_key, behaviours of the examples written.
    """
    columns = ("file", "format", "offset", "length", "id", "copies", "tokens", "shown")
    train = rows.select("arrival", "place", "file", "format", "side", "copy").with_row_index("at")
    train = train.filter(pl.col("side") == "train", pl.col("copy") == 0).drop("side", "copy")
    if not train.height:
        return []
    train = train.filter(pl.col("format") == train["format"].cast(pl.String).min()).drop("format")
    shown = kept.select("sample_key", "behaviours", *own_columns(kept))[places_in(kept, train)]
    train = train.drop("arrival", "place").with_columns(shown)
    train = train.sort("file", "sample_key", "at")  # the rows of a file are in the order of ids
    bits = [pl.lit(value=True), *(shows_any((name,)) for name in behaviours_in(kept))]
    drawn = pl.concat(
        train.filter(bit).group_by("file", maintain_order=True).head(1) for bit in bits
    )
    drawn = drawn.unique(["file", "at"]).sort("file", "sample_key", "at")
    written = rows.select("format", "offset", "length", "id", "copies", "tokens")[drawn["at"]]
    drawn = drawn.with_columns(written, shown=names_shown(drawn))
    drawn = drawn.with_columns(pl.col("id").bin.encode("hex"))
    found: list[Sample] = []
    for file, format, offset, length, name, copies, tokens, names in drawn.select(
        columns
    ).iter_rows():
        with SpillReader(spools, format) as spool:
            row = orjson.loads(spool.read(offset, length))
        shown = list(_columns(row))
        long = [(column, turns) for column, turns in shown if column in _FIRST]
        marks = [(column, turns[0].text.head) for column, turns in shown if column not in _FIRST]
        found.append(Sample(file, name, copies, tokens, names, long, marks))
    return found


def _columns(row: Mapping[str, Any]) -> Iterator[tuple[str, list[SampleTurn]]]:
    """Yield the columns of a row that are not empty, the prompt first."""
    places = {name: place for place, name in enumerate(_FIRST)}
    for name in sorted(row, key=lambda name: (places.get(name, len(places)), name)):
        if name not in _MARKS and row[name] not in (None, "", "[]", [], {}):
            yield name, _turns(row[name])


def _turns(value: Any) -> list[SampleTurn]:
    """Return a value as turns: messages each as one, anything else as one without a role."""
    turns = objects_in(one_or_many(value))
    if len(turns) == len(one_or_many(value)) and all("role" in t or "from" in t for t in turns):
        return [_turn(turn) for turn in turns]
    return [SampleTurn("", _folded(value if isinstance(value, str) else _json(value)))]


def _turn(turn: Mapping[str, Any]) -> SampleTurn:
    role = str(turn.get("role") or turn.get("from"))
    text = turn.get("content", turn.get("value"))
    rest = {k: v for k, v in turn.items() if k not in ("role", "from", "content", "value") and v}
    parts = [text if isinstance(text, str) else _json(text)] if text else []
    return SampleTurn(role, _folded("\n".join([*parts, *([_json(rest)] if rest else [])])))


def _json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _folded(text: str) -> Text:
    text = text.strip("\n")
    if len(text) <= SHORT + SHORT // 4:
        return Text(escape_invisible(text))
    cut = text.rfind(" ", SHORT - 60, SHORT) + 1 or SHORT
    return Text(
        escape_invisible(text[:cut]), escape_invisible(text[cut:LONG]), max(0, len(text) - LONG)
    )
