"""S4: what professional annotators wrote, the core of alignment; an annotator must be named."""

from __future__ import annotations

from collections.abc import Mapping

from goldleaf.core import records
from goldleaf.core.errors import BadRow
from goldleaf.core.records import Record
from goldleaf.formats.format import Row
from goldleaf.sources.provenance import row_annotator, with_provenance
from goldleaf.sources.source import LICENCE, Question

NAME = "expert"
ID: records.Source = "S4"
TITLE = "what professional annotators wrote"
QUESTIONS = (
    LICENCE,
    Question("annotator", "Which expert, or group of experts, wrote these rows?", ""),
)


def check(record: Record, row: Row, answers: Mapping[str, str]) -> Record:
    """Return the record with its source, S4 (written by experts), licence, model and annotator.

    They are set on the record's parents, where missing: the row's own, else those of `answers`,
    which must have `licence`. The annotator must be a pseudonym already.

    Raises:
        BadRow: `no_annotator`, neither the row nor the file says who wrote it.
    """
    record = with_provenance(record, ID, row, answers, annotator=row_annotator(row, answers))
    if not all(parent.annotator for parent in record.parents):
        raise BadRow("no_annotator", "say who wrote it: --annotator, or a column of that name")
    return record
