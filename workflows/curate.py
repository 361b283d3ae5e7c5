"""Inputs in, a folder of enriched records, verdicts and a page out (`goldleaf curate`)."""

from __future__ import annotations

import os
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from goldleaf.core.errors import BadRow, NothingUsable, UsageError
from goldleaf.core.escape_invisible import replace_surrogates
from goldleaf.core.settings import Settings, load
from goldleaf.core.translations import Translations
from goldleaf.core.worker_processes import worker_count
from goldleaf.workflows.curation_sources import open_curation_sources

if TYPE_CHECKING:
    from goldleaf.core.input_results import InputResult
    from goldleaf.curation.curate import Curation
    from goldleaf.curation.engines.engine import Engine
    from goldleaf.curation.engines.process_pool import ProcessPool
    from goldleaf.curation.pair_audit.pair_audit import PairAudit
    from goldleaf.curation.policy import Policy
    from goldleaf.curation.record_store import RecordStore
    from goldleaf.curation.report.summary import CurationSummary

RECORDS, VERDICTS = "records.jsonl", "curation.parquet"
PAGE, REJECTED = "curation.html", "rejected.jsonl"
"""Files of a curation's folder, besides its manifest."""

Progress = Callable[[str, float], None]
_REPORTED = 1_000
"""Inputs from one report of progress to the next."""
_MOST = 4
"""Default limit of processes: each holds some hundred megabytes."""
_LEAST = 6_000
"""Records from which other processes are worth their start, some seconds of a core each."""


def curate(
    sources: str | Path | Sequence[str | Path],
    out: Path | str,
    profile: str = "",
    *,
    evaluations: Sequence[Path | str] = (),
    evaluation_sets: Sequence[str] = (),
    format: str | None = None,
    columns: Mapping[str, str] | None = None,
    encoding: str = "",
    separator: str = "",
    limit: int | None = None,
    kind: str | None = None,
    project: int | None = None,
    lang: str = "",
    overwrite: bool = False,
    dask_scheduler: str | None = None,
    processes: int | None = None,
    settings: Settings | None = None,
    progress: Progress = lambda stage, done: None,
    counted: Callable[[int], None] = lambda records: None,
    notify: Callable[[str], None] = lambda message: None,
    **known: str,
) -> CurationSummary:
    """Screen records and write what was found; nothing is dropped.

    >>> curate("records.jsonl", "curated").records
    2

    Args:
        sources: one or several of `project:NUMBER`, `records.jsonl`, a Label Studio JSON export, or
            a file of rows in any format that is read.
        out: the folder to write: `records.jsonl` (with tags, signals and verdicts),
            `curation.parquet` (one row a verdict), `curation.html`, `rejected.jsonl`.
        profile: which screens run and what follows: `online_log`, `public`, `self_instruct`,
            `expert`, `feedback` or a file of your own (`.toml`); by default that of the source of
            each record. Rows of files are read as of this source.
        evaluations: files of evaluation prompts that must not be trained on.
        evaluation_sets: names of public evaluation sets of which the same holds, such as `gsm8k`,
            or `all`: goldleaf knows them by hashes of runs of their words.
        format: the rows' shape; guessed by default.
        columns: field -> column, for column names that are not known.
        encoding: of text; detected by default.
        separator: of the columns of a `.csv`; detected by default.
        limit: read this many inputs of each source only.
        kind: what the rows are for; messages about a shape that fits no format name its columns.
        project: the same, by the number of a project of that kind.
        lang: language of the page, `en` or `zh`; the settings' by default.
        overwrite: replace a folder in which files were changed.
        dask_scheduler: address of a Dask cluster, such as `tcp://10.0.0.5:8786`, that compares
            records with each other instead of this machine; `docs/curation.md` has its conditions.
        processes: how many work on this machine; by default GOLDLEAF_WORKERS, else one a core, 4 at
            most, and one for a small set. The result is the same.
        settings: where Label Studio is; read from `goldleaf.toml` and `GOLDLEAF_*` by default.
        progress: called with a stage and how many records it has done.
        counted: called once all is read with the number of records that the other stages have.
        notify: called with how each file is read, and what a person should know of a project.
        **known: answers to the questions of the source, such as `licence`.

    Raises:
        UsageError: an input or a profile cannot be read, there is no such evaluation set, the
            profile looks for none, `out` is not ours to replace, or the cluster is not one that
            can compute this.
        NothingUsable: no input became a record.
    """
    from goldleaf.curation.contamination.evaluation_sets import sets_named
    from goldleaf.curation.curate import curate as run
    from goldleaf.curation.enrich import line_order
    from goldleaf.curation.pair_audit.audit_records import audit_lines
    from goldleaf.curation.policy import Policy
    from goldleaf.curation.profiles import BY_SOURCE, profile_named
    from goldleaf.curation.record_store import open_store
    from goldleaf.exporters.publishing.manifest import versions
    from goldleaf.workflows.curation_folder import open_curation_folder
    from goldleaf.workflows.evaluation_prompts import read_evaluations

    settings = settings or load()
    several = [sources] if isinstance(sources, str | Path) else sources
    policy = Policy(profile_named(profile) if profile else None)
    rows_from = profile if profile in BY_SOURCE.values() else "public"
    language = lang or settings.language
    passed = _PassedOver(notify, language)
    sets = sets_named(evaluation_sets)
    if (evaluations or sets) and "contamination" not in policy.screens():
        what = "Evaluation prompts are named, but this profile does not look for them."
        raise UsageError(what, where=profile, fix='add "contamination" to its screens')
    prompts = read_evaluations(map(Path, evaluations), passed.add)
    opened = open_curation_sources(
        [str(source) for source in several],
        settings,
        rows_from=rows_from,
        format=format,
        columns=columns,
        encoding=encoding,
        separator=separator,
        kind=kind,
        project=project,
        lang=language,
        notify=notify,
        **known,
    )
    with ExitStack() as stack:
        engine = _engine(stack, dask_scheduler, Path(out))
        folder = stack.enter_context(open_curation_folder(Path(out), overwrite=overwrite))
        store = stack.enter_context(open_store(folder.work / "records.spill"))
        pool = stack.enter_context(_Pool(processes, policy.screens()))
        inputs = _Inputs(store, progress, pool.start_for)
        for source in opened:
            inputs.add(islice(source.readings, limit))
            source.check()
        inputs.check()
        found = run(
            store,
            folder.work,
            policy,
            prompts,
            progress,
            counted,
            evaluation_sets=sets,
            engine=engine,
            pool=pool.started,
        )
        progress("report", 0)
        audit = audit_lines(line for _, line in store.merged())
        summary = _summary(folder.out, inputs, found, policy, passed.rows, audit)
        lines = _write(folder.staged, store, found, inputs, summary, language, prompts)
        summary = replace(summary, order=line_order(store.arrival_order(), lines))
        folder.publish(
            {
                "versions": versions(),
                "profile": profile,
                "inputs": sorted((dict(source.description) for source in opened), key=orjson.dumps),
                "evaluations": sorted(Path(path).name for path in evaluations),
                "evaluation_sets": list(sets),
                **{name: value for name, value in summary.plain().items() if name != "out"},
            }
        )
    return summary


def _engine(stack: ExitStack, scheduler: str | None, out: Path) -> Engine | None:
    """Return the engine of the cluster whose scheduler is named, which `stack` closes."""
    if scheduler is None:
        return None
    from goldleaf.curation.engines.dask_cluster import open_cluster

    cluster = stack.enter_context(open_cluster(scheduler))
    engine = cluster.engine()
    cluster.check_folder(Path(os.path.realpath(out)))
    return engine


class _Pool(ExitStack):
    """Worker processes, started once there are enough records for them.

    They load what they need while this one still reads. `started`: the pool, or None.
    """

    def __init__(self, processes: int | None, screens: Sequence[str]) -> None:
        super().__init__()
        self._count = worker_count(_MOST, processes)
        self._least = _LEAST if processes is None else 1
        self._screens = screens
        self.started: ProcessPool | None = None

    def start_for(self, records: int) -> None:
        """Start the processes if so many records are worth it."""
        count = min(self._count, records)
        if self.started is None and count > 1 and records >= self._least:
            from goldleaf.curation.engines.process_pool import ProcessPool
            from goldleaf.curation.meaning.question_meanings import prepare

            self.started = self.enter_context(ProcessPool(count - 1))
            if "meaning" in self._screens:
                self.started.start(prepare)


class _Inputs:
    """Reads inputs into a store, and keeps why some gave no record."""

    def __init__(
        self, store: RecordStore, progress: Progress, counted: Callable[[int], None]
    ) -> None:
        self.store, self._progress, self._counted = store, progress, counted
        self.read = 0
        self.rejected: list[tuple[str, str, str]] = []

    def add(self, inputs: Iterable[InputResult]) -> None:
        """Read some inputs; one that cannot be written as JSON is rejected."""
        for result in inputs:
            self.read += 1
            if result.reason:
                self.rejected.append((result.key, result.reason, result.detail))
            try:
                for place, record in enumerate(result.records):
                    self.store.add(record, result.canonical[place] if result.canonical else b"")
            except BadRow as error:
                self.rejected.append((result.key, error.reason, error.detail))
            if self.read % _REPORTED == 0:
                self._progress("read", self.read)
                self._counted(len(self.store))
        self._counted(len(self.store))

    def reasons(self) -> dict[str, int]:
        """Return reason -> rejected inputs."""
        return dict(sorted(Counter(reason for _, reason, _ in self.rejected).items()))

    def lines(self) -> Iterable[bytes]:
        """Yield every rejected input as a line of JSON, sorted."""
        for key, reason, detail in sorted(self.rejected):
            shown = replace_surrogates(detail)
            yield orjson.dumps({"key": key, "reason": reason, "detail": shown}) + b"\n"

    def check(self) -> None:
        """Raise NothingUsable if no input became a record."""
        if not len(self.store):
            why = ", ".join(f"{reason} {count}" for reason, count in self.reasons().items())
            key, _, detail = min(self.rejected, default=("", "", ""))
            raise NothingUsable(
                f"Of {self.read} inputs none became a record ({why or 'there were none'}).",
                where=f"{key}: {detail}" if detail else key,
                fix="`goldleaf import FILE --records OUT.jsonl` shows the first rejected rows",
            )


class _PassedOver:
    """Counts the rows of evaluations that have no prompt, and says so."""

    def __init__(self, notify: Callable[[str], None], lang: str) -> None:
        self._notify, self._lang = notify, lang
        self.rows: dict[str, int] = {}

    def add(self, path: Path, rows: int, first: int) -> None:
        """Note the rows of one file, the first of them by its line."""
        self.rows[path.name] = self.rows.get(path.name, 0) + rows
        words = Translations(self._lang)
        self._notify(words("curate.no_prompt", file=path.name, rows=f"{rows:,}", line=first))


def _summary(
    out: Path,
    inputs: _Inputs,
    found: Curation,
    policy: Policy,
    passed: Mapping[str, int],
    audit: PairAudit | None,
) -> CurationSummary:
    from goldleaf.curation.report.funnel import funnel, verdict_counts
    from goldleaf.curation.report.summary import CurationSummary

    return CurationSummary(
        out=out,
        read=inputs.read,
        rejected=inputs.reasons(),
        records=found.records,
        merged=len(inputs.store) - found.records,
        verdicts=verdict_counts(found.verdicts),
        funnel=funnel(found.verdicts, len(inputs.store), policy.screens()),
        facts=found.facts | {"evaluations_without_prompt": dict(sorted(passed.items()))},
        pair_audit=audit,
    )


def _write(
    staged: Path,
    store: RecordStore,
    found: Curation,
    inputs: _Inputs,
    summary: CurationSummary,
    lang: str,
    prompts: Sequence[tuple[str, str]],
) -> Sequence[int]:
    """Write the files; return how many lines each record has."""
    from goldleaf.curation.enrich import enriched_lines, lines_of
    from goldleaf.curation.parquet_files import write_frame
    from goldleaf.curation.report.page import curation_page

    lines = array("L")
    with open(staged / RECORDS, "wb") as file:
        parts = (found.verdicts, found.signals, found.behaviours, found.tags)
        for record in enriched_lines(store.merged(), *parts):
            own = list(lines_of(record))
            file.writelines(line + b"\n" for line in own)
            lines.append(len(own))
    with open(staged / REJECTED, "wb") as file:
        file.writelines(inputs.lines())
    write_frame(staged / VERDICTS, found.verdicts)
    page = curation_page(summary, found, store, lang, prompts)
    (staged / PAGE).write_text(page, "utf-8", newline="\n")
    return lines
