"""S2: a published data set, for a cold start. Its licence goes with every record."""

from __future__ import annotations

from collections.abc import Mapping

from goldleaf.core import records
from goldleaf.core.records import Record
from goldleaf.formats.format import Row
from goldleaf.sources.provenance import with_provenance
from goldleaf.sources.source import Question

NAME = "public"
ID: records.Source = "S2"
TITLE = "a published data set"
QUESTIONS = (Question("licence", "Under which licence was it published?", "unstated"),)


def check(record: Record, row: Row, answers: Mapping[str, str]) -> Record:
    """Return the record with its source, S2 (a published data set), its licence and its model.

    They are set on the record's parents, where missing: the row's own, else those of `answers`,
    which must have `licence`. Never refuses a row.
    """
    return with_provenance(record, ID, row, answers)
