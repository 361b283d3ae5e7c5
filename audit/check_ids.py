"""Row ids computed again from the row, where the row holds everything that its id depends on.

An id is the hash of an example's content. TRL's rows hold that content except which turns of the
prompt are context only, and reasoning that was written into the text. Such rows, and those of
formats that lose more, are not checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from goldleaf.core.errors import BadRow
from goldleaf.core.record_hash import record_id
from goldleaf.core.records import Comparison, Demonstration, Judgement, Record, Turn
from goldleaf.formats import trl
from goldleaf.formats.format import Row
from goldleaf.formats.stepwise_rows import is_steps


def is_false_id(format: str, row: Row, identity: str) -> bool:
    """Return whether the content of a row certainly does not match its id.

    False where that cannot be computed: other formats than TRL's, and rows that lack content.

    Args:
        format: the format of its file.
        row: the row.
        identity: its id, without the number of a repeat.
    """
    if format != trl.NAME or is_steps(row):
        return False
    try:
        record = trl.read(row)
    except BadRow:
        return False
    turns = (*record.context, *(turn for answer in _answers(record) for turn in answer))
    if not all(map(_is_whole, turns)) or "assistant" in {turn.role for turn in record.context}:
        return False
    return all(record_id(form) != identity for form in _forms(record, row))


def _forms(record: Record, row: Row) -> Iterator[Record]:
    """Yield the examples that a row may come from: turns of the prompt are trained on, or not."""
    strength: Any = row.get("strength", "unknown")
    if isinstance(record, Comparison):
        record = replace(record, strength=strength)
    yield record
    yield replace(record, context=tuple(replace(turn, train=False) for turn in record.context))


def _answers(record: Record) -> Sequence[Sequence[Turn]]:
    match record:
        case Comparison():
            return [candidate.turns for candidate in record.candidates]
        case Demonstration() | Judgement():
            return [record.response]


def _is_whole(turn: Turn) -> bool:
    """Return whether a row holds a turn unchanged."""
    spoken = turn.role != "tool" and not turn.tool_calls and not turn.name
    return spoken and "<think>" not in turn.content and not turn.reasoning
