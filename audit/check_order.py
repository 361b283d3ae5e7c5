"""Check from its files alone that an export has the order that its recipe sets (S18).

The stage of every example is in the ledger. Whether a row of the general stage calls tools or has
several turns is read from the row itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any

from goldleaf.core.errors import BadRow, UsageError
from goldleaf.exporters.ingest.behaviours import mask, shown
from goldleaf.exporters.planning.order import LONG_TAIL, replays_wanted, soft_key, stage_of
from goldleaf.formats.format import Row
from goldleaf.formats.format_registry import formats
from goldleaf.recipes.load import parse
from goldleaf.recipes.recipe import Recipe

Found = tuple[str, str, str]
"""Code, file (and line), detail of a finding."""


@dataclass
class WrittenRows:
    """The rows of an export: file -> row id -> id of the row it repeats, in the file's order.

    `tails`: ids of rows whose structure puts them into the long tail.
    """

    rows: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    tails: set[str] = field(default_factory=set[str])

    def before(self, file: str) -> set[str]:
        """Return the row ids in the table's files of earlier stages than that of `file`.

        Files in `rows` only; empty for a file without a stage.
        """
        table = "/".join(file.split("/")[:2]) + "/"
        found = set[str]()
        if stage_in(file):
            for other, ids in self.rows.items():
                if other.startswith(table) and other < file and stage_in(other):
                    found |= ids.keys()
        return found


def stage_in(file: str) -> str:
    """Return the stage whose rows a file holds, by its path; "" for test files and without stages.

    >>> stage_in("trl/sft/2_long_tail/train.jsonl"), stage_in("trl/sft/train.jsonl")
    ('long_tail', '')
    """
    parts = PurePosixPath(file).parts
    return parts[2].partition("_")[2] if len(parts) == 4 and parts[3].startswith("train.") else ""


def is_long_tail(format: str, row: Row) -> bool:
    """Return whether the structure of a row (such as tool calls) puts it into the long tail (S13).

    False for a row that cannot be read, and for a format that goldleaf does not read.
    """
    unit = formats().get(format)
    try:
        read = unit.read(row) if unit is not None else ()
    except BadRow:
        return False
    records = read if isinstance(read, tuple) else (read,)
    return any(shown(record) & mask(LONG_TAIL) for record in records)


def recipe_of(manifest: Mapping[str, Any]) -> Recipe | None:
    """Return the recipe in a manifest, or None where it cannot be parsed."""
    try:
        return parse(manifest["recipe"]["text"].encode(), "manifest.json")
    except (UsageError, UnicodeEncodeError):
        return None


def order_findings(
    manifest: Mapping[str, Any],
    seen: WrittenRows,
    stages: Mapping[str, str],
    written: Mapping[str, Set[str]],
) -> Iterator[Found]:
    """Yield every finding where the rows of an export are not in the order that its recipe sets.

    None where the recipe's order is `shuffled`.

    Args:
        manifest: its recipe, tables and shortfalls.
        seen: its rows.
        stages: example -> stage, from the ledger.
        written: file -> row ids, from the ledger.
    """
    recipe = recipe_of(manifest)
    if recipe is None:
        yield "recipe_unreadable", "manifest.json", "the recipe cannot be read back"
        return
    if recipe.order.mode == "shuffled":
        return
    general, tail = (stage_of(bits, recipe.order.stages) for bits in (0, mask(LONG_TAIL)))
    if general != tail:
        for row in sorted(seen.tails):
            if stages.get(_example(row)) == general:
                yield "stage_wrong", row, f"it is of the long tail, in the ledger it is {general}"
    if recipe.order.mode == "staged":
        yield from _staged(manifest, recipe, stages, written)
    else:
        yield from _soft(manifest, recipe, seen, stages)


def _staged(
    manifest: Mapping[str, Any],
    recipe: Recipe,
    stages: Mapping[str, str],
    written: Mapping[str, Set[str]],
) -> Iterator[Found]:
    order: Sequence[str] = recipe.order.stages
    own: dict[str, set[str]] = {stage: set() for stage in order}
    again: dict[str, set[str]] = {stage: set() for stage in order}
    for file, rows in sorted(written.items()):
        here = stage_in(file)
        for row in sorted(rows):
            home = stages.get(_example(row), "")
            if home == here:
                own.get(here, set()).add(row)
            elif "-" in row and home in order and here in order[order.index(home) + 1 :]:
                again[here].add(row)
            else:
                detail = f"{row} is of the stage {home or 'none'}"
                yield "stage_mixed", file, detail
    times = Counter(_example(row) for rows in (*own.values(), *again.values()) for row in rows)
    for example, count in sorted(times.items()):
        if count > recipe.repeat.max:
            yield "repeat_cap", example, f"{count} rows, at most {recipe.repeat.max}"
    short = any(found.get("key") == "order.replay" for found in manifest.get("shortfalls", ()))
    for stage in order[1:]:
        wanted, got = replays_wanted(len(own[stage]), recipe), len(again[stage])
        if got > wanted or (got < wanted and not short):
            yield "replay_share", stage, f"{got} rows of earlier stages, {wanted} asked for"


def _soft(
    manifest: Mapping[str, Any], recipe: Recipe, seen: WrittenRows, stages: Mapping[str, str]
) -> Iterator[Found]:
    places = {stage: place for place, stage in enumerate(recipe.order.stages)}
    for table in manifest["tables"]:
        if not table.get("ordered"):
            continue
        start = f"{table['format']}/{table['table']}/train."
        for file in (name for name in seen.rows if name.startswith(start)):
            rows = list(seen.rows[file])
            if rows and rows[0].startswith("#"):  # no ids of ours: rows cannot be identified
                continue
            keys = [
                (soft_key(recipe.seed, row, places.get(stages.get(_example(row), ""), 0)), row)
                for row in rows
            ]
            yield from _sorted(keys, int(table.get("shown_first", 0)), file)


def _sorted(keys: Sequence[tuple[int, str]], first: int, file: str) -> Iterator[Found]:
    for line, (one, next_) in enumerate(pairwise(keys), 2):
        if one > next_ and line != first + 1:
            yield "order_broken", f"{file}:{line}", "it belongs before the row above it"
            return


def _example(row: str) -> str:
    """Return the id of the example of a row: without the number of a repeat."""
    return row.partition("-")[0]
