"""Read a file of rows into input results: detect its format, apply its source's checks."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from goldleaf.core.errors import BadRow, NothingUsable, UsageError
from goldleaf.core.files import check_readable
from goldleaf.core.input_results import UNREAD, InputResult
from goldleaf.core.records import BEHAVIOURS, JUDGED, UNSETTLED, Provenance, Record
from goldleaf.core.records_jsonl import to_line
from goldleaf.formats import jsonl_rows
from goldleaf.formats.asked_fields import AskedRow
from goldleaf.formats.column_names import Wanted
from goldleaf.formats.format import Format, Row
from goldleaf.formats.format_registry import LOOKED_AT, format_named, guess_format
from goldleaf.formats.read_rows import (
    check_fields_read,
    check_mapping,
    is_json,
    is_plain_text,
    is_text_table,
    mapped,
    rows,
)
from goldleaf.formats.row_location import BadLine, FileRow
from goldleaf.formats.table_dialect import Dialect, dialect_of, known_encoding
from goldleaf.sources.consent import check_consent, check_parents, is_statement
from goldleaf.sources.provenance import ANNOTATOR, row_behaviours, row_right_behaviour
from goldleaf.sources.refusal_tags import add_refusal_tags
from goldleaf.sources.source import Question, Source
from goldleaf.sources.source_registry import source_named
from goldleaf.sources.structural_tags import add_structural_tags


@dataclass(frozen=True)
class SourceFile:
    """A file being read: iterate it for its input results, once.

    Attributes:
        path: the file.
        format: the format its rows are read in.
        guessed: whether the format was guessed from the first rows.
        unanswered: the source's questions that the caller did not answer.
        readings: one result for every row, read while they are iterated.
        dialect: encoding and separator ("" for JSON); None for Parquet.
        passed_over: `--map` options, `field=column`, whose field is read from none of the first
            rows, because others stand before it.
    """

    path: Path
    format: Format
    guessed: bool
    unanswered: tuple[Question, ...]
    readings: Iterator[InputResult]
    dialect: Dialect | None = None
    passed_over: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[InputResult]:
        """Yield one result for every row, good or bad, in the order of the file."""
        return self.readings


def read_file(
    path: Path,
    source: str,
    *,
    format: str | None = None,
    mapping: Mapping[str, str] | None = None,
    pseudonym: Callable[[str], str] = lambda name: "person:unnamed",
    behaviours: Sequence[str] = (),
    encoding: str = "",
    separator: str = "",
    wanted: Callable[[], Wanted] = Wanted,
    **answers: str,
) -> SourceFile:
    """Open a file of rows.

    The first rows are read at once, the rest while the result is iterated. A bad row is a result
    with a reason, never an error.

    Args:
        path: `.jsonl`, `.json`, either with `.gz`, `.csv`, `.tsv`, `.txt` or `.parquet`.
        source: name of a source: `feedback`, `public`...
        format: name of a format; None to guess it from the first rows.
        mapping: field -> column, for columns with strange names.
        pseudonym: turns an annotator's name into what is kept of it; without one, nothing is.
        behaviours: what every record of the file shows, out of `core.records.BEHAVIOURS`, or a name
            that a recipe of the user describes under `behaviours`.
        encoding: of text; detected if empty.
        separator: the same, a character or its name.
        wanted: returns what the rows are for; asked only where no format fits.
        **answers: to the source's questions, for the whole file: `licence`, `consent`, `model`,
            `spot_check` (a share from 0 to 1, as text), `annotator`. A row may say its own.

    Raises:
        UsageError: the file, source, format, behaviour or a mapped column does not exist, no format
            fits, a mapped field is read by none, or an answer is to no question of the source.
        NothingUsable: no format is named, and not one of the first rows can be read.
    """
    unit = source_named(source)
    checked = _answers(unit, answers, pseudonym)
    shown = tuple(_behaviour(name) for name in dict.fromkeys(behaviours))
    mapping = mapping or {}
    dialect = _dialect(path, encoding, separator)
    stream = rows(path, dialect)
    looked_at = _first(stream)
    good = [row.value for row in looked_at if isinstance(row, FileRow)]
    if good:
        check_mapping(mapping, {column for row in good for column in row})
    if format is not None:
        shape = format_named(format)
    elif good:
        shape = guess_format(
            [mapped(row, _present(mapping, row)) for row in good], str(path), wanted
        )
    else:
        seen = f"; the first bad line: {_place(looked_at[0])}" if looked_at else ""
        raise NothingUsable(
            "This file has no row that can be read.",
            where=f"{path}{seen}",
            fix=_unreadable(path, looked_at),
        )
    reader = _Reader(path.name, shape, unit, mapping, checked, pseudonym, shown)
    asked = reader.asked_fields(looked_at) if mapping else set[str]()
    passed_over = [field for field in mapping if asked and field not in asked]
    if passed_over:
        check_fields_read(mapping, asked | reader.asked_without_others(looked_at))
    readings = (reader.reading(row) for row in chain(looked_at, stream))
    unanswered = tuple(question for question in unit.QUESTIONS if not answers.get(question.field))
    over = tuple(f"{field}={mapping[field]}" for field in passed_over)
    return SourceFile(path, shape, format is None, unanswered, readings, dialect, over)


def _unreadable(path: Path, looked_at: Sequence[FileRow | BadLine]) -> str:
    """Return what to do about a file of which no row can be read."""
    if any(isinstance(row, BadLine) and row.reason in UNREAD for row in looked_at):
        return "get the whole file again"
    first = looked_at[0] if looked_at else None  # the one that is shown
    badly_decoded = "utf8" if is_json(path) else "bad_unicode"
    if isinstance(first, BadLine) and first.reason == badly_decoded:
        return "name the encoding with --encoding"
    if is_text_table(path):
        return "give a first line that names the columns, and rows below it"
    if is_plain_text(path):
        return "give one prompt a line"
    return "give UTF-8 text with one JSON object a line"


def _dialect(path: Path, encoding: str, separator: str) -> Dialect | None:
    if is_text_table(path):
        return dialect_of(path, encoding, separator)
    lines = is_json(path) or is_plain_text(path)
    if separator or (encoding and not lines):
        raise UsageError(
            "Only .csv and .tsv have a separator to choose, and only they, .txt and JSON an "
            "encoding.",
            where=str(path),
            fix="leave out --encoding and --separator",
        )
    if not lines:
        return None
    code = known_encoding(encoding) if encoding else jsonl_rows.encoding_of(check_readable(path))
    assumed = () if encoding or jsonl_rows.known_as_utf8(code) else ("encoding",)
    return Dialect(code, "", assumed)


def _answers(
    source: Source, answers: Mapping[str, str], pseudonym: Callable[[str], str]
) -> dict[str, str]:
    """Return field -> answer for every question of the source."""
    asked = {question.field: question for question in source.QUESTIONS}
    for field in answers:
        if answers[field] and field not in asked:
            raise UsageError(
                f"The source {source.NAME} does not ask for {field}.",
                fix=f"leave it out; it asks for: {', '.join(asked)}",
            )
    checked = {field: asked[field].checked(answers.get(field, "")) for field in asked}
    if checked.get(ANNOTATOR):
        checked[ANNOTATOR] = pseudonym(checked[ANNOTATOR])
    return checked


OWN = re.compile(r"[a-z][a-z0-9_]{0,63}")
"""A behaviour of the user's own, as recipes name it (`exporters.recipes.own_behaviour`)."""


def _behaviour(name: str) -> str:
    if name in BEHAVIOURS:
        return name
    near = difflib.get_close_matches(name, BEHAVIOURS, 1)
    if not near and OWN.fullmatch(name):
        return name
    known = ", ".join(BEHAVIOURS)
    fix = f"built-in are: {known}; your own is of a-z, 0-9 and _"
    if near:
        fix = f"did you mean {near[0]!r}?"
    raise UsageError(f"{name!r} is no behaviour.", where="--behaviour", fix=fix)


def _first(stream: Iterator[FileRow | BadLine]) -> list[FileRow | BadLine]:
    """Return the leading rows, up to `LOOKED_AT` good ones and ten times as many in all."""
    looked_at: list[FileRow | BadLine] = []
    good = 0
    for row in stream:
        looked_at.append(row)
        good += isinstance(row, FileRow)
        if good == LOOKED_AT or len(looked_at) == 10 * LOOKED_AT:
            break
    return looked_at


def _present(mapping: Mapping[str, str], row: Mapping[str, object]) -> dict[str, str]:
    return {field: column for field, column in mapping.items() if column in row}


def _place(row: FileRow | BadLine) -> str:
    problem = f"{row.reason} ({row.detail})" if isinstance(row, BadLine) else ""
    byte = "" if row.offset is None else f", byte {row.offset}"
    return f"line {row.line}{byte}: {problem}"


@dataclass(frozen=True)
class _Reader:
    """Everything that is the same for all rows of a file."""

    name: str
    shape: Format
    source: Source
    mapping: Mapping[str, str]
    answers: Mapping[str, str]
    pseudonym: Callable[[str], str]
    behaviours: tuple[str, ...]

    def reading(self, row: FileRow | BadLine) -> InputResult:
        """Return what a row became."""
        key = f"{self.name}:{row.line}"
        at = "" if row.offset is None else f" [byte {row.offset}]"
        if isinstance(row, BadLine):
            return InputResult(key, reason=row.reason, detail=f"{row.detail}{at}")
        try:
            records = self._records(row)
            # A text that cannot be written must be refused here, with its line.
            return InputResult(key, records, canonical=tuple(map(to_line, records)))
        except BadRow as error:
            return InputResult(key, reason=error.reason, detail=f"{error.detail}{at}".strip())
        except RecursionError:
            return InputResult(key, reason="json", detail=f"nested too deep{at}")

    def asked_fields(self, rows: Sequence[FileRow | BadLine]) -> set[str]:
        """Return the names that reading asks rows for; none where no row can be read."""
        asked = {field for field in self.mapping if is_statement(field)}
        read = False
        for value in self._mapped(rows):
            of_row, whole = self._asked(value)
            if whole:
                asked |= of_row
                read = True
        return asked if read else set()

    def asked_without_others(self, rows: Sequence[FileRow | BadLine]) -> set[str]:
        """Return the names that rows are asked for which lack one field or another of these.

        A format takes the first of several columns that has something, and later rows of the file
        may lack what the first ones have.
        """
        asked: set[str] = set()
        for value in self._mapped(rows):
            own = {field: value[field] for field in self.mapping}
            fewer = [own, *({**own, field: None} for field in own)]
            for name in value:
                if name in own:
                    fewer.append({**value, name: None})
                else:
                    fewer.append({key: each for key, each in value.items() if key != name})
            for each in fewer:
                asked |= self._asked(each)[0]
        return asked

    def _mapped(self, rows: Sequence[FileRow | BadLine]) -> Iterator[dict[str, Any]]:
        for row in rows:
            if isinstance(row, FileRow):
                with suppress(BadRow):
                    yield mapped(row.value, self.mapping)

    def _asked(self, value: Row) -> tuple[set[str], bool]:
        """Return the names that reading asks a row for, and whether it can be read."""
        shape, own, whole = AskedRow(value), AskedRow(value, whole=False), False
        with suppress(BadRow, RecursionError):
            result = self.shape.read(shape)
            for record in result if isinstance(result, tuple) else (result,):
                self._with_answers(self.source.check(record, own, self.answers), own)
            whole = True
        return {*shape.asked, *own.asked, ANNOTATOR}, whole

    def _records(self, row: FileRow) -> tuple[Record, ...]:
        value = mapped(row.value, self.mapping) if self.mapping else row.value
        value = self._without_names(value)
        place = (Provenance(file=self.name, line=row.line),)
        check_consent(value)
        found: list[Record] = []
        result = self.shape.read(value)
        for record in result if isinstance(result, tuple) else (result,):
            if not record.parents:
                record = replace(record, parents=place)
            record = self.source.check(record, value, self.answers)
            check_parents(record)
            record = add_structural_tags(record)
            record = add_refusal_tags(self._with_answers(record, value))
            found.append(record)
        return tuple(found)

    def _with_answers(self, record: Record, row: Row) -> Record:
        """Return the record with the labels of its row and of the whole file.

        A label that settles a refusal replaces the mark of an unsettled one.
        """
        labels = dict.fromkeys((*row_behaviours(row), *self.behaviours))
        right = record.tags.right_behaviour or row_right_behaviour(row)
        old = record.tags.behaviours
        if not {*JUDGED}.isdisjoint(labels):
            old = tuple(name for name in old if name != UNSETTLED)
        named = (*old, *(name for name in labels if name not in old))
        if (named, right) == (record.tags.behaviours, record.tags.right_behaviour):
            return record
        return replace(record, tags=replace(record.tags, behaviours=named, right_behaviour=right))

    def _without_names(self, row: Row) -> Row:
        """Return the row with a pseudonym where it names its annotator."""
        name = row.get(ANNOTATOR)
        if not isinstance(name, str) or not name.strip():
            return row
        return {**row, ANNOTATOR: self.pseudonym(name.strip())}
