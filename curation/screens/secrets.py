"""Keys, tokens, passwords and private keys in any text of a record."""

from __future__ import annotations

import polars as pl

from goldleaf.curation.private_data.secret_patterns import ASSIGNED, PREFIXES, secrets
from goldleaf.curation.texts.text_spans import span_findings

NAME = "secret"
VERSION = "1"


def screen(records: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
    """Return a finding for each secret; its reason names the kind and at most four characters."""
    text = pl.col("text")
    candidates = texts.filter(text.str.contains_any(PREFIXES) | text.str.contains(ASSIGNED))
    return span_findings(candidates, secrets)
