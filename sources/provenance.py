"""Set the provenance of records: source, licence, model, annotator, from the row or the file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from goldleaf.core import records
from goldleaf.core.json_values import one_or_many
from goldleaf.core.records import Record
from goldleaf.formats.format import Row
from goldleaf.sources.consent import check_consent, consent_of


def with_provenance(
    record: Record,
    source: records.Source,
    row: Row,
    answers: Mapping[str, str],
    *,
    consent: str = "",
    annotator: str = "",
) -> Record:
    """Return the record with source, licence and model set on every parent that lacks them.

    Licence and model are the row's own, else those given for the whole file.
    """
    licence, model = row_licence(row, answers), row_model(row, answers)
    parents = tuple(
        replace(
            parent,
            source=parent.source or source,
            licence=parent.licence or licence,
            consent=parent.consent or consent,
            annotator=parent.annotator or annotator,
            drafted_by=parent.drafted_by or model,
        )
        for parent in record.parents
    )
    return replace(record, parents=parents)


def row_licence(row: Row, answers: Mapping[str, str]) -> str:
    """Return the licence of a row: its own, else the one given for the whole file."""
    return _own(row, ("licence", "license")) or answers["licence"]


def row_model(row: Row, answers: Mapping[str, str]) -> str:
    """Return the model that wrote a row's answer: the row's own, else the file's, else ""."""
    return _own(row, ("model", "model_name", "generator")) or answers.get("model", "")


def row_annotator(row: Row, answers: Mapping[str, str]) -> str:
    """Return a row's annotator (a pseudonym): its own, else the one given for the file."""
    return _own(row, (ANNOTATOR,)) or answers.get(ANNOTATOR, "")


ANNOTATOR = "annotator"


def row_behaviours(row: Row) -> tuple[str, ...]:
    """Return the behaviours that a row labels itself with, out of the vocabulary.

    A list, or a text with commas, in `behaviours` or `behaviour`; other words there are the
    column's own business.
    """
    labels: list[object] = []
    for column in ("behaviours", "behaviour"):
        value = row.get(column)
        labels += value.split(",") if isinstance(value, str) else one_or_many(value)
    names = [name.strip() for name in labels if isinstance(name, str)]
    return tuple(name for name in records.BEHAVIOURS if name in names)


def row_right_behaviour(row: Row) -> str:
    """Return what a row says is right: `refuse`, `safe_complete` or `comply`, "" for nothing."""
    right = _own(row, ("right_behaviour",))
    return right if right in ("refuse", "safe_complete", "comply") else ""


def row_consent(row: Row, answers: Mapping[str, str]) -> str:
    """Return how the person whose words these are consented to training.

    Raises:
        BadRow: `no_consent`, the row says no (`goldleaf.sources.consent`).
    """
    check_consent(row)
    return "given" if consent_of(row)[0] == "yes" else answers["consent"]


def _own(row: Row, columns: Iterable[str]) -> str:
    for column in columns:
        value = row.get(column)
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""
