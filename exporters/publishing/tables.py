"""Table files: rows copied from the spill files in output order, repeats marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from goldleaf.agreement.conflict_policies import NO_STANDING
from goldleaf.core.token_estimate import max_length
from goldleaf.exporters.ingest.row_order import reordered
from goldleaf.exporters.ingest.spill_files import SpillReader
from goldleaf.exporters.planning.order import soft_key
from goldleaf.formats.format import ContainerWriter, MergesPerPrompt, OncePerPrompt, Writer
from goldleaf.recipes.recipe import Recipe
from goldleaf.trainers.table import StageFile, Table


def in_output_order(rows: pl.DataFrame, writers: Sequence[Writer], recipe: Recipe) -> pl.DataFrame:
    """Return every row to write in output order, with its `file` and `copy` (0 first).

    A file is sorted by id, which is a hash and so no order at all; before all, it shows one row of
    every shape there is, because a reader of JSON Lines infers the columns from the first rows. A
    repeat is where its id, turned round by some digits, would be: not next to its original.

    SFT rows for training follow the recipe's order (S18). Where it is staged, `at` is the stage
    whose file they are in, which for a replay is a later one than its own, and `number` that
    stage's place; each file is sorted by id. Where it is soft, their file is sorted by `soft_key`
    (`goldleaf.exporters.planning.order`); the rows that show the shapes come first, and `later` is
    true of the rest.

    Args:
        rows: as `selected_rows` returns them.
        writers: the formats they were written in.
        recipe: its order and seed.
    """
    rows = _once_per_prompt(rows, writers)
    suffixes = {writer.NAME: suffix_of(writer) for writer in writers}
    suffix = pl.col("format").cast(pl.String).replace_strict(suffixes, return_dtype=pl.String)
    path = pl.format("{}/{}/{}{}", "format", "table", "side", suffix).cast(pl.Categorical)
    files = [some.select(file=path) for some in rows.iter_slices(AT_ONCE)]
    rows = rows.hstack(pl.concat(files)) if files else rows.with_columns(file=path)
    copies = rows.select(pl.int_ranges(0, "copies", dtype=pl.UInt32).alias("copy"))
    copies = copies.with_row_index("row").explode("copy")
    replayed = rows.filter(pl.col("replays").list.len() > 0)
    once = rows.drop("replays", "prompt", strict=False)
    del rows
    each = reordered(once, copies["row"]).with_columns(copies["copy"])
    if recipe.order.mode == "staged":
        each = _in_stages(each, replayed, suffix, recipe)
    by = ["turned", "id", "again"]
    keys = each.select("file", "shape", "id", "copy").with_row_index("at")
    if recipe.order.mode == "soft":
        keys, by = keys.with_columns(_soft_keys(each, recipe)), ["key", *by]
    again = pl.col("copy") > 0
    keys = pl.concat(
        [
            keys.filter(~again).with_columns(turned="id", again=pl.lit("").cast(pl.Categorical)),
            keys.filter(again).with_columns(turned=_turned(), again=_again()),
        ]
    )
    keys = keys.select(pl.col("at", "file", "shape").sort_by("file", *by))
    later = ~pl.struct("file", "shape").is_first_distinct()
    keys = keys.select("at", "file", later=later).sort("file", "later", maintain_order=True)
    return reordered(each, keys["at"]).with_columns(keys["later"])


def _again() -> pl.Expr:
    """Return the number that a repeat has behind its id, as text, which is how ids are sorted."""
    return (pl.col("copy") + 1).cast(pl.String).cast(pl.Categorical)


def _turned() -> pl.Expr:
    """Return the id turned round by some digits."""
    name, turn = pl.col("id").bin.encode("hex"), pl.col("copy") * 5 % 32
    return pl.concat_str(name.str.slice(turn), name.str.slice(0, turn)).str.decode("hex")


def row_id() -> pl.Expr:
    """Return the id of a row as hex digits; that of a repeat has its number behind it."""
    again = pl.format("{}-{}", _EXAMPLE, pl.col("copy") + 1)
    return pl.when(pl.col("copy") > 0).then(again).otherwise(_EXAMPLE)


_EXAMPLE = pl.col("id").bin.encode("hex")


def _once_per_prompt(rows: pl.DataFrame, writers: Sequence[Writer]) -> pl.DataFrame:
    """Return the rows; in formats of prompts alone one of each prompt, without repeats or stage.

    `others` (offset, length) are the other rows of its prompt, for a writer that merges them.
    """
    names = [writer.NAME for writer in writers if isinstance(writer, OncePerPrompt)]
    if not names:
        return rows
    alone = pl.col("format").cast(pl.String).is_in(names)
    once = rows.filter(alone).sort("id")
    by = ["format", "table", "prompt"]
    others = pl.struct("offset", "length").slice(1).over(by, mapping_strategy="join")
    once = once.with_columns(others=others)
    once = once.unique(by, keep="first", maintain_order=True)
    none = pl.col("replays").list.head(0)
    once = once.with_columns(
        copies=pl.lit(1, rows.schema["copies"]),
        stage=pl.lit("").cast(rows.schema["stage"]),
        replays=none,
    )
    return pl.concat([rows.filter(~alone), once], how="diagonal")


def _in_stages(
    each: pl.DataFrame, again: pl.DataFrame, suffix: pl.Expr, recipe: Recipe
) -> pl.DataFrame:
    """Return the rows with their replays (`again`), each in the file of its stage."""
    copy = pl.col("copies") + pl.int_ranges(0, pl.col("replays").list.len())
    again = again.with_columns(at="replays", copy=copy)
    numbers = {stage: number for number, stage in enumerate(recipe.order.stages, 1)} | {"": 0}
    each = each.with_columns(at=pl.col("stage"))
    types = [pl.col(name).cast(kind) for name, kind in each.schema.items()]
    again = again.explode("at", "copy").select(types)
    each = pl.concat([each, again])
    place = pl.col("at").cast(pl.String).replace_strict(numbers, return_dtype=pl.UInt8)
    each = each.with_columns(number=place)
    parts = ("format", "table", "number", "at", "side", suffix)
    inside = pl.format("{}/{}/{}_{}/{}{}", *parts)
    staged = pl.when(pl.col("at") != "").then(inside).otherwise("file").cast(pl.Categorical)
    return each.with_columns(file=staged)


def _soft_keys(each: pl.DataFrame, recipe: Recipe) -> pl.Series:
    """Return the place of each row in a soft order; 0 for those that have no stage."""
    places = {stage: place for place, stage in enumerate(recipe.order.stages)}
    found: list[pl.Series] = []
    for part in each.select("id", "copy", "stage").iter_slices(AT_ONCE):
        named = part.select(row_id().alias("row"), pl.col("stage").cast(pl.String))
        keys = [
            soft_key(recipe.seed, row, places[stage]) if stage else 0
            for row, stage in named.iter_rows()
        ]
        found.append(pl.Series("key", keys, pl.Int64))
    return pl.concat(found) if found else pl.Series("key", [], pl.Int64)


AT_ONCE = 16_384
"""Rows whose ids are spelled at once."""


def suffix_of(writer: Writer) -> str:
    """Return the suffix of a format's files, such as `.jsonl`."""
    return writer.SUFFIX if isinstance(writer, ContainerWriter) else ".jsonl"


def write_tables(
    staged: Path, spools: Path, rows: pl.DataFrame, writers: Sequence[Writer], recipe: Recipe
) -> tuple[Table, ...]:
    """Write every file of `rows` (from `in_output_order`) below `staged`; return the tables.

    A `Table` for each format and name (`sft`), train and test together; the first of a format is
    what `load_dataset` loads when no table is named. `spools` holds the spill and scratch files.
    """
    by_name = {writer.NAME: writer for writer in writers}
    tables: list[Table] = []
    for (format, name), table in runs(rows, "format", "table"):
        writer = by_name[str(format)]
        counts: dict[str, int] = {}
        stages: list[StageFile] = []
        with SpillReader(spools, str(format)) as spool:
            for (side, file), part in runs(table, "side", "file"):
                target = staged / str(file)
                target.parent.mkdir(parents=True, exist_ok=True)
                counts[str(side)] = counts.get(str(side), 0) + part.height
                stages += _stage_file(part)
                packed = isinstance(writer, ContainerWriter)
                loose = spools / "loose.jsonl" if packed else target
                lines = _lines(spool, part, writer)
                if "soft_label" in part.columns and _takes_standings(writer, str(name)):
                    lines = _with_standings(lines, part)
                with open(loose, "wb") as written:
                    written.writelines(lines)
                if isinstance(writer, ContainerWriter):
                    writer.pack(loose, target)
        tokens = int(table["tokens"].max() or 0)  # pyright: ignore[reportArgumentType]
        train = table.filter(pl.col("side") == "train", pl.col("good").is_not_null())
        verdicts = {bool(good): count for good, count in train.group_by("good").len().iter_rows()}
        repeats = table.filter(pl.col("copy") > 0).height
        soft = table.filter(pl.col("stage") != "") if recipe.order.mode == "soft" else table.clear()
        tables.append(
            Table(
                *(str(format), str(name), counts, max_length(tokens), repeats, verdicts),
                suffix=suffix_of(writer),
                ordered=soft.height > 0,
                shown_first=soft.filter(~pl.col("later")).height,
                stages=tuple(stages),
            )
        )
    return tuple(sorted(tables, key=lambda t: (t.format, by_name[t.format].TABLES.index(t.name))))


def runs(rows: pl.DataFrame, *by: str) -> Iterator[tuple[tuple[Any, ...], pl.DataFrame]]:
    """Yield the values of some columns with the rows that have them, which follow each other."""
    another = [(pl.col(name) != pl.col(name).shift()).fill_null(value=True) for name in by]
    starts = rows.select(pl.any_horizontal(another).arg_true()).to_series().to_list()
    for start, end in pairwise([*starts, rows.height]):
        yield rows.select(by).row(start), rows.slice(start, end - start)


def _takes_standings(writer: Writer, table: str) -> bool:
    """Return whether rows of a table may say how many annotators agree: pairs with free columns.

    Who reads a row with an id reads past further columns; others (OpenAI) refuse them.
    """
    return writer.ADDS_IDS and table.partition("_")[0] == "dpo"


def _stage_file(part: pl.DataFrame) -> Iterator[StageFile]:
    """Yield what a file of a staged table holds; nothing for any other file."""
    if "at" in part.columns and (stage := part["at"][0]):
        replays = part.filter(pl.col("at") != pl.col("stage")).height
        yield StageFile(part["number"][0], stage, part.height, replays)


def _lines(spool: SpillReader, part: pl.DataFrame, writer: Writer) -> Iterator[bytes]:
    if isinstance(writer, MergesPerPrompt):
        yield from _merged(spool, part, writer)
        return
    for some in part.iter_slices(AT_ONCE):
        columns = some.select("offset", "length", "copy", row=row_id(), id=_EXAMPLE)
        for offset, length, copy, own, example in columns.iter_rows():
            line = spool.read(offset, length)
            yield _repeat(line, own, example) if copy and writer.ADDS_IDS else line


def _with_standings(lines: Iterator[bytes], part: pl.DataFrame) -> Iterator[bytes]:
    """Yield the rows with the columns of `NO_STANDING`."""
    standings = part.select(list(NO_STANDING)).iter_rows(named=True)
    for line, standing in zip(lines, standings, strict=True):
        row = orjson.loads(line) | standing
        yield orjson.dumps(row, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def _merged(spool: SpillReader, part: pl.DataFrame, writer: MergesPerPrompt) -> Iterator[bytes]:
    for offset, length, others in part.select("offset", "length", "others").iter_rows():
        first = spool.read(offset, length)
        if not others:
            yield first
            continue
        lines = [first, *(spool.read(each["offset"], each["length"]) for each in others)]
        row = writer.merged([orjson.loads(line) for line in lines])
        yield orjson.dumps(row, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def _repeat(line: bytes, row: str, original: str) -> bytes:
    """Return the row once more, with its own id and the id that it repeats."""
    values: dict[str, Any] = orjson.loads(line)
    again = values | {"id": row, "repeat_of": original}
    return orjson.dumps(again, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)
