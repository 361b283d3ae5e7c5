"""S5: what users preferred. Their words are theirs, so a row that says no is refused."""

from __future__ import annotations

from collections.abc import Mapping

from goldleaf.core import records
from goldleaf.core.errors import BadRow
from goldleaf.core.records import Record
from goldleaf.formats.format import Row
from goldleaf.sources.source import Question
from goldleaf.sources.stamp import agreed, refused, row_licence, stamped

NAME = "feedback"
ID: records.Source = "S5"
TITLE = "feedback of users: which answer they preferred"
QUESTIONS = (
    Question("licence", "Under which licence may these rows be trained on?", "unstated"),
    Question("consent", "Did the users agree to training on their words, and where?", "unstated"),
)


def check(record: Record, row: Row, said: Mapping[str, str]) -> Record:
    """Return the record with S5 in its provenance.

    Raises:
        BadRow: `no_consent`, the row says `consent: false` or `opt_out: true`.
    """
    if refused(row, ("consent",)) or agreed(row, ("opt_out", "opted_out")):
        raise BadRow("no_consent", "this user did not agree to training")
    consent = "given" if agreed(row, ("consent",)) else said["consent"]
    return stamped(record, ID, licence=row_licence(row, said), consent=consent)
