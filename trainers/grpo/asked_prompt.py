"""The prompt of an example as TRL's messages, apart from its answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from goldleaf.core.records import Demonstration, Record, Turn
from goldleaf.trainers.trl import rows as trl


class AskedPrompt(NamedTuple):
    """`messages` of the context; declared `tools` as JSON text; `calls`: whether one was called."""

    messages: list[dict[str, Any]]
    tools: str
    calls: bool


def asked_prompt(record: Record) -> AskedPrompt:
    """Return the prompt of an example whose row TRL takes.

    Raises:
        BadRow: what `goldleaf.trainers.trl.rows.write` raises.
    """
    trl.write(record)
    context = tuple(replace(turn, train=False) for turn in record.context)
    alone = Demonstration(context, (Turn("assistant", "-"),), record.tools)
    ((_, row),) = trl.write(alone).items()
    messages = row["prompt"] if "prompt" in row else row["messages"][:-1]
    calls = any(turn.tool_calls or turn.role == "tool" for turn in context)
    return AskedPrompt(messages, row["tools"], calls)
