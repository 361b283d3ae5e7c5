"""TRL's rows, read: conversations, completions, pairs (DPO, reward), verdicts (KTO, PRM).

`goldleaf.trainers.trl.rows` writes them and shows what a row looks like.
"""

from __future__ import annotations

from dataclasses import replace

from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import is_json_messages
from goldleaf.core.records import (
    Demonstration,
    Judgement,
    Record,
)
from goldleaf.formats import messages
from goldleaf.formats.boolean_labels import verdict_of
from goldleaf.formats.format import Row
from goldleaf.formats.preference_rows import answer_after, prompt_of, read_pair
from goldleaf.formats.read_messages import (
    check_context,
    check_order,
    tools_of,
)
from goldleaf.formats.stepwise_rows import is_steps, read_steps

NAME = "trl"
TITLE = "TRL: rows for its SFT, DPO, KTO, Reward and PRM trainers"


def recognises(row: Row) -> bool:
    """Return whether a row fits: a pair with a prompt or as two conversations, or a completion.

    `chosen` and `rejected` with `prompt` or as lists; `prompt` and `completion`; or steps
    (`is_steps`). Conversations as JSON text are read by `parquet`.
    """
    if is_steps(row):
        return True
    if "conversations" in row or any(
        is_json_messages(row.get(key)) for key in ("completion", "chosen")
    ):
        return False
    if "chosen" in row and "rejected" in row:
        return "prompt" in row or isinstance(row["chosen"], list)
    return "prompt" in row and "completion" in row


def read(row: Row) -> Record:
    """Return a pair as a comparison, a labelled completion or labelled steps as a judgement.

    A completion without a label, or a conversation, is a demonstration.

    Raises:
        BadRow: `missing_field`, `bad_label`, or what `read_steps`, `read_pair`, `prompt_of`,
            `answer_after`, the checks of turns and the format `messages` raise.
    """
    if is_steps(row):
        return read_steps(row)
    tools = tools_of(row.get("tools"))
    if "chosen" in row or "rejected" in row:
        return read_pair(row, tools)
    if "completion" not in row and "messages" in row:
        return messages.read(row)
    if "completion" not in row:
        raise BadRow("missing_field", "neither chosen and rejected nor a completion")
    context = prompt_of(row)
    check_context(context, tools)
    response = answer_after(row["completion"], context, "completion")
    check_order((*context, *response), tools)
    if "label" not in row:  # TRL learns from a completion alone, never from its prompt
        unlearned = (replace(t, train=False) if t.role == "assistant" else t for t in context)
        return Demonstration(tuple(unlearned), response, tools)
    return Judgement(context, response, tools, good=verdict_of(row["label"]))
