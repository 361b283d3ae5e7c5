r"""TRL's rows: conversations and prompt-completion (SFT), pairs (DPO, reward), verdicts (KTO, PRM).

As written (tested against TRL 1.16; every row of a table has these keys and types):

    sft             {"messages": [...], "tools": "[]"}
    sft_completion  {"prompt": [...], "completion": [...], "tools": "[]"}
    kto             {"prompt": [...], "completion": [...], "label": true, "tools": "[]"}
    dpo             {"prompt": [{"role": "user", "content": "Sky?"}],
                     "chosen": [{"role": "assistant", "content": "Blue."}],
                     "rejected": [{"role": "assistant", "content": "Green."}],
                     "tools": "[]", "strength": "slight", "margin": 0.0,
                     "chosen_origin": "imported", "rejected_origin": "imported"}
    stepwise        {"prompt": "Sky?\n", "completions": ["Blue.", "So green."],
                     "labels": [true, false]}

`margin`, by how much the chosen answer's score is higher, is read by the Reward trainer alone; 0,
which changes nothing for it, stands where a score is unknown.

What TRL would take and spoil in silence is refused: equal answers, a prompt repeated inside an
answer, null or list contents, roles that a chat template does not know.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from goldleaf.core.errors import BadRow
from goldleaf.core.records import (
    Comparison,
    Demonstration,
    Judgement,
    Record,
    Turn,
)
from goldleaf.core.text_comparison import why_not_utf8
from goldleaf.formats.preference_rows import only_answers
from goldleaf.formats.read_messages import (
    check_context,
    check_order,
)
from goldleaf.formats.stepwise_rows import step_row
from goldleaf.formats.trl import NAME as NAME
from goldleaf.formats.trl import TITLE as TITLE
from goldleaf.formats.trl import read as read
from goldleaf.formats.trl import recognises as recognises
from goldleaf.formats.write_messages import content_of, margin, results_by_call, thought_of

_SAID = ("sft", "sft_completion", "dpo", "kto")
TABLES = (*(f"{name}{more}" for name in _SAID for more in ("", "_tools")), "stepwise")
ADDS_IDS = True
LOSSY_FIELDS = (
    ("tags", "TRL has no place for them; the ledger leads back to the record"),
    ("parents", "the ledger leads from a row to its answers"),
    ("candidates.rank", "a pair says which is better, not by how many places"),
    ("candidates.score", "only the difference of two scores is written, as the margin"),
    ("candidates.acceptable", "a pair says which is better, not whether either is good"),
    ("candidates.drafted_by", "the answers that the ledger leads to say which model wrote them"),
    ("turn.train", "of anyone but the assistant, and in a prompt of DPO or KTO: never learned"),
    ("steps.beside_verdict", "KTO judges a whole answer; an export writes its steps in `stepwise`"),
    ("steps.between", "the trainer puts a line feed behind every step, whatever stood there"),
    ("reasons", "a label says yes or no, not why"),
)


def write(record: Record) -> dict[str, dict[str, Any]]:
    """Return the row of an example under its table.

    A demonstration is a conversation (`sft`), of which every answer is learned; where earlier
    answers are context only, it is a prompt with its completion (`sft_completion`). A comparison is
    a pair (`dpo`), a judgement a labelled completion (`kto`), or its labelled steps where nothing
    was given for the whole (`stepwise`). Where a turn has more keys than role and content, the
    table's name ends in `_tools`: the Arrow reader pads absent keys with null, and several chat
    templates fail or change on `tool_calls: null`.

    Raises:
        BadRow: `not_a_pair`, `no_verdict`, `mixed_training`, `empty_response`, `identical_pair`,
            `role_order`, `no_prompt`, `reasoning_inline`, `result_in_answer`,
            `results_differ`, what `step_row` raises, or what keeps a text out of UTF-8.
    """
    check_context(record.context, record.tools)
    match record:
        case Comparison():
            answers = [candidate.turns for candidate in record.candidates]
            table, row = "dpo", _comparison_row(record)
        case Demonstration():
            answers = [record.response]
            _check_answer(record, record.response)
            table, row = _demonstration_row(record)
        case Judgement():
            answers = [record.response]
            _check_answer(record, record.response)
            if record.good is None and record.steps:
                return {"stepwise": step_row(record)}
            if record.good is None:
                raise BadRow("no_verdict", "this answer has no verdict, good or bad")
            row: dict[str, Any] = _completion(record) | {"label": record.good}
            table = "kto"
    plain = _is_plain(record.context) and all(map(_is_plain, answers))
    row["tools"] = _tools(record.tools)
    return {table if plain else f"{table}_tools": row}


def _is_plain(turns: Sequence[Turn]) -> bool:
    """Return whether no turn has more keys than role and content."""
    for turn in turns:
        if turn.role == "tool" or turn.tool_calls or turn.tool_call_id or turn.name:
            return False
    return True


def _check_answer(record: Record, turns: Sequence[Turn]) -> None:
    if not turns:
        raise BadRow("empty_response", "an answer has no turns")
    only_answers(turns)
    if turns[-1].role != "assistant":
        raise BadRow("role_order", f"an answer ends with a turn of the {turns[-1].role}")
    check_order((*record.context, *turns), record.tools)


def _demonstration_row(record: Demonstration) -> tuple[str, dict[str, Any]]:
    earlier = {turn.train for turn in record.context if turn.role == "assistant"}
    now = {turn.train for turn in record.response if turn.role == "assistant"}
    if len(earlier) > 1 or False in now:
        raise BadRow("mixed_training", "TRL learns from every answer or from the last alone")
    if earlier == {False}:
        return "sft_completion", _completion(record)
    return "sft", {"messages": _messages((*record.context, *record.response))}


def _completion(record: Demonstration | Judgement) -> dict[str, Any]:
    return {"prompt": _messages(record.context), "completion": _completed(record.response)}


def _comparison_row(record: Comparison) -> dict[str, Any]:
    ranks = [candidate.rank for candidate in record.candidates]
    if len(ranks) != 2 or None in ranks:
        raise BadRow("not_a_pair", "this table holds pairs")
    chosen, rejected = record.candidates
    if (chosen.rank or 0) >= (rejected.rank or 0):
        raise BadRow("not_a_pair", "the first answer must rank above the second")
    for candidate in record.candidates:
        _check_answer(record, candidate.turns)
    preferred, dispreferred = _completed(chosen.turns), _completed(rejected.turns)
    if _comparable(preferred) == _comparable(dispreferred):
        raise BadRow("identical_pair", "chosen and rejected are the same")
    return {
        "prompt": _messages(record.context),
        "chosen": preferred,
        "rejected": dispreferred,
        "strength": record.strength,
        "margin": margin(record),
        "chosen_origin": chosen.origin,
        "rejected_origin": rejected.origin,
    }


def _comparable(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**message, "content": message["content"].strip()} for message in messages]


def _tools(tools: Sequence[Any]) -> str:
    if not tools:
        return "[]"
    text = json.dumps(list(tools), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    if problem := why_not_utf8(text):
        raise BadRow(problem, "tools")
    return text


def _messages(turns: Sequence[Turn]) -> list[dict[str, Any]]:
    """Return messages; results in the order of their calls, because templates drop the ids."""
    called = any([turn.tool_calls or turn.role == "tool" for turn in turns])
    return [_message(turn) for turn in (results_by_call(tuple(turns)) if called else turns)]


def _completed(turns: Sequence[Turn]) -> list[dict[str, Any]]:
    """Return the messages of an answer that is scored whole.

    Raises:
        BadRow: `result_in_answer`, TRL would learn the tool's result as well.
    """
    if any([turn.role == "tool" for turn in turns]):
        raise BadRow("result_in_answer", "TRL would learn the tool's result as well")
    return _messages(turns)


def _message(turn: Turn) -> dict[str, Any]:
    content = content_of(turn)
    if turn.reasoning:
        content = thought_of(turn) + content
    message: dict[str, Any] = {"role": turn.role, "content": content}
    if turn.tool_calls:
        message["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": dict(call.arguments)},
            }
            for call in turn.tool_calls
        ]
    if turn.tool_call_id:
        message["tool_call_id"] = turn.tool_call_id
    if turn.name:
        message["name"] = turn.name
    return message
