"""ms-swift's rows, read: conversations (SFT), pairs (DPO, reward), verdicts (KTO).

    {"messages": [...the chosen...], "rejected_messages": [...], "tools": "[]"}
    {"messages": [...], "label": true, "tools": "[]"}

`goldleaf.trainers.swift.rows` writes them.
"""

from __future__ import annotations

from typing import Any

from goldleaf.core.json_values import list_or_none, object_or_none
from goldleaf.core.records import Record
from goldleaf.formats import kto, messages, trl
from goldleaf.formats.boolean_labels import is_verdict
from goldleaf.formats.format import Row

NAME = "swift"
TITLE = "ms-swift's messages, with what is learned turn by turn"


def recognises(row: Row) -> bool:
    """Return whether a row fits: a list `messages`, and a column for a rejected answer.

    That is `rejected_messages` or `rejected_response`. Rows without one are read by `messages` and
    `kto`.
    """
    others = ("rejected_messages", "rejected_response")
    return isinstance(row.get("messages"), list) and any(key in row for key in others)


def read(row: Row) -> Record:
    """Return a pair as a comparison, a labelled row as a judgement, the rest as a demonstration.

    Raises:
        BadRow: what the formats `trl`, `kto` and `messages` raise.
    """
    given = list_or_none(row.get("messages")) or []
    plain: dict[str, Any] = {"tools": row.get("tools"), "messages": given}
    if "rejected_messages" in row or "rejected_response" in row:
        return _pair(row, given)
    if is_verdict(row.get("label")):
        return kto.read(plain | {"label": row["label"]})
    return messages.read(plain)


def _pair(row: Row, chosen: list[Any]) -> Record:
    if row.get("rejected_messages") is not None:
        rejected = list_or_none(row["rejected_messages"]) or []
    else:
        answer = row.get("rejected_response")
        users = [i for i, m in enumerate(chosen) if (object_or_none(m) or {}).get("role") == "user"]
        own = [{"role": "assistant", "content": answer}] if isinstance(answer, str) else answer
        rejected = [*chosen[: users[-1] + 1], *(list_or_none(own) or [])] if users else []
    return trl.read({"tools": row.get("tools"), "chosen": chosen, "rejected": rejected})
