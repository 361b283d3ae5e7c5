r"""TRL's rows as Parquet, read: each conversation is JSON text in a column of its own.

    {"messages": "[{\"role\": \"user\", ...}]", "tools": "[]"}

`goldleaf.trainers.trl.parquet_rows` writes them.
"""

from __future__ import annotations

from typing import Any

from goldleaf.core.json_values import is_json_messages
from goldleaf.core.records import Record
from goldleaf.formats import kto, messages, trl
from goldleaf.formats.format import Row
from goldleaf.formats.strict_json import parse_inside

NAME = "parquet"
TITLE = "Parquet for the Hugging Face Hub, and TRL through it"

CONVERSATIONS = ("messages", "prompt", "completion", "chosen", "rejected")
"""Columns that hold messages, as JSON text."""


def recognises(row: Row) -> bool:
    """Return whether a row fits: `messages`, `completion` or `chosen` as JSON text of messages.

    One such column is enough; rows whose messages are lists are other formats'.
    """
    return any(is_json_messages(row.get(column)) for column in ("messages", "completion", "chosen"))


def read(row: Row) -> Record:
    """Return the record of a row, as the first fitting of `trl`, `kto` and `messages` reads it.

    Raises:
        BadRow: `bad_messages` where a column is no JSON, or what those formats raise.
    """
    unpacked = {
        column: _unpacked(value, column) if column in CONVERSATIONS else value
        for column, value in row.items()
    }
    for shape in (trl, kto, messages):
        if shape.recognises(unpacked):
            return shape.read(unpacked)
    return trl.read(unpacked)


def _unpacked(value: Any, column: str) -> Any:
    if not is_json_messages(value):
        return value
    return parse_inside(value, column, "bad_messages")
