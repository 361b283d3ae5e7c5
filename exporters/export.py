"""The export: ingest inputs, select examples, write tables, ledger, card, report and manifest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from goldleaf.agreement.review import NO_REVIEWS, Reviews, left_for_review, reviews
from goldleaf.core.errors import NothingUsable, UsageError
from goldleaf.core.input_results import InputResult, fix_without_rows
from goldleaf.exporters.ingest.build_examples import IngestConfig
from goldleaf.exporters.ingest.ingest import Ingested, Progress, ingest, no_progress
from goldleaf.exporters.planning.select import Selection, select, selected_rows
from goldleaf.exporters.publishing import card
from goldleaf.exporters.publishing.companion_files import write_companions
from goldleaf.exporters.publishing.ledger import LEDGER, Tally, write_ledger
from goldleaf.exporters.publishing.manifest import (
    KIND,
    MANIFEST,
    export_file_description,
    to_bytes,
    versions,
)
from goldleaf.exporters.publishing.publish import Staging, open_staging
from goldleaf.exporters.publishing.tables import in_output_order, write_tables
from goldleaf.exporters.report.export_summary import Outcome
from goldleaf.exporters.report.report import ReportInputs, write_report
from goldleaf.recipes.recipe import Recipe
from goldleaf.trainers.registry import writer_named
from goldleaf.trainers.table import Table


def export(
    readings: Iterable[InputResult],
    recipe: Recipe,
    out: Path,
    *,
    formats: Sequence[str] = ("trl",),
    lang: str = "en",
    inputs: Sequence[Mapping[str, Any]] = (),
    check_inputs: Callable[[], object] | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Outcome:
    """Write an export to the folder `out`; the same inputs in any order produce the same bytes.

    Args:
        readings: one result for every input, good or bad.
        recipe: what the set must contain.
        out: the folder to write; an export of ours that is as it was written is replaced,
            anything else refused.
        formats: names of the formats to write.
        lang: language of the card, `en` or `zh`.
        inputs: what the inputs were, for the manifest (see `manifest.file_description`).
        check_inputs: called when all is read; raises if an input is not as `inputs` describes it.
        overwrite: replace an export of ours that was changed, or has rows where this has none.
        progress: called with a stage and how many it has done.

    Raises:
        UsageError: `out` is not ours to replace, or a format cannot be written.
        NothingUsable: no row came out; `out` holds the manifest and every reason, or what it held
            before if that has rows.
        GoldleafError: the disk is full, or the ledger does not add up; `out` is as it was.
    """
    if not formats:
        raise UsageError("No format to write was named.", where="formats", fix="name one: trl")
    writers = [writer_named(name) for name in dict.fromkeys(formats)]
    with open_staging(out, overwrite=overwrite) as staging:
        config = IngestConfig(recipe, tuple(writer.NAME for writer in writers), staging.spool)
        ingested = ingest(readings, config, progress)
        report = progress or no_progress
        if check_inputs is not None:
            check_inputs()
        report("select", 0)
        selection = select(ingested, recipe)
        waiting = _waiting(ingested, selection)
        # Not named here: the rows as they were read are freed while they are put in order.
        rows = in_output_order(selected_rows(ingested, selection, writers, recipe), writers, recipe)
        report("write", 0)
        tables = write_tables(staging.staged, staging.spool, rows, writers, recipe)
        report("ledger", 0)
        tally = write_ledger(staging.staged / LEDGER, ingested, selection, rows)
        settings = {"lang": lang, "formats": [writer.NAME for writer in writers]}
        settings |= {"review": waiting.plain()}
        manifest = _manifest(recipe, tally, tables, selection, inputs) | settings
        card.write_all(staging.staged, manifest, tables, selection, recipe.translations(lang))
        report("report", 0)
        about = ReportInputs(recipe, ingested, selection, rows, tables, staging.spool)
        write_report(staging.staged, manifest, about, lang)
        write_companions(staging.staged, tables, lang)
        _write_manifest(staging, manifest, tables)
        plain = tally.plain()
        outcome = Outcome(
            out,
            *(plain["answers"], plain["records"], plain["reasons"], tables),
            *(selection.refused, selection.counts, selection.shortfalls, selection.conflicts),
            waiting,
        )
        kept = not outcome.rows and not overwrite and staging.holds_rows()
        if not kept:
            staging.publish()
    if not outcome.rows:
        raise _nothing(outcome, kept=kept)
    return outcome


def _waiting(ingested: Ingested, selection: Selection) -> Reviews:
    """Return the inputs that a person should review before they are exported."""
    left_out = left_for_review(selection.why).select("reason", arrival="record")
    found = ingested.links.join(left_out, on="arrival")
    if not found.height:
        return NO_REVIEWS
    named = pl.col("answer").is_in(found["answer"].unique().implode())
    return reviews(found.join(ingested.answers.load("answer", "key", where=named), on="answer"))


def _manifest(
    recipe: Recipe,
    tally: Tally,
    tables: Sequence[Table],
    selection: Selection,
    inputs: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    ordered = sorted((dict(i) for i in inputs), key=lambda i: orjson.dumps(i, option=_SORTED))
    return {
        "kind": KIND,
        "versions": versions(),
        "recipe": {"text": recipe.text(), "sha256": recipe.sha256()},
        "seed": recipe.seed,
        "inputs": ordered,
        **tally.plain(),
        "refused": selection.refused,
        "facts": selection.facts,
        "core": {"wanted": recipe.core_rows(), "clamped": recipe.core_is_clamped()},
        "natural": recipe.natural,
        "behaviours": [count.plain() for count in selection.counts],
        "shortfalls": [shortfall.plain() for shortfall in selection.shortfalls],
        "conflicts": [conflict.plain() for conflict in selection.conflicts],
        "signals": [signal.plain() for signal in selection.signals],
        "pair_audit": selection.pair_audit.plain() if selection.pair_audit else None,
        "drafts": [count.plain() for count in selection.drafts],
        "tables": [table.plain() for table in tables],
    }


_SORTED = orjson.OPT_SORT_KEYS


def _write_manifest(staging: Staging, manifest: dict[str, Any], tables: Sequence[Table]) -> None:
    rows = {name: count for table in tables for name, count in table.files().items()}
    names = sorted(
        str(p.relative_to(staging.staged)) for p in staging.staged.rglob("*") if p.is_file()
    )
    files = [export_file_description(staging.staged, name, rows.get(name)) for name in names]
    (staging.staged / MANIFEST).write_bytes(to_bytes({**manifest, "files": files}))


def _nothing(outcome: Outcome, *, kept: bool) -> NothingUsable:
    why = [
        f"{what}: " + ", ".join(f"{reason} {count}" for reason, count in sorted(counts.items()))
        for what, counts in (
            ("inputs rejected", outcome.reasons["rejected"]),
            ("records dropped", outcome.reasons["dropped"]),
        )
        if counts
    ]
    reasons = "; ".join(why) or "there were none"
    what = f"Of {outcome.answers['read']} inputs none became a row ({reasons})."
    if kept:
        fix = "name another --out for the ledger of every input, or replace it with --overwrite"
        return NothingUsable(
            f"{what} The export that was there is kept.", where=str(outcome.out), fix=fix
        )
    return NothingUsable(
        what,
        where=str(outcome.out / MANIFEST),
        fix=fix_without_rows(outcome.answers["read"], outcome.reasons["rejected"])
        or "the ledger next to it has the reason for every input",
    )
