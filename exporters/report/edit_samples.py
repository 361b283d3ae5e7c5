"""A few edits of an export, drawn by hash: what people changed, word by word.

In Chinese and Japanese it is character by character.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import orjson
import polars as pl

from goldleaf.core.text_diff import Part, TextDiff, compare
from goldleaf.exporters.ingest.spill_files import SpillReader
from goldleaf.exporters.planning.example_places import places_in
from goldleaf.exporters.report.edited_pairs import edited_pair

SHOWN, LOOKED_AT = 3, 2_000
"""Edits shown of those by word and of those by character; pairs that are looked at for them."""
LONGEST = 1_500
"""Characters of one edit that are shown; a rewritten text says no more at length."""


@dataclass(frozen=True, slots=True)
class EditSample:
    """One edit: the id of its row, and what differs between the replaced text and the edited one.

    `left` characters of it are not shown.
    """

    id: str
    difference: TextDiff
    left: int = 0


def edit_samples(spools: Path, rows: pl.DataFrame, kept: pl.DataFrame) -> list[EditSample]:
    """Return some edits among the training rows of the first format that tells of them.

    The arguments are those of `samples.samples`.
    """
    files = rows["file"].unique().cast(pl.String)
    of_pairs = pl.col("file").is_in(files.filter(files.str.contains("dpo")).to_list())
    pairs = rows.select("arrival", "place", "format", "file", "side", "copy").with_row_index("at")
    pairs = pairs.filter(pl.col("side") == "train", pl.col("copy") == 0, of_pairs)
    if not pairs.height:
        return []
    pairs = pairs.filter(pl.col("format") == pairs["format"].cast(pl.String).min())
    keys = pairs.select("at", kept["sample_key"].gather(places_in(kept, pairs)))
    keys = keys.sort("sample_key", "at").head(LOOKED_AT)
    pairs = rows.select("format", "offset", "length", "id")[keys["at"]].with_columns(keys)
    pairs = pairs.sort("sample_key", "id").with_columns(pl.col("id").bin.encode("hex"))
    found: dict[str, list[EditSample]] = {"words": [], "characters": []}
    for name, difference in _edits(spools, pairs):
        of_unit = found[difference.unit]
        if len(of_unit) < SHOWN:
            of_unit.append(_sample(name, difference.shortened()))
        if all(len(each) == SHOWN for each in found.values()):
            break
    return [*found["words"], *found["characters"]]


def _edits(spools: Path, pairs: pl.DataFrame) -> Iterator[tuple[str, TextDiff]]:
    columns = ("format", "offset", "length", "id")
    for format, offset, length, name in pairs.select(columns).iter_rows():
        with SpillReader(spools, format) as spool:
            texts = edited_pair(orjson.loads(spool.read(offset, length)))
        if texts:
            yield name, compare(*texts)


def _sample(name: str, difference: TextDiff) -> EditSample:
    parts: list[Part] = []
    room = LONGEST
    for fate, text in difference.parts:
        if room > 0:
            parts.append(Part(fate, text[:room]))
        room -= len(text)
    return EditSample(name, replace(difference, parts=tuple(parts)), max(0, -room))
