"""Prompts as messages, without answers: what a model is sampled on, or drafts answers to.

    {"prompt": [{"role": "user", "content": "Why is the sky blue?"}], "tools": "[]"}

Prompts as plain text are read by `prompt_only`.
"""

from __future__ import annotations

from typing import Any

from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import list_or_none
from goldleaf.core.records import Demonstration, Turn
from goldleaf.formats.format import Row
from goldleaf.formats.prompt_only import unread_column
from goldleaf.formats.read_messages import check_context, read_turns, tools_of

NAME = "prompts"
TITLE = "prompts as messages, without answers"


def recognises(row: Row) -> bool:
    """Return whether a row fits: `prompt` as messages, and nothing that may be an answer."""
    messages = list_or_none(row.get("prompt"))
    if not messages or not all(isinstance(each, dict) and "role" in each for each in messages):
        return False
    return not unread_column(row, ("tools",)) and "label" not in row and "ground_truth" not in row


def read(row: Row) -> Demonstration:
    """Return the prompt of a row, with its tools, as a demonstration without a response.

    Raises:
        BadRow: `answer_unread` (a column may hold an answer), or what reading messages and tools
            raises.
    """
    if name := unread_column(row, ("tools",)):
        raise BadRow("answer_unread", f"column {name!r} may hold an answer; name another --format")
    tools = tools_of(row.get("tools"))
    context = prompt_turns(row.get("prompt"))
    check_context(context, tools)
    return Demonstration(context, (), tools)


def prompt_turns(prompt: Any) -> tuple[Turn, ...]:
    """Return the turns of a prompt, as messages or one text.

    Raises:
        BadRow: what reading messages raises.
    """
    messages = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
    context = read_turns(messages, "prompt")
    check_context(context)
    return context
