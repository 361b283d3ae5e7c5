"""One input, accounted for: a row of a file or one state of one annotation, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from goldleaf.core.records import Record


@dataclass(frozen=True, slots=True)
class Reading:
    """What one input became: records, or a reason why there are none.

    `key` names the input and is unique in a run: `project:3/task:12/annotation:40@<updated_at>` or
    `<file>:<line>`. `reason` is a stable code (`cancelled`, `empty_result`, `json`...), `detail` is
    for people. A reading has records or a reason, never both, never neither. `line` is the line of
    `records.jsonl` that holds its only record, where it was read from one, so that nobody need
    write it again.
    """

    key: str
    records: tuple[Record, ...] = ()
    reason: str = ""
    detail: str = ""
    line: bytes = field(default=b"", compare=False, repr=False)

    def __post_init__(self) -> None:
        if bool(self.records) == bool(self.reason):
            raise ValueError("a reading has records or a reason")
