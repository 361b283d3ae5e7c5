"""The rows of a curation read again as their user knows them: by order, file and line of the input.

A curation writes its records in the order of their ids.
"""

from __future__ import annotations

import mmap
from array import array
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from goldleaf.core.files import file_error
from goldleaf.workflows.curate import RECORDS

if TYPE_CHECKING:
    from goldleaf.core.input_results import InputResult
    from goldleaf.sources.read_file import SourceFile


@contextmanager
def in_order_of_inputs(records: Path, order: Sequence[int]) -> Generator[Path]:
    """Yield a copy of a curation's `records.jsonl` whose lines are in the order of the inputs.

    Args:
        records: the file, in the order of the records' ids.
        order: its lines, counted from 0 (`CurationSummary.order`).
    """
    with (
        TemporaryDirectory(prefix="goldleaf-") as folder,
        open(records, "rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as lines,
    ):
        starts = array("Q", [0])
        while (end := lines.find(b"\n", starts[-1])) >= 0:
            starts.append(end + 1)
        copy = Path(folder) / records.name
        try:
            _copied(copy, (lines[starts[place] : starts[place + 1]] for place in order))
        except OSError as error:
            raise file_error(error, copy) from error
        yield copy


def _copied(path: Path, lines: Iterable[bytes]) -> None:
    with open(path, "wb") as written:
        written.writelines(lines)


def named_by_user_file(rows: SourceFile, file: Path, order: Sequence[int]) -> SourceFile:
    """Return rows of a curation's `records.jsonl`, named after the file that was curated.

    Messages, `--rejected` and `--json` then say `rows.jsonl:12`, the place in that file as the
    record's parents have it, and errors name the file that the user gave. A record of another
    file (`rows.jsonl` were records themselves) keeps its line of `records.jsonl`.

    Args:
        rows: the records, opened, one a line.
        file: what was curated.
        order: the place of each of them in `records.jsonl`, counted from 0.
    """

    def named(result: InputResult, place: int) -> InputResult:
        parents = result.records[0].parents if result.records else ()
        line = next((each.line for each in parents if each.file == file.name), None)
        key = f"{RECORDS}:{place + 1}" if line is None else f"{file.name}:{line}"
        return replace(result, key=key)

    return replace(rows, path=file, readings=map(named, rows.readings, order))
