"""The rows of a curation read again, each named as its user knows it: by its own file and line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from goldleaf.core.input_results import InputResult
    from goldleaf.sources.read_file import SourceFile


def named_by_user_file(rows: SourceFile, file: Path) -> SourceFile:
    """Return rows of a curation's `records.jsonl`, named after the file that was curated.

    Messages, `--rejected` and `--json` then say `rows.jsonl:12`, the place in that file as the
    record's parents have it, and errors name the file that the user gave. A record of another
    file (`rows.jsonl` were records themselves) keeps its line of `records.jsonl`.

    Args:
        rows: the records, opened.
        file: what was curated.
    """

    def named(result: InputResult) -> InputResult:
        parents = result.records[0].parents if result.records else ()
        line = next((each.line for each in parents if each.file == file.name), None)
        return result if line is None else replace(result, key=f"{file.name}:{line}")

    return replace(rows, path=file, readings=map(named, rows.readings))
