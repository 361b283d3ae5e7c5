"""One input (a row of a file or a state of an annotation) with its records or drop reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from goldleaf.core.errors import UnreadInput
from goldleaf.core.records import Provenance, Record

UNREAD = frozenset(
    "archive_limits broken_list broken_table cut_off encoding gzip list_too_long ratio".split()
)
"""Reasons of an input that stands for the rest of its file: how many rows that held is unknown."""

FOREIGN = frozenset(("bad_task", "not_a_record"))
"""Reasons of rows that goldleaf did not write, such as Alpaca's: those are imported first."""


def fix_without_rows(read: int, rejected: Mapping[str, int]) -> str | None:
    """Return what helps where no input became a row, None where only the reasons tell.

    Args:
        read: number of inputs.
        rejected: reason -> inputs, by the codes of `InputResult.reason`.
    """
    if not read:
        return "submit answers in the browser first, or name a file that has rows"
    if sum(count for reason, count in rejected.items() if reason in FOREIGN) == read:
        return "make records of plain rows first: goldleaf import FILE --records records.jsonl"
    return None


def require_complete_inputs(reasons: Iterable[str]) -> None:
    """Raise `UnreadInput` if a file could not be read to its end, by the codes of dropped inputs.

    Args:
        reasons: `InputResult.reason` codes; only those in `UNREAD` count.

    Raises:
        UnreadInput: one was; what was read is written, so this is checked at the end.
    """
    if found := sorted(UNREAD.intersection(reasons)):
        raise UnreadInput(
            "A file could not be read to its end: how many rows are missing is unknown.",
            where=f"rejected as {', '.join(found)}",
            fix="get the whole file again, or cut it before the place reported; what was read "
            "is written",
        )


@dataclass(frozen=True, slots=True)
class InputResult:
    """What one input became: records, or a reason why there are none.

    `key` names the input and is unique in a run: `project:3/task:12/annotation:40@<updated_at>` or
    `<file>:<line>`. `reason` is a stable code (`cancelled`, `empty_result`, `json`...), `detail` is
    for people. It has records or a reason, never both, never neither (ValueError). `line` is the
    line of `records.jsonl` that holds its only record, where it was read from one, so that it need
    not be written again; else empty. `canonical` are the lines of its records as
    `goldleaf.core.records_jsonl.to_line` writes them, where that was done already; else (). A
    rejected annotation has the `parent` that its records would have had, and the `group`
    (`goldleaf.core.record_hash.group_id`) of the prompt shown: an older state of it is superseded
    all the same.
    """

    key: str
    records: tuple[Record, ...] = ()
    reason: str = ""
    detail: str = ""
    line: bytes = field(default=b"", compare=False, repr=False)
    canonical: tuple[bytes, ...] = field(default=(), compare=False, repr=False)
    parent: Provenance | None = None
    group: str = ""

    def __post_init__(self) -> None:
        if bool(self.records) == bool(self.reason):
            raise ValueError("a reading has records or a reason")
