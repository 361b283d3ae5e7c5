"""What the provenance of a record says of its source, and what a row may say of itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from goldleaf.core import records
from goldleaf.core.errors import BadRow
from goldleaf.core.records import Record
from goldleaf.formats.format import Row


def stamped(
    record: Record,
    source: records.Source,
    row: Row,
    said: Mapping[str, str],
    *,
    consent: str = "",
    annotator: str = "",
) -> Record:
    """Return the record with every parent saying where it is from; what a parent says stays.

    Licence and model are the row's own, else those said of the whole file.
    """
    licence, model = row_licence(row, said), row_model(row, said)
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


def row_licence(row: Row, said: Mapping[str, str]) -> str:
    """Return the licence of a row: its own, else the one said of the whole file."""
    return _own(row, ("licence", "license")) or said["licence"]


def row_model(row: Row, said: Mapping[str, str]) -> str:
    """Return the model that wrote a row's answer: the row's own, else the file's, else nobody."""
    return _own(row, ("model", "model_name", "generator")) or said.get("model", "")


def row_annotator(row: Row, said: Mapping[str, str]) -> str:
    """Return the annotator of a row (a pseudonym): its own, else the one said of the file."""
    return _own(row, (ANNOTATOR,)) or said.get(ANNOTATOR, "")


ANNOTATOR = "annotator"


def row_consent(row: Row, said: Mapping[str, str]) -> str:
    """Return how the person whose words these are consented to training.

    Raises:
        BadRow: `no_consent`, the row says `consent: false` or `opt_out: true`.
    """
    if _says(row, ("consent",), _NO) or _says(row, ("opt_out", "opted_out"), _YES):
        raise BadRow("no_consent", "this user did not agree to training")
    return "given" if _says(row, ("consent",), _YES) else said["consent"]


def _own(row: Row, columns: Iterable[str]) -> str:
    for column in columns:
        said = row.get(column)
        if isinstance(said, str) and said.strip():
            return said.strip()
    return ""


_YES = (True, 1, "yes", "true", "given", "1", "是", "同意")
_NO = (False, 0, "no", "false", "denied", "0", "否", "不同意")


def _says(row: Row, columns: Iterable[str], words: tuple[object, ...]) -> bool:
    """Tell whether a row says one of these words, in whatever way files say yes and no."""
    for column in columns:
        said = row.get(column)
        if isinstance(said, str):
            said = said.strip().lower()
        if isinstance(said, (str, int, float)) and said in words:
            return True
    return False
