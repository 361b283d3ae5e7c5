"""Rows of a file as records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from goldleaf.core.error_translation import translate_error
from goldleaf.core.errors import GoldleafError
from goldleaf.core.notebook import Section, Shown
from goldleaf.core.records import Record
from goldleaf.core.settings import Settings, load
from goldleaf.core.translations import Translations
from goldleaf.workflows.label_studio_connection import open_studio

if TYPE_CHECKING:
    from goldleaf.core.input_results import InputResult
    from goldleaf.formats.column_names import Wanted
    from goldleaf.sources.read_file import SourceFile

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
        """Return the counts of rows and rejected ones, and the first `MOST` rejected rows."""
        counts = {"rows": len(self.records), "rejected": len(self.rejected)}
        yield Section(rows=[(words(f"import.{name}"), n) for name, n in counts.items()])
        rows = [
            (r.key, r.reason, translate_error(r.detail, words.lang)) for r in self.rejected[:MOST]
        ]
        left = len(self.rejected) - len(rows)
        yield Section(rows=rows, text=words("why.and_more", count=left) if left else "")


def open_rows(
    file: Path | str,
    source: str = "public",
    *,
    format: str | None = None,
    columns: Mapping[str, str] | None = None,
    behaviours: Iterable[str] = (),
    encoding: str = "",
    separator: str = "",
    kind: str | None = None,
    project: int | None = None,
    settings: Settings | None = None,
    **known: str,
) -> SourceFile:
    """Open a file of rows; iterate it once for what each row became.

    >>> [result.reason or len(result.records) for result in open_rows("rows.jsonl")]
    [1, 1, 'missing_field']

    Args:
        file: as in `import_rows`, and so are the arguments that are not described here.
        source: where the rows come from.
        format: the rows' shape; guessed by default.
        columns: field -> column.
        behaviours: what every row shows.
        encoding: of text; detected by default.
        separator: of columns; detected by default.
        kind: what the rows are for; messages about a shape that fits no format name its columns.
        project: the same, by the number of a project of that kind.
        settings: hold the key of the pseudonyms.
        **known: answers to the questions of the source.

    Raises:
        UsageError: the file cannot be read, or its shape cannot be guessed.
    """
    from goldleaf.sources.read_file import read_file

    settings = settings or load()
    answers: Any = {field: answer for field, answer in known.items() if answer}
    return read_file(
        Path(file),
        source,
        format=format,
        mapping=dict(columns or {}),
        pseudonym=settings.state.pseudonym,
        behaviours=list(behaviours),
        encoding=encoding,
        separator=separator,
        wanted=lambda: _wanted(kind, project, settings),
        **answers,
    )


def opened_notes(rows: SourceFile, words: Translations) -> Iterator[str]:
    """Yield how a file is read, and what is not known of its rows, a line each."""
    title = words.known(f"shape.{rows.format.NAME}") or rows.format.TITLE
    key = "import.guessed" if rows.guessed else "import.shape"
    yield words(key, file=rows.path.name, title=title)
    if rows.dialect is not None and rows.dialect.assumed:
        assumed = rows.dialect.assumed
        options = words.listed(f"--{name}" for name in assumed)
        code, mark = rows.dialect.names()
        shown = words.known(f"import.{mark}") or mark
        key = "import.assumed" if len(assumed) > 1 else "import.assumed_" + "".join(assumed)
        yield words(key, encoding=code, separator=shown, options=options)
    for option in rows.passed_over:
        yield words("import.passed_over", option=option)
    for question in rows.unanswered:
        option = question.field.replace("_", "-")
        asks = words.known(f"asks.{question.field}") or question.asks
        yield words("import.not_said", asks=asks, option=option)


def _wanted(name: str | None, project: int | None, settings: Settings) -> Wanted:
    """Return what rows are for: the kind named, or the project's where it can be read now."""
    from goldleaf.formats.column_names import Wanted
    from goldleaf.label_configs.registry import kind_named
    from goldleaf.studio.projects import project_kind

    if name is None and project is None:
        return Wanted()
    try:
        if name is not None:
            kind = kind_named(name)
        else:
            with open_studio(settings) as studio:
                kind = project_kind(studio, project or 0)
    except GoldleafError:
        return Wanted()
    return Wanted(kind.name, kind.codec.SHOWS)


def import_rows(
    file: Path | str,
    source: str = "public",
    *,
    format: str | None = None,
    columns: Mapping[str, str] | None = None,
    behaviours: Iterable[str] = (),
    encoding: str = "",
    separator: str = "",
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
        encoding: of text; detected by default.
        separator: of the columns of a `.csv`; detected by default.
        settings: hold the key of the pseudonyms.
        **known: what a source wants to know: `licence`, `consent`, `model`, `annotator`,
            `spot_check`.

    Raises:
        UsageError: the file cannot be read, or its shape cannot be guessed.
    """
    answers: Any = known
    opened = open_rows(
        file,
        source,
        format=format,
        columns=columns,
        behaviours=behaviours,
        encoding=encoding,
        separator=separator,
        settings=settings,
        **answers,
    )
    records: list[Record] = []
    rejected: list[InputResult] = []
    for result in opened:
        if result.reason:
            rejected.append(result)
        records += result.records
    missing = tuple(question.field for question in opened.unanswered)
    return ImportedRows(records=tuple(records), rejected=tuple(rejected), missing=missing)
