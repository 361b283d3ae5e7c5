r"""TRL's rows: preference (DPO, reward), prompt-completion, and unpaired preference (KTO).

One pair, as written (tested against TRL 1.16; every row of a table has these keys and types):

    {"prompt": [{"role": "user", "content": "Sky?"}],
     "chosen": [{"role": "assistant", "content": "Blue."}],
     "rejected": [{"role": "assistant", "content": "Green."}],
     "tools": "[]", "id": "...", "group_id": "...", "strength": "slight",
     "chosen_origin": "imported", "rejected_origin": "imported"}

What TRL would take and spoil in silence is refused: equal answers, a prompt repeated inside an
answer, null or list contents, roles that a chat template does not know.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, cast, get_args

from goldleaf.core.errors import BadRow
from goldleaf.core.identity import group_id, record_id
from goldleaf.core.records import (
    Candidate,
    Comparison,
    Demonstration,
    Judgement,
    Origin,
    Record,
    Strength,
    Turn,
)
from goldleaf.core.text import same, unwritable
from goldleaf.formats.format import Row
from goldleaf.formats.json_values import as_list, as_object
from goldleaf.formats.turns import (
    answer_of,
    check_context,
    check_order,
    ending_before_answer,
    read_turns,
    text_of,
    tools_of,
)

NAME = "trl"
TITLE = "TRL: preference pairs for DPOTrainer and RewardTrainer"
LOSES = (
    ("tags", "TRL has no place for them; the ledger leads back to the record"),
    ("parents", "the ledger leads from a row to its answers"),
    ("candidates.rank", "a pair says which is better, not by how many places"),
    ("candidates.score", "no score is written"),
    ("candidates.acceptable", "a pair says which is better, not whether either is good"),
    ("candidates.drafted_by", "the answers that the ledger leads to say which model wrote them"),
    ("turn.train", "DPO scores the whole answer and never the prompt"),
)


def recognises(row: Row) -> bool:
    """Tell by its columns: a pair with a prompt or as two conversations, or a completion."""
    if "conversations" in row:
        return False
    if "chosen" in row and "rejected" in row:
        return "prompt" in row or isinstance(row["chosen"], list)
    return "prompt" in row and "completion" in row


def read(row: Row) -> Record:
    """Return a pair as a comparison, a completion as a demonstration or (labelled) a judgement."""
    tools = tools_of(row.get("tools"))
    if "chosen" in row or "rejected" in row:
        return _pair(row, tools)
    if "completion" not in row:
        raise BadRow("missing_field", "neither chosen and rejected nor a completion")
    context = _prompt(row.get("prompt"))
    check_context(context, tools)
    response = _answer(row["completion"], context, "completion")
    check_order((*context, *response), tools)
    if "label" not in row:
        return Demonstration(context, response, tools)
    if not isinstance(row["label"], bool):
        raise BadRow("bad_label", f"label must be true or false, not {row['label']!r}")
    return Judgement(context, response, tools, good=row["label"])


def _pair(row: Row, tools: tuple[Any, ...]) -> Comparison:
    for side in ("chosen", "rejected"):
        if row.get(side) is None:
            raise BadRow("missing_field", f"no {side} answer")
    given = row.get("prompt")
    if given is None or (isinstance(given, str) and _conversations(row, given)):
        chosen, rejected = (read_turns(row[side], side) for side in ("chosen", "rejected"))
        context = _shared(chosen, rejected)
        chosen, rejected = chosen[len(context) :], rejected[len(context) :]
    else:
        context = _prompt(given)
        chosen, rejected = (_answer(row[side], context, side) for side in ("chosen", "rejected"))
    if chosen and chosen == rejected:
        raise BadRow("identical_pair", "chosen and rejected are the same")
    check_context(context, tools)
    if not chosen or not rejected:
        raise BadRow("different_prompts", "chosen and rejected do not answer the same prompt")
    for answer in (chosen, rejected):
        _only_answers(answer)
        check_order((*context, *answer), tools)
    strength = row.get("strength")
    return Comparison(
        context,
        (_candidate(row, chosen, "chosen", 1), _candidate(row, rejected, "rejected", 2)),
        tools,
        cast("Strength", strength) if strength in get_args(Strength) else "unknown",
    )


def _conversations(row: Row, prompt: str) -> bool:
    """Tell whether a prompt given as text is repeated as the first turn of both conversations."""
    starts: list[str] = []
    for side in ("chosen", "rejected"):
        first = as_object((as_list(row[side]) or [None])[0])
        if first is None or first.get("role", first.get("from")) == "assistant":
            return False
        starts.append(str(first.get("content", first.get("value"))))
    return not prompt.strip() or all(same(start, prompt) for start in starts)


def _shared(chosen: Sequence[Turn], rejected: Sequence[Turn]) -> tuple[Turn, ...]:
    if chosen == rejected:
        raise BadRow("identical_pair", "chosen and rejected are the same")
    common = 0
    while common < min(len(chosen), len(rejected)) and chosen[common] == rejected[common]:
        common += 1
    end = ending_before_answer(chosen[:common])
    if not end:
        raise BadRow("different_prompts", "chosen and rejected do not answer the same prompt")
    return tuple(chosen[:end])


def _prompt(value: Any) -> tuple[Turn, ...]:
    if isinstance(value, str):
        if not value.strip():
            raise BadRow("no_prompt", "the prompt is empty")
        return (Turn("user", text_of(value, "prompt")),)
    if not value:
        raise BadRow("no_prompt", "there is no prompt")
    return read_turns(value, "prompt")


def _answer(value: Any, context: tuple[Turn, ...], side: str) -> tuple[Turn, ...]:
    """Return an answer's own turns; a prompt repeated in front of them is cut off."""
    if isinstance(value, str):
        text = answer_of(value, side)
        prompt = context[-1].content.strip()
        if len(context) == 1 and len(text.strip()) > len(prompt) and text.startswith(prompt + "\n"):
            raise BadRow("prompt_repeated", f"{side} begins with the prompt")
        return read_turns([{"role": "assistant", "content": text}], side)
    turns = read_turns(value, side)
    if turns[0].role != "assistant" and turns[: len(context)] == context:
        turns = turns[len(context) :]
    if not turns:
        raise BadRow("empty_response", f"{side} holds the prompt alone")
    _only_answers(turns)
    return turns


def _only_answers(turns: Sequence[Turn]) -> None:
    """Refuse turns of others in an answer: TRL would train on them."""
    if turns[0].role != "assistant" or any(t.role in ("user", "system") for t in turns):
        raise BadRow("role_order", "an answer may hold turns of the assistant and of tools only")


def _candidate(row: Row, turns: tuple[Turn, ...], side: str, rank: int) -> Candidate:
    origin = row.get(f"{side}_origin")
    score = row.get(f"{side}_score", row.get(f"score_{side}"))
    return Candidate(
        turns,
        rank=rank,
        score=float(score) if isinstance(score, (int, float)) else None,
        origin=cast("Origin", origin) if origin in get_args(Origin) else "imported",
    )


def table(record: Record) -> str:
    """Return `dpo`, or `dpo_tools` where a turn has more keys than role and content.

    We keep them apart because the Arrow reader pads the missing keys with null, and several chat
    templates fail or change on `tool_calls: null`.
    """
    turns = list(record.context)
    if isinstance(record, Comparison):
        turns += [turn for candidate in record.candidates for turn in candidate.turns]
    plain = all(not (t.tool_calls or t.tool_call_id or t.name) for t in turns)
    return "dpo" if plain and not any(t.role == "tool" for t in turns) else "dpo_tools"


def write(record: Record) -> dict[str, Any]:
    """Return the row of one pair.

    Raises:
        BadRow: `not_a_pair`, `empty_response`, `identical_pair`, `role_order`, `no_prompt`,
            `reasoning_inline` or what keeps a text out of UTF-8.
    """
    if not isinstance(record, Comparison) or len(record.candidates) != 2:
        raise BadRow("not_a_pair", "this table holds pairs")
    chosen, rejected = record.candidates
    if chosen.rank is None or rejected.rank is None or chosen.rank >= rejected.rank:
        raise BadRow("not_a_pair", "the first answer must rank above the second")
    check_context(record.context, record.tools)
    for candidate in record.candidates:
        if not candidate.turns:
            raise BadRow("empty_response", "an answer has no turns")
        _only_answers(candidate.turns)
        check_order((*record.context, *candidate.turns), record.tools)
    said, unsaid = _messages(chosen.turns), _messages(rejected.turns)
    if _told(said) == _told(unsaid):
        raise BadRow("identical_pair", "chosen and rejected are the same")
    return {
        "prompt": _messages(record.context),
        "chosen": said,
        "rejected": unsaid,
        "tools": _tools(record.tools),
        "id": record_id(record),
        "group_id": group_id(record),
        "strength": record.strength,
        "chosen_origin": chosen.origin,
        "rejected_origin": rejected.origin,
    }


def _told(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**message, "content": message["content"].strip()} for message in messages]


def _tools(tools: Sequence[Any]) -> str:
    text = json.dumps(list(tools), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    if problem := unwritable(text):
        raise BadRow(problem, "tools")
    return text


def _messages(turns: Sequence[Turn]) -> list[dict[str, Any]]:
    return [_message(turn) for turn in turns]


def _message(turn: Turn) -> dict[str, Any]:
    content = text_of(turn.content, turn.role)
    if not content.strip() and not turn.tool_calls and turn.role != "tool":
        reason = "empty_response" if turn.role == "assistant" else "empty_turn"
        raise BadRow(reason, f"a turn of the {turn.role} says nothing")
    if turn.role == "assistant" and content.lstrip().startswith("<think>"):
        raise BadRow("reasoning_inline", "reasoning must stand apart from the answer")
    if turn.reasoning:
        if turn.role != "assistant" or "</think>" in turn.reasoning:
            raise BadRow("reasoning_inline", "this reasoning cannot be told from the answer")
        content = f"<think>\n{text_of(turn.reasoning, 'reasoning')}\n</think>\n\n{content}"
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
