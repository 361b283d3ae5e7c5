r"""LLaMA-Factory's sharegpt rows: conversations (SFT), pairs (DPO, reward), verdicts (KTO).

    {"conversations": [{"from": "human", "value": "Sky?"}],
     "chosen": {"from": "gpt", "value": "Blue."}, "rejected": {"from": "gpt", "value": "Green."}}

A turn from `function_call` holds a call as JSON, or a list of parallel calls; text before a
call stands before `<tool_call>`, reasoning in front as a `<think>` block. `observation` is what the
tool answered; answers to parallel calls are one observation, a JSON list in the order of the calls.

Tested against LLaMA-Factory 0.9.5. It drops a row in silence whose turns do not alternate, whose
answer to compare has more than one message, or whose verdict is no boolean: such rows are refused.
For tools `""` stands where there are none: `"[]"` makes it put an empty system turn in front. Its
`formatting: openai` is not used, because it adds a system prompt of its own to every row
without tools and encodes arguments twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from goldleaf.core.errors import BadRow
from goldleaf.core.records import Comparison, Demonstration, Judgement, Record, Turn
from goldleaf.formats.llamafactory import NAME as NAME
from goldleaf.formats.llamafactory import TITLE as TITLE
from goldleaf.formats.llamafactory import read as read
from goldleaf.formats.llamafactory import recognises as recognises
from goldleaf.formats.loss_mask import learned_table
from goldleaf.formats.write_messages import (
    Turns,
    content_of,
    conversation,
    json_text,
    one_message,
    pair,
    results_by_call,
    spoken_call,
    task,
    thought_of,
    tools_text,
    verdict,
)

LOSSY_FIELDS: tuple[tuple[str, str], ...] = (
    ("tags", "there is no place for them; the ledger leads back to the record"),
    ("parents", "the ledger leads from a row to its answers"),
    ("candidates.rank", "a pair says which is better, not by how many places"),
    ("candidates.score", "no score is read"),
    ("candidates.acceptable", "a pair says which is better, not whether either is good"),
    ("candidates.drafted_by", "the answers that the ledger leads to say which model wrote them"),
    ("candidates.origin", "the ledger leads to it"),
    ("strength", "no strength is read"),
    ("steps", "only the verdict on the whole answer is read; without one the row is refused"),
    ("reasons", "only the verdict is read"),
    ("turn.train", "the table says it: in `sft_last` only the last turn is learned"),
    ("turn.name", "no name is read"),
    ("turn.tool_call_id", "results stand in the order of their calls"),
    ("tool_calls.id", "results stand in the order of their calls"),
)


TABLES = ("sft", "sft_last", "dpo", "kto")
"""In `sft_last` the last turn alone is learned."""
ADDS_IDS = True


def write(record: Record) -> dict[str, dict[str, Any]]:
    """Return the row of an example under its table: `sft`, `sft_last`, `dpo` or `kto`.

    Raises:
        BadRow: `mixed_training`, `no_verdict`, `multi_turn_answer`,
            `results_differ`, `tool_call_inline`, `role_order`, or what `write_messages` raises.
    """
    row: dict[str, Any] = {}
    name = task(record)
    match record:
        case Demonstration():
            name = learned_table(record)
            turns = conversation(record)
        case Judgement():
            row["kto_tag"] = verdict(record)
            turns = conversation(record)
        case Comparison():
            turns = record.context
            for side, answer in zip(("chosen", "rejected"), pair(record), strict=True):
                row[side] = _content(one_message(answer))
    system = content_of(turns[0]) if turns[0].role == "system" else ""
    return {
        name: {
            "conversations": list(_alternating(turns[1:] if system else turns)),
            "system": system,
            "tools": tools_text(record.tools) if record.tools else "",
            **row,
        }
    }


def _alternating(turns: Turns) -> Iterator[dict[str, str]]:
    """Yield messages of the two sides by turns, as LLaMA-Factory asks for."""
    if turns[0].role != "user":
        raise BadRow("role_order", "the assistant may not begin")
    results: list[str] = []
    for turn in results_by_call(turns):
        if turn.role == "tool":
            results.append(content_of(turn))
            continue
        if results:
            yield _observation(results)
            results = []
        yield _content(turn)
    if results:
        yield _observation(results)


def _observation(results: list[str]) -> dict[str, str]:
    text = results[0] if len(results) == 1 else json_text(results, "observation")
    return {"from": "observation", "value": text}


def _content(turn: Turn) -> dict[str, str]:
    content = thought_of(turn) + content_of(turn)
    if turn.role == "user":
        return {"from": "human", "value": content}
    if not turn.tool_calls:
        return {"from": "gpt", "value": content}
    calls = [spoken_call(call) for call in turn.tool_calls]
    text = json_text(calls[0] if len(calls) == 1 else calls, "tool_calls")
    if "<tool_call>" in content + text:
        raise BadRow("tool_call_inline", "a call's own words may not hold <tool_call>")
    if turn.content.strip():
        return {"from": "function_call", "value": f"{content}<tool_call>{text}</tool_call>"}
    return {"from": "function_call", "value": thought_of(turn) + text}
