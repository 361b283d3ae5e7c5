"""S5: what users preferred. A row without consent is refused."""

from __future__ import annotations

from collections.abc import Mapping

from goldleaf.core import records
from goldleaf.core.records import Record
from goldleaf.formats.format import Row
from goldleaf.sources.provenance import row_consent, with_provenance
from goldleaf.sources.source import CONSENT, LICENCE

NAME = "feedback"
ID: records.Source = "S5"
TITLE = "feedback of users: which answer they preferred"
QUESTIONS = (LICENCE, CONSENT)


def check(record: Record, row: Row, answers: Mapping[str, str]) -> Record:
    """Return the record with its source, S5 (what users preferred), its licence, model and consent.

    They are set on the record's parents, where missing: the row's own, else those of `answers`,
    which must have `licence` and `consent`.

    Raises:
        BadRow: `no_consent`, the row says no to training (`consent: false`, `opt_out: true`).
    """
    return with_provenance(record, ID, row, answers, consent=row_consent(row, answers))
