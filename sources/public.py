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
    """Return the record with S2 and its licence in its provenance."""
    return with_provenance(record, ID, row, answers)
