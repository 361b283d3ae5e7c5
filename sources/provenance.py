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

    Licence and model (`drafted_by`) are the row's own, else those given for the whole file. A
    record without parents stays as it is.

    Args:
        record: what a format made of the row.
        source: `S1` to `S5`.
        row: the row itself.
        answers: to the source's questions, for the whole file; `licence` must be there.
        consent: for parents that have none.
        annotator: a pseudonym, for parents that have none.
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
    """Return the licence of a row: its own, else the one given for the whole file.

    The column is `licence` or `license`; a value that is no text, or blank, does not count.
    """
    return _own(row, ("licence", "license")) or answers["licence"]


def row_model(row: Row, answers: Mapping[str, str]) -> str:
    """Return the model that wrote a row's answer: the row's own, else `answers["model"]`, else "".

    The row's column is `model`, `model_name` or `generator`; a value that is no text, or blank,
    does not count.
    """
    return _own(row, ("model", "model_name", "generator")) or answers.get("model", "")


def row_annotator(row: Row, answers: Mapping[str, str]) -> str:
    """Return a row's annotator: its column `annotator`, else the one given for the file, else "".

    Names are returned as they are: replace them by pseudonyms before.
    """
    return _own(row, (ANNOTATOR,)) or answers.get(ANNOTATOR, "")


ANNOTATOR = "annotator"


def row_behaviours(row: Row) -> tuple[str, ...]:
    """Return the built-in behaviours that a row labels itself with, in their order.

    A list, or a text with commas, in `behaviours` or `behaviour`; other names are ignored, since a
    column may be called so for another reason. The order is that of `core.records.BEHAVIOURS`.
    """
    labels: list[object] = []
    for column in ("behaviours", "behaviour"):
        value = row.get(column)
        labels += value.split(",") if isinstance(value, str) else one_or_many(value)
    names = [name.strip() for name in labels if isinstance(name, str)]
    return tuple(name for name in records.BEHAVIOURS if name in names)


def row_right_behaviour(row: Row) -> str:
    """Return how a row wants its prompt treated: `refuse`, `safe_complete` or `comply`.

    From its column `right_behaviour`; "" where that is none of these.
    """
    right = _own(row, ("right_behaviour",))
    return right if right in ("refuse", "safe_complete", "comply") else ""


def row_consent(row: Row, answers: Mapping[str, str]) -> str:
    """Return how the person whose words these are consented to training.

    "given" where the row says yes, else the answer for the whole file (`answers["consent"]`).

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
