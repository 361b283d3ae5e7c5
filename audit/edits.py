"""The edits behind records of an export: what a person's text replaced, and what differs.

A pair whose chosen text was edited holds both texts: the edit, and the draft or the original answer
that it replaced. Where it replaced both, there are two pairs. They are read from the published rows
that carry an id (TRL's), because the ledger holds no texts: what a profile redacted stays redacted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from goldleaf.core.errors import UsageError
from goldleaf.core.json_values import object_or_empty, one_or_many
from goldleaf.core.safe_paths import inside
from goldleaf.core.text_diff import TextDiff, compare
from goldleaf.exporters.report.edited_pairs import edited_pair

Line = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit: the record and row that hold it, and the text replaced against the edited one."""

    record: str
    row: str
    replaced: str
    edited: str

    @property
    def difference(self) -> TextDiff:
        """What differs, by word in English and by character in Chinese."""
        return compare(self.replaced, self.edited)

    def plain(self) -> dict[str, Any]:
        """Return the edit as JSON-able values."""
        found = self.difference
        return {
            "record": self.record,
            "row": self.row,
            "replaced": self.replaced,
            "edited": self.edited,
            "difference": found.marked(),
            found.unit: found.count,
        }


def edits_of(out: Path, records: Sequence[Line]) -> tuple[Edit, ...]:
    """Return the edits that rows of an export hold, in the order of the records given.

    Args:
        out: the folder of an export.
        records: lines of its ledger about records.
    """
    wanted: dict[str, dict[str, str]] = {}
    for line in records:
        for file, rows in object_or_empty(line.get("rows")).items():
            for row in one_or_many(rows):
                wanted.setdefault(file, {})[str(row)] = str(line["record"])
    found: dict[tuple[str, str, str], Edit] = {}
    for file, names in wanted.items():
        for row in _rows(out, file, names):
            record = names[str(row["id"])]
            if texts := edited_pair(row):
                found.setdefault((record, *texts), Edit(record, str(row["id"]), *texts))
    order = {str(line["record"]): place for place, line in enumerate(records)}
    return tuple(sorted(found.values(), key=lambda edit: (order[edit.record], edit.row)))


def _rows(out: Path, file: str, names: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of a JSONL file with one of some ids; none where they cannot be read."""
    if not file.endswith(".jsonl"):
        return
    needles = [name.encode() for name in names]
    try:
        with inside(out, file).open("rb") as lines:
            for raw in lines:
                if any(needle in raw for needle in needles):
                    row = object_or_empty(orjson.loads(raw))
                    if str(row.get("id")) in names:
                        yield row
    except (OSError, UsageError, orjson.JSONDecodeError):
        return  # `goldleaf check` reports what is wrong with a file
