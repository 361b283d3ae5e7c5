"""The rows of a curation read again, each named as its user knows it: by its own file and line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from goldleaf.core.input_results import InputResult
    from goldleaf.sources.read_file import SourceFile


def named_as_read(rows: SourceFile, file: Path) -> SourceFile:
    """Return rows of a curation's `records.jsonl`, named after the file that was curated.

    Messages, `--rejected` and `--json` then say `rows.jsonl:12`, the place of the record's first
    parent, and errors name the file that the user gave.

    Args:
        rows: the records, opened.
        file: what was curated.
    """
    return replace(rows, path=file, readings=map(_named, rows.readings))


def _named(result: InputResult) -> InputResult:
    parents = result.records[0].parents if result.records else ()
    if not parents or not parents[0].file:
        return result
    line = "" if parents[0].line is None else f":{parents[0].line}"
    return replace(result, key=f"{parents[0].file}{line}")
