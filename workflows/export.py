"""Sources in, a plan or a published export out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from goldleaf.core.settings import Settings, load
from goldleaf.workflows.export_sources import ExportSource, open_source

if TYPE_CHECKING:
    from goldleaf.exporters.dry_run import DryRun
    from goldleaf.exporters.report.export_summary import Outcome
    from goldleaf.recipes.recipe import Recipe
    from goldleaf.studio.client import Studio

Source = str | Path | ExportSource
"""`project:NUMBER`, a Label Studio JSON export (`.json`), a `records.jsonl`, or an opened one."""
Progress = Callable[[str, float], None]


def plan(
    sources: Source | Sequence[Source],
    recipe: Recipe | Path | str | None = None,
    *,
    formats: Sequence[str] = ("trl",),
    settings: Settings | None = None,
    reading: Path | str | None = None,
    progress: Progress | None = None,
    notify: Callable[[str], None] = lambda message: None,
) -> DryRun:
    """Return what an export would hold now, and what is still missing; nothing is written.

    >>> plan("records.jsonl").rows
    2

    Args:
        sources: one or several of `project:NUMBER`, a Label Studio JSON export, `records.jsonl`.
        recipe: a recipe, its file, or a model's size (`"8B"`); by default the plain recipe.
        formats: as in `export`: some formats cannot hold what others hold.
        settings: where Label Studio is; read from `goldleaf.toml` and `GOLDLEAF_*` by default.
        reading: the file that says what the answers of a foreign project mean.
        progress: called with a stage and how many it has done.
        notify: called with what a person should know of a project while it is read.

    Raises:
        UsageError: a source or the recipe cannot be read.
    """
    from goldleaf.exporters.dry_run import dry_run
    from goldleaf.exporters.ingest.record_sources import SourceList
    from goldleaf.workflows.recipes import load_recipe

    opened = _opened(sources, settings, None, notify, reading)
    readings = SourceList([source.readings for source in opened])
    return dry_run(readings, load_recipe(recipe), formats=formats, progress=progress)


def export(
    sources: Source | Sequence[Source],
    out: Path | str,
    recipe: Recipe | Path | str | None = None,
    *,
    formats: Sequence[str] = ("trl",),
    lang: str = "",
    overwrite: bool = False,
    settings: Settings | None = None,
    studio: Studio | None = None,
    reading: Path | str | None = None,
    gold: bool = False,
    progress: Progress | None = None,
    notify: Callable[[str], None] = lambda message: None,
) -> Outcome:
    """Export answers to files that trainers load; the same answers always give the same bytes.

    >>> export("records.jsonl", "out").rows
    2

    Args:
        sources: one or several of `project:NUMBER`, a Label Studio JSON export, `records.jsonl`.
        out: the folder to write.
        recipe: a recipe, its file, or a model's size (`"8B"`); by default the plain recipe.
        formats: names of formats, such as `trl`, `llamafactory`, `openai`.
        lang: language of the card, `en` or `zh`; the settings' by default.
        overwrite: replace an export even if files in it were changed or added.
        settings: where Label Studio is; read from `goldleaf.toml` and `GOLDLEAF_*` by default.
        studio: an open Label Studio to use instead of the settings' one.
        reading: the file that says what the answers of a foreign project mean.
        gold: export the answers to gold questions, too.
        progress: called with a stage and how many it has done.
        notify: called with what a person should know of a project while it is read.

    Raises:
        UsageError: a source or the recipe cannot be read, or `out` is not ours to replace.
        NothingUsable: no row came out; `out` holds the reason for every input.
    """
    from goldleaf.exporters.export import export as run
    from goldleaf.exporters.ingest.record_sources import SourceList
    from goldleaf.workflows.recipes import load_recipe

    settings = settings or load()
    opened = _opened(sources, settings, studio, notify, reading, gold=gold)
    return run(
        SourceList([source.readings for source in opened]),
        load_recipe(recipe),
        Path(out),
        formats=formats,
        lang=lang or settings.language,
        inputs=[source.description for source in opened],
        check_inputs=lambda: [source.check() for source in opened],
        overwrite=overwrite,
        progress=progress,
    )


def _opened(
    sources: Source | Sequence[Source],
    settings: Settings | None,
    studio: Studio | None,
    notify: Callable[[str], None],
    reading: Path | str | None,
    *,
    gold: bool = False,
) -> list[ExportSource]:
    several = [sources] if isinstance(sources, str | Path | ExportSource) else sources
    settings = settings or load()
    file = Path(reading) if reading else None
    return [
        source
        if isinstance(source, ExportSource)
        else open_source(str(source), settings, studio, notify, file, gold=gold)
        for source in several
    ]
