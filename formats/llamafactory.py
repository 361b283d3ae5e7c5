"""LLaMA-Factory's sharegpt rows, ranked or not; read only for now.

    {"conversations": [{"from": "human", "value": "Sky?"}],
     "chosen": {"from": "gpt", "value": "Blue."}, "rejected": {"from": "gpt", "value": "Green."}}

A turn from `function_call` holds the call as JSON; `observation` is what the tool answered.
"""

from __future__ import annotations

import json
from typing import Any

from goldleaf.core.errors import BadRow
from goldleaf.core.records import Candidate, Comparison, Demonstration, Judgement, Record, Turn
from goldleaf.formats.format import Row
from goldleaf.formats.json_values import as_list, as_object
from goldleaf.formats.turns import check_context, check_order, read_turns, text_of, tools_of

NAME = "llamafactory"
TITLE = "LLaMA-Factory's sharegpt conversations"
LOSES: tuple[tuple[str, str], ...] = ()


def recognises(row: Row) -> bool:
    """Tell by its column `conversations`."""
    return isinstance(row.get("conversations"), list)


def read(row: Row) -> Record:
    """Return a pair as a comparison, a tagged row as a judgement, the rest as a demonstration.

    Raises:
        BadRow: `trailing_user`, `missing_field`, or what `read_turns` and `check_order` raise.
    """
    tools = tools_of(row.get("tools"))
    turns = _turns(row.get("conversations"), "conversations")
    system = row.get("system") or ""
    if system and turns[0].role != "system":
        turns = (Turn("system", text_of(system, "system")), *turns)
    if "chosen" in row or "rejected" in row:
        check_context(turns, tools)
        for side in ("chosen", "rejected"):
            if row.get(side) is None:
                raise BadRow("missing_field", f"no {side} answer")
        answers = [_turns([row[side]], side) for side in ("chosen", "rejected")]
        for answer in answers:
            check_order((*turns, *answer), tools)
        if answers[0] == answers[1]:
            raise BadRow("identical_pair", "chosen and rejected are the same")
        pair = tuple(Candidate(answer, rank=rank) for rank, answer in enumerate(answers, 1))
        return Comparison(turns, pair, tools)
    if turns[-1].role != "assistant":
        raise BadRow("trailing_user", f"the last turn is of the {turns[-1].role}")
    check_order(turns, tools)
    check_context(turns[:-1], tools)
    if isinstance(row.get("kto_tag"), bool):
        return Judgement(turns[:-1], turns[-1:], tools, good=row["kto_tag"])
    return Demonstration(turns[:-1], turns[-1:], tools)


def _turns(value: Any, where: str) -> tuple[Turn, ...]:
    return read_turns([_message(message, where) for message in as_list(value) or []], where)


def _message(value: Any, where: str) -> Any:
    """Return a message with a spelled-out function call where its role says so."""
    message = as_object(value)
    if message is None or message.get("from") != "function_call":
        return value
    try:
        called = json.loads(text_of(message.get("value"), where))
    except ValueError as error:
        raise BadRow("tool_args_json", f"{where}: {error}") from None
    return {"role": "assistant", "content": "", "tool_calls": as_list(called) or [called]}
