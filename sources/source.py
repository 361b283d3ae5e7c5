"""What a source of data offers: its name, its questions, and its own check of a record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from goldleaf.core import records
from goldleaf.core.errors import UsageError
from goldleaf.core.records import Record
from goldleaf.formats.format import Row


@dataclass(frozen=True, slots=True)
class Question:
    """Something to be known of all data of a source; `default` holds if unanswered.

    `field` is its name in `answers`; `asks` the question for people. The answer to a question with
    `is_share` is a number from 0 to 1, as text.
    """

    field: str
    asks: str
    default: str
    is_share: bool = False

    def checked(self, answer: str) -> str:
        """Return the answer without white space around it, or the default for an empty one.

        Raises:
            UsageError: a share is no number from 0 to 1.
        """
        answer = answer.strip() or self.default
        if self.is_share and not _is_share(answer):
            raise UsageError(
                f"{answer!r} is no share.",
                where=self.field,
                fix="give a number from 0 to 1, such as 0.05 for one row in twenty",
            )
        return answer


def _is_share(answer: str) -> bool:
    try:
        return 0 <= float(answer) <= 1
    except ValueError:
        return False


class Source(Protocol):
    """A module of this room, or one that another package offers under `goldleaf.sources`."""

    NAME: str
    """What `--source` calls it."""

    ID: records.Source
    """Its number in the provenance."""

    TITLE: str
    """What it is, in a few words."""

    QUESTIONS: tuple[Question, ...]
    """What must be known of it: the licence, the consent of the authors."""

    def check(self, record: Record, row: Row, answers: Mapping[str, str]) -> Record:
        """Return the record with this source in its provenance.

        Args:
            record: what a format made of the row; its parents name file and line.
            row: the row itself, which may hold its own licence or consent. Names of people in
                its column `annotator` are pseudonyms already.
            answers: field -> answer to each of `QUESTIONS`.

        Raises:
            BadRow: this source must not give that row away (`no_consent`...).
        """
        ...


LICENCE = Question("licence", "Under which licence may these rows be trained on?", "unstated")
CONSENT = Question("consent", "Did the users agree to training on their words?", "unstated")
MODEL = Question("model", "Which model wrote the answers?", "")
