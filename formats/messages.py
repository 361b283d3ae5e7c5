r"""OpenAI-like conversations: `{"messages": [...], "tools": [...]}`.

    {"messages": [{"role": "user", "content": "2+2?"}, {"role": "assistant", "content": "4"}]}

Tool-call arguments may be objects or JSON text, contents texts or lists of text parts; reasoning is
taken from `reasoning_content` or a leading `<think>` block; `weight: 0` makes a turn context only.
"""

from __future__ import annotations

from goldleaf.core.errors import BadRow
from goldleaf.core.records import Demonstration
from goldleaf.formats.boolean_labels import may_be_verdict
from goldleaf.formats.format import Row
from goldleaf.formats.read_messages import check_context, check_order, read_turns, tools_of

NAME = "messages"
TITLE = "conversations as OpenAI writes them"


def recognises(row: Row) -> bool:
    """Return whether a row fits: a list `messages`, no other answer, no label that may judge.

    Such a label is one of `may_be_verdict` (true, "no", 1); a label of any other value is let pass.
    """
    return is_alone(row) and not may_be_verdict(row.get("label"))


def is_alone(row: Row) -> bool:
    """Return whether a row has a list `messages` and no column for another answer, ranked or not.

    A label makes no difference.
    """
    return isinstance(row.get("messages"), list) and not any(key in row for key in _OTHERS)


_OTHERS = (
    *("chosen", "rejected", "completion", "responses"),
    *("rejected_response", "rejected_messages", "ground_truth"),
    *("analysis", "final"),  # the answer with its reasoning, in easy-dataset's rows
)


def read(row: Row) -> Demonstration:
    """Return the conversation as a demonstration: its last turn answers all before it.

    Tools are read from `tools`, or from `functions` where that is absent.

    Raises:
        BadRow: `trailing_user` when no answer comes last, or what `read_turns`, `tools_of`,
            `check_context` and `check_order` raise.
    """
    turns = read_turns(row.get("messages"), "messages")
    tools = tools_of(row.get("tools", row.get("functions")))
    if turns[-1].role != "assistant":
        raise BadRow("trailing_user", f"the last turn is of the {turns[-1].role}")
    check_order(turns, tools)
    check_context(turns[:-1], tools)
    return Demonstration(turns[:-1], turns[-1:], tools)
