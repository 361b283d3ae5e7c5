"""Alpaca's rows: an instruction, perhaps an input, and the answer.

    {"instruction": "Add", "input": "2, 2", "output": "4",
     "system": "Be brief.", "history": [["Hello", "Hi"]]}

`input`, `system` and `history` may be absent. Dolly's names (`context`, `response`) and
LLaMA-Factory's ranked rows (`chosen`, `rejected` as texts) are read as well.

Written rows are for LLaMA-Factory: the whole prompt stands in `instruction`, because it joins
instruction and input with a line feed that could not be taken apart again. Reasoning is a `<think>`
block in front of the answer; a call, its result or a declared tool has no place and is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from goldleaf.core.errors import BadRow
from goldleaf.core.records import Comparison, Demonstration, Judgement, Record, Turn
from goldleaf.core.translations import Translations
from goldleaf.formats import llamafactory
from goldleaf.formats.boolean_labels import verdict_of
from goldleaf.formats.format import Row, Written
from goldleaf.formats.loss_mask import learned_table
from goldleaf.formats.prompt_columns import (
    answer_turn,
    history_of,
    question_of,
    ranked,
    says_no_output,
    system_of,
)
from goldleaf.formats.read_messages import check_context, tools_of
from goldleaf.formats.training_files import dataset_info, llamafactory_settings
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

NAME = "alpaca"
TITLE = "Alpaca: instruction, input and output"
LOSES: tuple[tuple[str, str], ...] = (
    *llamafactory.LOSES,
    ("tools", "there is no place for them: a row that has any is refused"),
)


def recognises(row: Row) -> bool:
    """Tell by its columns: an instruction with its answer, or with a better and a worse one."""
    if not isinstance(row.get("instruction"), str) or any(key in row for key in _OTHERS):
        return False
    return any(key in row for key in _ANSWER) or ("chosen" in row and "rejected" in row)


_ANSWER = ("output", "response")
_OTHERS = ("prompt", "answer_a", "responses", "instances", "conversations", "messages")


def read(row: Row) -> Demonstration | Comparison | Judgement:
    """Return an answered instruction as a demonstration, a ranked or judged one as it is.

    Raises:
        BadRow: `no_prompt`, `missing_field`, `empty_response`, `identical_pair`, `bad_history` or
            what `text_of` raises.
    """
    if "chosen" in row or "rejected" in row:
        return _comparison(row)
    said = demonstration(row)
    if row.get("kto_tag") is not None:
        return Judgement(said.context, said.response, said.tools, good=verdict_of(row["kto_tag"]))
    return said


def demonstration(row: Row) -> Demonstration:
    """Return an answered instruction; see `read`."""
    tools = tools_of(row.get("tools"))
    context = _context(row, tools)
    answer = next((row[key] for key in _ANSWER if row.get(key) is not None), None)
    if answer is None:
        raise BadRow("missing_field", f"neither {' nor '.join(_ANSWER)}")
    return Demonstration(context, (answer_turn(answer, "output"),), tools)


def _comparison(row: Row) -> Comparison:
    tools = tools_of(row.get("tools"))
    context = _context(row, tools)
    return ranked(row, context, tools)


def _context(row: Row, tools: Sequence[Mapping[str, Any]]) -> tuple[Turn, ...]:
    asked = question_of(row, ("instruction",), ("input", "context"))
    context = (*system_of(row), *history_of(row.get("history")), Turn("user", asked))
    check_context(context, tools)
    return context


TABLES = ("sft", "sft_last", "dpo", "kto")
"""In `sft_last` the last turn alone is learned."""
MARKED = True


def write(record: Record) -> dict[str, dict[str, Any]]:
    """Return the row of an example.

    Raises:
        BadRow: `tools_unsupported`, `mixed_training`, `no_verdict`, `multi_turn_answer`,
            `role_order`, `no_output`, or what `write_messages` raises.
    """
    row: dict[str, Any] = {}
    table = learned_table(record) if isinstance(record, Demonstration) else task(record)
    if isinstance(record, Comparison):
        for side, answer in zip(("chosen", "rejected"), pair(record), strict=True):
            row[side] = _said(one_message(answer), record)
    else:
        conversation(record)
        row["output"] = _said(one_message(record.response), record)
        if isinstance(record, Judgement):
            row["kto_tag"] = verdict(record)
    without_calls(record.context, record.tools, "an instruction has no place for tools")
    system = content_of(record.context[0]) if record.context[0].role == "system" else ""
    turns = record.context[1:] if system else record.context
    if turns[0].role != "user":
        raise BadRow("role_order", "the assistant may not begin")
    said = [thought_of(turn) + content_of(turn) for turn in turns]
    history = [list(exchange) for exchange in zip(said[:-1:2], said[1:-1:2], strict=True)]
    fixed = {"instruction": said[-1], "input": "", "system": system, "history": history}
    return {table: fixed | row}


def _said(turn: Turn, record: Record) -> str:
    without_calls((turn,), record.tools, "an instruction has no place for tools")
    text = thought_of(turn) + content_of(turn)
    if says_no_output(text):
        raise BadRow("empty_response", f"the answer says only {text.strip()!r}")
    return text


def companions(tables: Sequence[Written], words: Translations) -> Mapping[str, str]:
    """Return `dataset_info.json` and one training configuration a table."""
    columns = {
        "prompt": "instruction",
        "query": "input",
        "response": "output",
        "system": "system",
        "history": "history",
    }
    return {
        "dataset_info.json": dataset_info(tables, {"formatting": "alpaca", "columns": columns}),
        **llamafactory_settings(tables, words),
    }
