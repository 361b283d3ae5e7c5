"""What a source of data offers: its name, its questions, and its own check of a record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from goldleaf.core import records
from goldleaf.core.records import Record
from goldleaf.formats.format import Row


@dataclass(frozen=True, slots=True)
class Question:
    """Something to be known of all data of a source; `default` holds where nobody says it."""

    field: str
    asks: str
    default: str


class Source(Protocol):
    """A module of this room, or one that another package offers under `goldleaf.sources`."""

    NAME: str
    """What `--source` calls it."""

    ID: records.Source
    """Its number in the provenance."""

    TITLE: str
    """What it is, in a few words."""

    QUESTIONS: tuple[Question, ...]
    """What must be said of it: the licence, the consent of those whose words they are."""

    def check(self, record: Record, row: Row, said: Mapping[str, str]) -> Record:
        """Return the record with this source in its provenance.

        Args:
            record: what a format made of the row; its parents name file and line.
            row: the row itself, which may hold its own licence or consent.
            said: field -> answer to each of `QUESTIONS`.

        Raises:
            BadRow: this source must not give that row away (`no_consent`...).
        """
        ...
