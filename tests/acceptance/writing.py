"""The cases written in a format, as an export lays them out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cases import CASES

from goldleaf.core.errors import BadRow
from goldleaf.core.records import Record
from goldleaf.core.translations import Translations
from goldleaf.exporters.ingest.examples import examples_of
from goldleaf.formats.format import ContainerWriter
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import Pairs
from goldleaf.trainers.registry import writer_named
from goldleaf.trainers.table import Table
from goldleaf.trainers.training_files import config_files

FORMATS = ("alpaca", "llamafactory", "openai", "parquet", "swift", "trl")
LONGEST = 120_000
"""Tokens of the longest case, with room."""


@dataclass
class Written:
    """The cases in one format: `rows` say of each line of each table which case it is."""

    out: Path
    format: str
    suffix: str = ".jsonl"
    rows: dict[str, list[str]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    lines: dict[str, list[dict]] = field(default_factory=dict)


EVERY_PAIR = Recipe(pairs=Pairs(policy="all"))


def examples(record: Record) -> tuple[Record, ...]:
    """Return what an exporter makes of a record: pairs, and rows by what is learned."""
    return tuple(examples_of(record, EVERY_PAIR)[0])


def write(out: Path, name: str, cases: Mapping[str, Record] = CASES) -> Written:
    """Write the cases in one format, as an export lays them out."""
    unit, written = writer_named(name), Written(out, name)
    for case, record in cases.items():
        for example in examples(record):
            try:
                for table, row in unit.write(example).items():
                    written.rows.setdefault(table, []).append(case)
                    written.lines.setdefault(table, []).append(row)
            except BadRow as error:
                written.refused[case] = error.reason
    if isinstance(unit, ContainerWriter):
        written.suffix = unit.SUFFIX
    for table, rows in written.lines.items():
        target = out / name / table / "train.jsonl"
        target.parent.mkdir(parents=True)
        lines = [json.dumps(row, ensure_ascii=False, sort_keys=True) for row in rows]
        target.write_text("".join(f"{line}\n" for line in lines), "utf-8")
        if isinstance(unit, ContainerWriter):
            unit.pack(target, target.with_suffix(unit.SUFFIX))
    tables = [
        Table(name, table, {"train": len(told)}, LONGEST, ordered=True, suffix=written.suffix)
        for table, told in sorted(written.rows.items())
    ]
    for path, text in config_files(tables, Translations("en")).items():
        (out / path).write_text(text, "utf-8")
    return written
