"""Conversations with a thumb up or down (KTO): `{"messages": [...], "label": true}`.

The label judges the last turn. `prompt` and `completion` with a label are read by `trl`,
`conversations` with a `kto_tag` by `llamafactory`.
"""

from __future__ import annotations

from goldleaf.core.errors import BadRow
from goldleaf.core.records import Judgement
from goldleaf.formats import messages
from goldleaf.formats.boolean_labels import is_verdict, verdict_of
from goldleaf.formats.format import Row

NAME = "kto"
TITLE = "conversations with a thumb up or down"


def recognises(row: Row) -> bool:
    """Return whether a row fits: messages, no other answer, and a label that is true or false.

    Labels of other words or numbers are not enough (`boolean_labels.is_verdict`).
    """
    return messages.is_alone(row) and is_verdict(row.get("label"))


def read(row: Row) -> Judgement:
    """Return the judgement of the last turn.

    Raises:
        BadRow: `missing_field` (no label), `bad_label`, or what the format `messages` raises.
    """
    if row.get("label") is None:
        raise BadRow("missing_field", "no label")
    example = messages.read(row)
    return Judgement(
        example.context, example.response, example.tools, good=verdict_of(row["label"])
    )
