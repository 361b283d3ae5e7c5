"""Flash cards: a format as another package offers it, whole in one file.

{"front": "Name a warm colour.", "back": "Red is one."}
"""

from goldleaf.core.errors import BadRow
from goldleaf.core.records import Demonstration, Turn

NAME = "flashcards"
TITLE = "flash cards with a front and a back"
LOSSY_FIELDS = (
    ("tags", "a card has no place for them"),
    ("parents", "a card has no place for them"),
)
TABLES = ("cards",)
ADDS_IDS = False


def recognises(row):
    """Tell by its columns."""
    return row.keys() >= {"front", "back"}


def read(row):
    """Return the card as a demonstration."""
    return Demonstration((Turn("user", row["front"]),), (Turn("assistant", row["back"]),))


def write(record):
    """Return the card, or refuse what does not fit on one."""
    turns = (*record.context, *getattr(record, "response", ()))
    if not isinstance(record, Demonstration) or [t.role for t in turns] != ["user", "assistant"]:
        raise BadRow("no_card", "a card has one question and one answer")
    return {"cards": {"front": turns[0].content, "back": turns[1].content}}


def config_files(tables, words):
    """Return what stands beside the cards."""
    return {"COUNT": f"{sum(table.rows['train'] for table in tables)}\n"}
