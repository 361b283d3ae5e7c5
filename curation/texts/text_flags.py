"""What a record's texts should be flagged for: tokens that templates obey, hidden characters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from goldleaf.core.record_texts import record_texts
from goldleaf.core.records import Record
from goldleaf.curation.texts.hidden_characters import hidden_characters
from goldleaf.curation.texts.special_tokens import special_tokens

SPECIAL_TOKEN = "special_token"
HIDDEN_CHARACTERS = "hidden_characters"


@dataclass(frozen=True, slots=True)
class Flag:
    """One finding: a stable `reason`, the `field`, what was `found` first, at which character."""

    reason: str
    field: str
    found: str
    place: int


def flags(record: Record) -> Iterator[Flag]:
    """Yield at most one flag of each kind for every text of a record; characters count from 1."""
    for field, text in record_texts(record):
        for reason, found in (
            (SPECIAL_TOKEN, special_tokens(text)),
            (HIDDEN_CHARACTERS, hidden_characters(text)),
        ):
            if found:
                place, what = found[0]
                yield Flag(reason, field, what, place + 1)
