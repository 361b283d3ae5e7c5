"""Personal data in any text of a record: who could be reached, found or robbed by it."""

from __future__ import annotations

import polars as pl

from goldleaf.curation.private_data.personal_data import personal_data
from goldleaf.curation.private_data.personal_data_patterns import CANDIDATES
from goldleaf.curation.texts.text_spans import span_findings, with_any

NAME = "pii"
VERSION = "2"


def screen(records: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
    """Return a finding for each piece of personal data, with its place."""
    return span_findings(with_any(texts, CANDIDATES), personal_data)
