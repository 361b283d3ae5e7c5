"""Its rows: `{"ask": "Sky?", "say": "Blue."}`."""

from goldleaf.core.errors import BadRow
from goldleaf.core.records import Demonstration, Turn

NAME = "tally"
TITLE = "a question and an answer"
LOSSY_FIELDS = (("tags", "a row has no place for them"), ("parents", "a row has no place for them"))
TABLES = ("pairs",)
ADDS_IDS = False


def recognises(row):
    """Tell by its columns."""
    return row.keys() >= {"ask", "say"}


def read(row):
    """Return the row as a demonstration."""
    return Demonstration((Turn("user", row["ask"]),), (Turn("assistant", row["say"]),))


def write(record):
    """Return the row, or refuse what has another shape."""
    turns = (*record.context, *getattr(record, "response", ()))
    if not isinstance(record, Demonstration) or [t.role for t in turns] != ["user", "assistant"]:
        raise BadRow("not_a_pair", "a row has one question and one answer")
    return {"pairs": {"ask": turns[0].content, "say": turns[1].content}}
