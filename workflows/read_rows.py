"""Rows of a file as records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from goldleaf.core.error_translation import translate_error
from goldleaf.core.notebook import Section, Shown
from goldleaf.core.records import Record
from goldleaf.core.settings import Settings, load
from goldleaf.core.translations import Translations

if TYPE_CHECKING:
    from goldleaf.core.input_results import InputResult

MOST = 20
"""Rejected rows that are shown one by one; `rejected` has them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedRows(Shown):
    """What a file held: `records` that were made, and `rejected` rows with key, reason, detail.

    `missing`: what should be known of such data and was not given, such as `licence`.
    """

    records: tuple[Record, ...]
    rejected: tuple[InputResult, ...]
    missing: tuple[str, ...]

    def sections(self, words: Translations) -> Iterator[Section]:
        """Return counts and the first rejected rows."""
        counts = {"rows": len(self.records), "rejected": len(self.rejected)}
        yield Section(rows=[(words(f"import.{name}"), n) for name, n in counts.items()])
        rows = [
            (r.key, r.reason, translate_error(r.detail, words.lang)) for r in self.rejected[:MOST]
        ]
        left = len(self.rejected) - len(rows)
        yield Section(rows=rows, text=words("why.and_more", count=left) if left else "")


def import_rows(
    file: Path | str,
    source: str = "public",
    *,
    format: str | None = None,
    columns: Mapping[str, str] | None = None,
    behaviours: Iterable[str] = (),
    settings: Settings | None = None,
    **known: str,
) -> ImportedRows:
    """Read rows of a file (`.jsonl`, `.json`, `.csv`, `.tsv`, `.parquet`) as records.

    >>> rows = import_rows("rows.jsonl", licence="CC-BY-4.0")
    >>> len(rows.records), len(rows.rejected)
    (2, 1)

    Args:
        file: the file.
        source: where the rows come from: `public`, `online_log`, `self_instruct`, `expert`,
            `feedback`.
        format: the rows' shape; guessed by default.
        columns: field -> column, for column names that are not known.
        behaviours: what every row shows, such as `benign_twin`.
        settings: hold the key of the pseudonyms.
        **known: what a source wants to know: `licence`, `consent`, `model`, `annotator`,
            `spot_check`.

    Raises:
        UsageError: the file cannot be read, or its shape cannot be guessed.
    """
    from goldleaf.sources.read_file import read_file

    state = (settings or load()).state
    answers: Any = known
    intake = read_file(
        Path(file),
        source,
        format=format,
        mapping=dict(columns or {}),
        pseudonym=state.pseudonym,
        behaviours=list(behaviours),
        **answers,
    )
    records: list[Record] = []
    rejected: list[InputResult] = []
    for result in intake:
        if result.reason:
            rejected.append(result)
        records += result.records
    missing = tuple(question.field for question in intake.unanswered)
    return ImportedRows(records=tuple(records), rejected=tuple(rejected), missing=missing)
