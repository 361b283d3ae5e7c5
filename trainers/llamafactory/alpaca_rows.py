"""Alpaca's rows, written for LLaMA-Factory.

    {"instruction": "Add 2, 2", "input": "", "output": "4",
     "system": "Be brief.", "history": [["Hello", "Hi"]]}

The whole prompt stands in `instruction`, because LLaMA-Factory joins instruction and input with a
line feed that could not be taken apart again. Reasoning is a `<think>` block in front of the
answer; a call, its result or a declared tool has no place and is refused.
"""

from __future__ import annotations

from typing import Any

from goldleaf.core.errors import BadRow
from goldleaf.core.records import Comparison, Demonstration, Judgement, Record, Turn
from goldleaf.formats.alpaca import NAME as NAME
from goldleaf.formats.alpaca import TITLE as TITLE
from goldleaf.formats.alpaca import read as read
from goldleaf.formats.alpaca import recognises as recognises
from goldleaf.formats.loss_mask import learned_table
from goldleaf.formats.text_columns import (
    says_no_output,
)
from goldleaf.formats.write_messages import (
    content_of,
    conversation,
    one_message,
    pair,
    task,
    thought_of,
    verdict,
    without_calls,
)
from goldleaf.trainers.llamafactory import rows

LOSSY_FIELDS: tuple[tuple[str, str], ...] = (
    *rows.LOSSY_FIELDS,
    ("tools", "there is no place for them: a row that has any is refused"),
)


TABLES = ("sft", "sft_last", "dpo", "kto")
"""In `sft_last` the last turn alone is learned."""
ADDS_IDS = True


def write(record: Record) -> dict[str, dict[str, Any]]:
    """Return the row of an example under its table: `sft`, `sft_last`, `dpo` or `kto`.

    Raises:
        BadRow: `tools_unsupported`, `mixed_training`, `no_verdict`, `multi_turn_answer`,
            `role_order`, `empty_response` (also for a marker like "<nooutput>"), or what
            `write_messages` raises.
    """
    row: dict[str, Any] = {}
    table = learned_table(record) if isinstance(record, Demonstration) else task(record)
    if isinstance(record, Comparison):
        for side, answer in zip(("chosen", "rejected"), pair(record), strict=True):
            row[side] = _content(one_message(answer), record)
    else:
        conversation(record)
        row["output"] = _content(one_message(record.response), record)
        if isinstance(record, Judgement):
            row["kto_tag"] = verdict(record)
    without_calls(record.context, record.tools, "an instruction has no place for tools")
    system = content_of(record.context[0]) if record.context[0].role == "system" else ""
    turns = record.context[1:] if system else record.context
    if turns[0].role != "user":
        raise BadRow("role_order", "the assistant may not begin")
    texts = [thought_of(turn) + content_of(turn) for turn in turns]
    history = [list(exchange) for exchange in zip(texts[:-1:2], texts[1:-1:2], strict=True)]
    fixed = {"instruction": texts[-1], "input": "", "system": system, "history": history}
    return {table: fixed | row}


def _content(turn: Turn, record: Record) -> str:
    without_calls((turn,), record.tools, "an instruction has no place for tools")
    text = thought_of(turn) + content_of(turn)
    if says_no_output(text):
        raise BadRow("empty_response", f"the answer says only {text.strip()!r}")
    return text
