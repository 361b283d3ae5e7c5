r"""TRL's rows: conversations and prompt-completion (SFT), pairs (DPO, reward), verdicts (KTO).

As written (tested against TRL 1.16; every row of a table has these keys and types):

    sft             {"messages": [...], "tools": "[]"}
    sft_completion  {"prompt": [...], "completion": [...], "tools": "[]"}
    kto             {"prompt": [...], "completion": [...], "label": true, "tools": "[]"}
    dpo             {"prompt": [{"role": "user", "content": "Sky?"}],
                     "chosen": [{"role": "assistant", "content": "Blue."}],
                     "rejected": [{"role": "assistant", "content": "Green."}],
                     "tools": "[]", "strength": "slight",
                     "chosen_origin": "imported", "rejected_origin": "imported"}

What TRL would take and spoil in silence is refused: equal answers, a prompt repeated inside an
answer, null or list contents, roles that a chat template does not know.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast, get_args

from goldleaf.core.errors import BadRow
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
from goldleaf.core.words import Words
from goldleaf.formats import messages
from goldleaf.formats.format import Row, Written
from goldleaf.formats.json_values import as_list, as_object, is_packed
from goldleaf.formats.prompts import system_of
from goldleaf.formats.training_files import axolotl_settings
from goldleaf.formats.turns import (
    answer_of,
    check_context,
    check_order,
    ending_before_answer,
    read_turns,
    text_of,
    tools_of,
)
from goldleaf.formats.verdicts import verdict_of
from goldleaf.formats.written_turns import content_of, results_by_call, thought_of

NAME = "trl"
TITLE = "TRL: rows for its SFT, DPO, KTO and Reward trainers"
TABLES = tuple(
    f"{name}{more}" for name in ("sft", "sft_completion", "dpo", "kto") for more in ("", "_tools")
)
MARKED = True
LOSES = (
    ("tags", "TRL has no place for them; the ledger leads back to the record"),
    ("parents", "the ledger leads from a row to its answers"),
    ("candidates.rank", "a pair says which is better, not by how many places"),
    ("candidates.score", "no score is written"),
    ("candidates.acceptable", "a pair says which is better, not whether either is good"),
    ("candidates.drafted_by", "the answers that the ledger leads to say which model wrote them"),
    ("turn.train", "of anyone but the assistant, and in a prompt of DPO or KTO: never learned"),
    ("steps", "KTO judges a whole answer"),
    ("reasons", "a label says yes or no, not why"),
)


def recognises(row: Row) -> bool:
    """Tell by its columns: a pair with a prompt or as two conversations, or a completion."""
    if "conversations" in row or any(is_packed(row.get(key)) for key in ("completion", "chosen")):
        return False
    if "chosen" in row and "rejected" in row:
        return "prompt" in row or isinstance(row["chosen"], list)
    return "prompt" in row and "completion" in row


def read(row: Row) -> Record:
    """Return a pair as a comparison, a labelled completion as a judgement.

    A completion without a label, or a conversation, is a demonstration.
    """
    tools = tools_of(row.get("tools"))
    if "chosen" in row or "rejected" in row:
        return _pair(row, tools)
    if "completion" not in row and "messages" in row:
        return messages.read(row)
    if "completion" not in row:
        raise BadRow("missing_field", "neither chosen and rejected nor a completion")
    context = _prompt(row)
    check_context(context, tools)
    response = _answer(row["completion"], context, "completion")
    check_order((*context, *response), tools)
    if "label" not in row:  # TRL learns from a completion alone, never from its prompt
        unlearned = (replace(t, train=False) if t.role == "assistant" else t for t in context)
        return Demonstration(tuple(unlearned), response, tools)
    return Judgement(context, response, tools, good=verdict_of(row["label"]))


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
        context = _prompt(row)
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


def _prompt(row: Row) -> tuple[Turn, ...]:
    """Return the prompt of a row; in front of a plain one, what its column `system` says."""
    value = row.get("prompt")
    if isinstance(value, str):
        if not value.strip():
            raise BadRow("no_prompt", "the prompt is empty")
        return (*system_of(row), Turn("user", text_of(value, "prompt")))
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


def write(record: Record) -> dict[str, dict[str, Any]]:
    """Return the row of an example under its table.

    A demonstration is a conversation (`sft`), of which every answer is learned; where earlier
    answers are context only, it is a prompt with its completion (`sft_completion`). A comparison is
    a pair (`dpo`), a judgement a labelled completion (`kto`). Where a turn has more keys than role
    and content, the table's name ends in `_tools`: the Arrow reader pads absent keys with null, and
    several chat templates fail or change on `tool_calls: null`.

    Raises:
        BadRow: `not_a_pair`, `no_verdict`, `mixed_training`, `empty_response`, `identical_pair`,
            `role_order`, `no_prompt`, `reasoning_inline`, `result_in_answer`,
            `results_differ` or what keeps a text out of UTF-8.
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
            if record.good is None:
                raise BadRow("no_verdict", "nobody said whether this answer is good")
            row: dict[str, Any] = _completion(record) | {"label": record.good}
            table = "kto"
    plain = all(_is_plain(turn) for turns in (record.context, *answers) for turn in turns)
    return {table if plain else f"{table}_tools": row | {"tools": _tools(record.tools)}}


def _is_plain(turn: Turn) -> bool:
    return turn.role != "tool" and not (turn.tool_calls or turn.tool_call_id or turn.name)


def _check_answer(record: Record, turns: Sequence[Turn]) -> None:
    if not turns:
        raise BadRow("empty_response", "an answer has no turns")
    _only_answers(turns)
    if turns[-1].role != "assistant":
        raise BadRow("role_order", f"an answer ends with a turn of the {turns[-1].role}")
    check_order((*record.context, *turns), record.tools)


def _demonstration_row(record: Demonstration) -> tuple[str, dict[str, Any]]:
    earlier = {turn.train for turn in record.context if turn.role == "assistant"}
    if len(earlier) > 1 or not all(t.train for t in record.response if t.role == "assistant"):
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
    said, unsaid = _completed(chosen.turns), _completed(rejected.turns)
    if _told(said) == _told(unsaid):
        raise BadRow("identical_pair", "chosen and rejected are the same")
    return {
        "prompt": _messages(record.context),
        "chosen": said,
        "rejected": unsaid,
        "strength": record.strength,
        "chosen_origin": chosen.origin,
        "rejected_origin": rejected.origin,
    }


def _told(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**message, "content": message["content"].strip()} for message in messages]


def _tools(tools: Sequence[Any]) -> str:
    if not tools:
        return "[]"
    text = json.dumps(list(tools), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    if problem := unwritable(text):
        raise BadRow(problem, "tools")
    return text


def _messages(turns: Sequence[Turn]) -> list[dict[str, Any]]:
    """Return messages; results in the order of their calls, because templates drop the ids."""
    return [_message(turn) for turn in results_by_call(tuple(turns))]


def _completed(turns: Sequence[Turn]) -> list[dict[str, Any]]:
    """Return the messages of an answer that is scored whole.

    Raises:
        BadRow: `result_in_answer`, TRL would learn what the tool said as well.
    """
    if any(turn.role == "tool" for turn in turns):
        raise BadRow("result_in_answer", "TRL would learn what the tool said as well")
    return _messages(turns)


def _message(turn: Turn) -> dict[str, Any]:
    content = content_of(turn)
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


def companions(tables: Sequence[Written], words: Words) -> Mapping[str, str]:
    """Return configurations for axolotl, which reads TRL's rows."""
    return axolotl_settings(tables, words)
