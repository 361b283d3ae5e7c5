"""What an import tags as refusing, and how much of it is asked by harmless prompts.

    python benchmarks/imported_refusals.py xstest_completions.jsonl.gz

Rows as `goldleaf import` takes them. Where a row has XSTest's `type`, prompts of a `contrast_` type
are harmful and all others harmless; other files are one group.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from goldleaf.core.records import JUDGED, UNSETTLED
from goldleaf.formats.read_rows import rows
from goldleaf.formats.row_location import FileRow
from goldleaf.sources.read_file import read_file


def main() -> None:
    """Print a table: prompts, rows, and how many have each tag that is about refusing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    file: Path = parser.parse_args().file
    kinds: dict[int, str] = {}
    for row in rows(file):
        if isinstance(row, FileRow):
            kind = row.value.get("type")
            harm = "harmful" if str(kind).startswith("contrast") else "harmless"
            kinds[row.line] = harm if kind else "all"
    found: dict[str, Counter[str]] = {}
    for reading in read_file(file, "public", licence="unstated"):
        for record in reading.records:
            counted = found.setdefault(kinds[record.parents[0].line or 0], Counter())
            counted["rows"] += 1
            counted.update(record.tags.behaviours)
    names = ("rows", *JUDGED, UNSETTLED)
    line = "{:<10}" + "{:>18}" * len(names)
    print(line.format("prompts", *names), file=sys.stdout)  # noqa: T201
    for group, counted in sorted(found.items()):
        print(line.format(group, *(counted[name] for name in names)), file=sys.stdout)  # noqa: T201


if __name__ == "__main__":
    main()
