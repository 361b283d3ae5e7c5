"""`goldleaf import`: rows of a file into a project, or into `records.jsonl`."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from goldleaf.cli.connection import open_studio, settings_of
from goldleaf.cli.options import DataDirOption, JsonOption, LangOption, StrictOption, UrlOption
from goldleaf.cli.output import counting, note, say, say_json
from goldleaf.cli.replaceable import check_replaceable, is_record, is_rejection
from goldleaf.core.errors import BadRow, GoldleafError, NothingUsable, RejectedRows, UsageError
from goldleaf.core.words import Words

if TYPE_CHECKING:
    from goldleaf.core.readings import Reading
    from goldleaf.label_configs.kind import Codec

SHOWN = 10
"""Rejected rows told one by one; the rest are counted."""
LISTED = 1_000
"""Places of flagged rows that `--json` lists."""


def import_file(
    file: Annotated[Path, typer.Argument(help=".jsonl, .json (also .gz), .csv, .tsv or .parquet.")],
    kind: Annotated[str | None, typer.Option(help="What the annotators shall do.")] = None,
    project: Annotated[int | None, typer.Option("--project", "-p", help="Into this one.")] = None,
    records: Annotated[Path | None, typer.Option(help="Or into this records.jsonl.")] = None,
    source: Annotated[str, typer.Option(help="Where the rows come from.")] = "public",
    format: Annotated[str | None, typer.Option(help="The rows' shape; guessed if absent.")] = None,
    map: Annotated[list[str] | None, typer.Option(help="field=column, for strange names.")] = None,
    encoding: Annotated[str, typer.Option(help="Of a .csv; detected if absent.")] = "",
    separator: Annotated[str, typer.Option(help="Of a .csv: ; or tab; detected if absent.")] = "",
    licence: Annotated[str, typer.Option(help="The rows' licence, such as CC-BY-4.0.")] = "",
    consent: Annotated[str, typer.Option(help="How consent was given.")] = "",
    model: Annotated[str, typer.Option(help="The model that wrote the answers.")] = "",
    spot_check: Annotated[str, typer.Option(help="Share for people to check, as 0.05.")] = "",
    annotator: Annotated[str, typer.Option(help="The expert, or group, who wrote them.")] = "",
    behaviour: Annotated[
        list[str] | None, typer.Option(help="What every row shows, such as benign_twin.")
    ] = None,
    rejected: Annotated[Path | None, typer.Option(help="List rejected rows in this file.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Read this many rows only.")] = None,
    strict: StrictOption = False,
    overwrite: Annotated[
        bool, typer.Option(help="Replace --records or --rejected whatever they hold.")
    ] = False,
    lang: LangOption = None,
    url: UrlOption = None,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read a file for annotators, or as records.

    Bad rows are told with their place and stop nothing; repeating an import adds nothing twice.
    """
    from itertools import islice

    from goldleaf.core.files import locked, replacing
    from goldleaf.core.readings import UNREAD, check_all_read
    from goldleaf.sources.intake import read_file

    settings = settings_of(data_dir, url, lang)
    words = Words(settings.language)
    if (project is None) == (records is None):
        raise UsageError("Where to?", fix="give --project NUMBER or --records FILE, not both")
    said = {"licence": licence, "consent": consent, "model": model}
    said |= {"spot_check": spot_check, "annotator": annotator}
    _keep_apart(file, records, rejected, overwrite=overwrite)
    intake = read_file(
        file,
        source,
        format=format,
        mapping=_mapping(map or []),
        pseudonym=lambda name: settings.state.pseudonym(name),
        behaviours=behaviour or [],
        encoding=encoding,
        separator=separator,
        **{field: answer for field, answer in said.items() if answer},
    )
    title = words.known(f"shape.{intake.format.NAME}") or intake.format.TITLE
    note(words("import.guessed" if intake.guessed else "import.shape", file=file.name, title=title))
    if intake.dialect is not None and intake.dialect.assumed:
        options = words.listed(f"--{name}" for name in intake.dialect.assumed)
        code, mark = intake.dialect.names()
        shown = words.known(f"import.{mark}") or mark
        note(words("import.assumed", encoding=code, separator=shown, options=options))
    for question in intake.unsaid:
        option = question.field.replace("_", "-")
        asks = words.known(f"asks.{question.field}") or question.asks
        note(words("import.not_said", asks=asks, option=option))
    failure: GoldleafError | None = None
    with replacing(rejected) if rejected else nullcontext() as listing:
        found = _Found(listing, words)
        readings = found.watch(islice(intake, limit))
        if records is not None:
            told, failure = _to_records(readings, found, records, file, strict=strict)
        else:
            assert project is not None  # one of the two was asked for above
            with (
                open_studio(settings) as studio,
                locked(
                    settings.state.create().import_lock(studio.url, project),
                    waiting=lambda: note(
                        f"Another import into project {project} is running; waiting for it to end."
                    ),
                ),
            ):
                told = _to_project(readings, found, studio, project, kind)
            failure = _failure(found, sum(told.values()), file, strict=strict)
    told = {"rows": found.rows, **told, **+found.beside, "rejected": found.reasons.total()}
    if as_json:
        read_to_end = UNREAD.isdisjoint(found.reasons)
        say_json(
            {**told, "reasons": dict(sorted(found.reasons.items())), "whole": read_to_end}
            | {"flagged": dict(sorted(found.flagged.items())), "flagged_places": found.places}
        )
    else:
        say(words.listed(f"{words(f'import.{name}')} {count}" for name, count in told.items()))
        for reason, count in sorted(found.reasons.items()):
            meaning = words.known(f"reason.{reason}")
            key = "import.explained" if meaning else "import.reason"
            say(words(key, count=count, reason=reason, meaning=meaning))
        for reason, count in sorted(found.flagged.items()):
            meaning = words.known(f"reason.{reason}")
            say(words("import.flagged", count=count, reason=reason, meaning=meaning))
    if failure is not None:
        raise failure
    check_all_read(found.reasons)


def _failure(
    found: _Found, usable: int, file: Path, *, strict: bool, kept: Path | None = None
) -> GoldleafError | None:
    """Return why a run failed, if it did; `kept` is the file that therefore was not replaced."""
    fix = f"{kept} was not written" if kept is not None else ""
    if not usable and not +found.beside and (found.rows or kept is not None):
        return NothingUsable("No row of this file could be used.", where=str(file), fix=fix)
    if strict and found.reasons:
        return RejectedRows("Some rows were rejected.", where=str(file), fix=fix)
    return None


def _keep_apart(
    file: Path, records: Path | None, rejected: Path | None, *, overwrite: bool
) -> None:
    """Hold that nothing is written over the input, or over a file that is not ours."""
    given = [path for path in (file, records, rejected) if path is not None]
    if len({os.path.realpath(path) for path in given}) < len(given):
        fix = "give --records and --rejected names of their own"
        raise UsageError("One file is named twice.", where=str(file), fix=fix)
    for path, is_ours, option in (
        (records, is_record, "--records"),
        (rejected, is_rejection, "--rejected"),
    ):
        if path and check_replaceable(path, is_ours, option, overwrite=overwrite):
            note(f"{path} is replaced.")


class _Found:
    """Counts the rows that pass, and tells the first rejected ones with their place.

    `beside` counts records that are left out of rows that are not rejected; `listing` takes every
    rejected row as a line of JSON.
    """

    def __init__(self, listing: BinaryIO | None, words: Words) -> None:
        self.words = words
        self.listing = listing
        self.rows = 0
        self.reasons: Counter[str] = Counter()
        self.beside: Counter[str] = Counter()
        self.flagged: Counter[str] = Counter()
        self.places: list[dict[str, str | int]] = []

    def watch(self, readings: Iterator[Reading]) -> Iterator[Reading]:
        for reading in readings:
            self.rows += 1
            if reading.reason:
                self.reject(reading.key, reading.reason, reading.detail)
            else:
                self.flag(reading)
                yield reading

    def flag(self, reading: Reading) -> None:
        """Report what a template would obey or nobody sees; the row is read all the same."""
        from goldleaf.curation.text_flags import flags

        found = {flag.reason: flag for record in reading.records for flag in flags(record)}
        for reason, flag in found.items():
            self.flagged[reason] += 1
            if len(self.places) < LISTED:
                place: dict[str, str | int] = {"row": reading.key, "reason": reason}
                self.places.append(
                    {**place, "field": flag.field, "found": flag.found, "character": flag.place}
                )
            if self.flagged.total() <= SHOWN:
                about = {"row": reading.key, "reason": reason, "field": flag.field}
                note(self.words("import.flagged_at", **about, found=flag.found, place=flag.place))

    def reject(self, key: str, reason: str, detail: str) -> None:
        self.reasons[reason] += 1
        if self.listing is not None:
            row = {"row": key, "reason": reason, "detail": detail}
            self.listing.write(json.dumps(row, ensure_ascii=False).encode(errors="replace") + b"\n")
        if self.reasons.total() <= SHOWN:
            note(f"  {key}: {reason}" + (f" ({detail})" if detail else ""))


def _mapping(given: list[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for pair in given:
        field, equals, column = pair.partition("=")
        if not equals or not field or not column:
            raise UsageError(f"{pair!r} is no mapping.", fix="write --map field=column")
        pairs[field] = column
    return pairs


def _to_records(
    readings: Iterator[Reading], found: _Found, records: Path, file: Path, *, strict: bool
) -> tuple[dict[str, int], GoldleafError | None]:
    """Write records; where the run fails in the end, the file is left as it was."""
    from goldleaf.core.files import replacing
    from goldleaf.core.record_lines import to_line

    written = 0
    try:
        with replacing(records) as output, counting("records") as step:
            for reading in readings:
                for record in reading.records:
                    output.write(to_line(record) + b"\n")
                    written += 1
                    step(written)
            if failure := _failure(found, written, file, strict=strict, kept=records):
                raise failure
    except (NothingUsable, RejectedRows) as failed:
        return {"written": 0}, failed
    return {"written": written}, None


def _to_project(
    readings: Iterator[Reading], found: _Found, studio: Any, project: int, name: str | None
) -> dict[str, int]:
    from goldleaf.label_configs.catalogue import kind_named
    from goldleaf.studio.projects import project_kind
    from goldleaf.studio.tasks import import_tasks

    kind = project_kind(studio, project)
    if name is not None and kind_named(name) is not kind:
        raise UsageError(
            f"Project {project} is of the kind {kind.name}, not {name}.",
            fix="name another project, or make one: goldleaf project new " + name,
        )
    keys: list[str] = []

    def tasks() -> Iterator[Mapping[str, Any]]:
        for reading in readings:
            for task in _shown(reading, kind.codec, found):
                keys.append(reading.key)
                yield task

    with counting("tasks") as step:
        outcome = import_tasks(studio, project, tasks(), progress=step)
    for position, why in outcome.refused:
        found.reject(keys[position], "refused_by_label_studio", why)
    if outcome.updated:
        note(f"  {outcome.updated} tasks that were there name their new origin or licence now")
    return {"created": outcome.created, "already_there": outcome.already_there}


def _shown(reading: Reading, codec: Codec, found: _Found) -> list[dict[str, Any]]:
    """Return the tasks of a row; it is rejected only if none of its records fits the kind."""
    # Of rows a share of which people check, only that share is put before them.
    drawn = [r for r in reading.records if r.tags.signals.get("spot_check") != 0]
    tasks: list[dict[str, Any]] = []
    unfit: list[BadRow] = []
    for record in drawn:
        try:
            tasks.append(codec.show(record))
        except BadRow as bad:
            unfit.append(bad)
    if unfit and not tasks:
        found.reject(reading.key, unfit[0].reason, unfit[0].detail)
    else:
        found.beside["unfit_records"] += len(unfit)
    found.beside["not_drawn"] += len(reading.records) - len(drawn)
    return tasks
