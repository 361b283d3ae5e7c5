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
    """Return whether a row fits: a list `messages`, alone (`messages.is_alone`), with a `label`.

    The label is true or false, or a text that says so; 1, 0, "yes" and "no" are not enough. Ranked
    answers, `completion` and `responses` rule a row out, a column `response` does not.
    """
    return messages.is_alone(row) and is_verdict(row.get("label"))


def read(row: Row) -> Judgement:
    """Return the judgement that a row's `label` gives of the last turn of its `messages`.

    A label is read as by `verdict_of`: more spellings than `recognises` takes.

    Raises:
        BadRow: `missing_field` (no label), `bad_label`, or what the format `messages` raises.
    """
    if row.get("label") is None:
        raise BadRow("missing_field", "no label")
    example = messages.read(row)
    return Judgement(
        example.context, example.response, example.tools, good=verdict_of(row["label"])
    )
