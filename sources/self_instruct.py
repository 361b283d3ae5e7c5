"""S3: instructions and answers that a model wrote, of which people check a share.

Duplicates, templates and sameness of style, which S3 must be freed from, are seen across a whole
set: that is the work of `curation`. Here a share of the rows is marked for a person to look at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import xxhash

from goldleaf.core import records
from goldleaf.core.record_hash import record_id
from goldleaf.core.records import Record
from goldleaf.formats.format import Row
from goldleaf.sources.provenance import with_provenance
from goldleaf.sources.source import LICENCE, MODEL, Question

NAME = "self_instruct"
ID: records.Source = "S3"
TITLE = "instructions and answers that a model wrote"
QUESTIONS = (
    LICENCE,
    MODEL,
    Question("spot_check", "Which fraction of the rows shall people check?", "0", is_share=True),
)


def check(record: Record, row: Row, answers: Mapping[str, str]) -> Record:
    """Return the record with S3 in its provenance, and in its signals whether to check it.

    `spot_check` is 1 for a row to be checked and 0 for others, `spot_check_share` is the share
    asked for; with a share of 0 neither is set. A record that has been drawn before keeps its mark.
    """
    record = with_provenance(record, ID, row, answers)
    share = float(answers["spot_check"])
    if not share or "spot_check" in record.tags.signals:
        return record
    mark = {"spot_check": float(is_sampled(record, share)), "spot_check_share": share}
    return replace(record, tags=replace(record.tags, signals={**record.tags.signals, **mark}))


def is_sampled(record: Record, share: float) -> bool:
    """Return whether a record is among a share (0 to 1) of all; its content alone decides.

    The same row is drawn in every run, file and order, and a row in a small share is also in a
    larger one.
    """
    return xxhash.xxh3_64_intdigest(f"spot_check|{record_id(record)}".encode()) < share * 2**64
