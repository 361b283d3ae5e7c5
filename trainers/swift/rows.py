r"""ms-swift's rows: conversations (SFT), pairs (DPO, reward), verdicts (KTO).

    {"messages": [{"role": "user", "content": "Sky?", "loss": false},
                  {"role": "assistant", "content": "Blue.", "loss": true}], "tools": "[]"}
    {"messages": [...the chosen...], "rejected_messages": [...], "margin": 0.0, "tools": "[]"}
    {"messages": [...], "label": true, "tools": "[]"}

`loss` says turn by turn what is learned. Each call is a message `tool_call` with its JSON, what is
text before it a message of its own; each result a `tool_response`, in the order of the calls.

Tested against ms-swift 4.6.0. It renders the rejected side of a row without tools unless they are
given twice (`rejected_tools`), drops `reasoning_content` and `weight` in silence, and deletes a row
whose content is null.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from goldleaf.core.errors import BadRow
from goldleaf.core.records import Comparison, Demonstration, Judgement, Record, Turn
from goldleaf.formats.swift import NAME as NAME
from goldleaf.formats.swift import TITLE as TITLE
from goldleaf.formats.swift import read as read
from goldleaf.formats.swift import recognises as recognises
from goldleaf.formats.write_messages import (
    Turns,
    content_of,
    conversation,
    json_text,
    margin,
    pair,
    results_by_call,
    spoken_call,
    thought_of,
    tools_text,
    verdict,
)

LOSSY_FIELDS = (
    ("tags", "there is no place for them; the ledger leads back to the record"),
    ("parents", "the ledger leads from a row to its answers"),
    ("candidates.rank", "a pair says which is better, not by how many places"),
    ("candidates.score", "only the difference of two scores is written, as the margin"),
    ("candidates.acceptable", "a pair says which is better, not whether either is good"),
    ("candidates.drafted_by", "the answers that the ledger leads to say which model wrote them"),
    ("candidates.origin", "the ledger leads to it"),
    ("strength", "no strength is read"),
    ("steps", "only the verdict on the whole answer is read; without one the row is refused"),
    ("reasons", "only the verdict is read"),
    ("turn.train", "kept for SFT; DPO and KTO score the whole answer and never the prompt"),
    ("turn.name", "no name is read"),
    ("turn.tool_call_id", "results stand in the order of their calls"),
    ("tool_calls.id", "results stand in the order of their calls"),
)


TABLES = ("sft", "dpo", "kto")
ADDS_IDS = True


def write(record: Record) -> dict[str, dict[str, Any]]:
    """Return the row of an example under its table: `sft`, `dpo` or `kto`.

    Raises:
        BadRow: `nothing_learned`, `no_verdict`, `results_differ`, `role_order`, or what
            `write_messages` raises.
    """
    tools = tools_text(record.tools)
    match record:
        case Demonstration():
            turns = conversation(record)
            if not any(turn.train for turn in turns if turn.role == "assistant"):
                raise BadRow("nothing_learned", "every turn is context only")
            return {"sft": {"messages": list(_messages(turns, flags=True)), "tools": tools}}
        case Judgement():
            text = list(_messages(conversation(record)))
            return {"kto": {"messages": text, "label": verdict(record), "tools": tools}}
        case Comparison():
            chosen, rejected = (
                list(_messages((*record.context, *answer))) for answer in pair(record)
            )
            row = {"messages": chosen, "rejected_messages": rejected, "tools": tools}
            return {"dpo": row | {"rejected_tools": tools, "margin": margin(record)}}


def _messages(turns: Turns, *, flags: bool = False) -> Iterator[dict[str, Any]]:
    if turns[1 if turns[0].role == "system" else 0].role != "user":
        raise BadRow("role_order", "the assistant may not begin")
    for turn in results_by_call(turns):
        learned = {"loss": turn.role == "assistant" and turn.train} if flags else {}
        for role, content in _spoken(turn):
            yield {"role": role, "content": content} | learned


def _spoken(turn: Turn) -> Iterator[tuple[str, str]]:
    text = thought_of(turn) + content_of(turn)
    if turn.role == "tool":
        yield "tool_response", text
    elif text.strip() or not turn.tool_calls:
        yield turn.role, text
    for call in turn.tool_calls:
        yield "tool_call", json_text(spoken_call(call), "tool_calls")
