"""`report.html`: the contents of an export on one page without scripts or network access.

No clock is in it, so the same inputs produce the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from goldleaf.core.html_page import render_page
from goldleaf.core.json_values import object_or_empty
from goldleaf.core.translations import Translations
from goldleaf.curation.pair_audit.audit_page import pair_part
from goldleaf.exporters.ingest.behaviours import OWN
from goldleaf.exporters.planning.order import with_replays
from goldleaf.exporters.planning.select import Selection
from goldleaf.exporters.planning.targets import grouped
from goldleaf.exporters.report import mix_charts as charts
from goldleaf.exporters.report import statistics
from goldleaf.exporters.report.conflict_text import suggested_fixes
from goldleaf.exporters.report.edit_samples import edit_samples
from goldleaf.exporters.report.plan_summary import empty_prototypes
from goldleaf.exporters.report.samples import samples
from goldleaf.exporters.report.target_table import behaviour_names, target_table
from goldleaf.exporters.rules.target_result import percent
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.rule_cards import Card, cards
from goldleaf.trainers.table import Table

if TYPE_CHECKING:
    from goldleaf.exporters.ingest.ingest import Ingested

REPORT = "report.html"


@dataclass(frozen=True, slots=True)
class ReportInputs:
    """The data of a report: what an export has in memory when its tables are written.

    `rows` are those of `tables.in_output_order`; `spools` is the folder of the spill files.
    """

    recipe: Recipe
    ingested: Ingested
    selection: Selection
    rows: pl.DataFrame
    tables: Sequence[Table]
    spools: Path


def write_report(staged: Path, manifest: Mapping[str, Any], made: ReportInputs, lang: str) -> None:
    """Write the report page `report.html` into the folder of an export.

    Args:
        staged: the folder being made.
        manifest: sums, reasons, recipe and versions.
        made: what was read, chosen and written.
        lang: `en` or `zh`.
    """
    (staged / REPORT).write_text(rendered(manifest, made, lang), "utf-8", newline="\n")


def rendered(manifest: Mapping[str, Any], made: ReportInputs, lang: str) -> str:
    """Return the HTML of the report; its content policy allows only the styles on the page."""
    words = made.recipe.translations(lang)
    context = {
        "w": words,
        "suggested_fixes": suggested_fixes,
        "manifest": manifest,
        "made": made,
        "selection": made.selection,
        "natural": behaviour_names(made.recipe.natural, words),
        **_statistics(manifest, made, words),
    }
    package = "goldleaf.exporters.report"
    return render_page(package, "report.html.jinja", context, {"percent": percent})


def _statistics(
    manifest: Mapping[str, Any], made: ReportInputs, words: Translations
) -> dict[str, Any]:
    """Return statistics and charts by their names in the template."""
    selection, examples = made.selection, made.ingested.tables.examples
    own = [column for column in examples.schema if column.startswith(OWN)]
    before = examples.load("use", "behaviours", "tokens", "prototype", "language", *own)
    kept = selection.kept.select("use", "side", "copies", "replays", "stage", "arrival", *_SHOWN)
    kept = kept.filter(side="train")
    trained = with_replays(kept).drop("side", "replays", "stage")
    sft = trained.filter(use="sft").select("tokens", "copies")
    mixes = statistics.mix(before, selection.counts)
    prototypes = statistics.groups(before, trained, "prototype")
    named = [group for group in prototypes if group.value]
    languages = statistics.groups(before, trained, "language")
    lengths = statistics.lengths(trained)
    origins = statistics.origins(selection.facts.get("origin", {}))
    return {
        "sides": {side: _rows(made.tables, side) for side in ("train", "test")},
        "distinct": trained.height,
        "tokens": int((trained["tokens"].cast(int) * trained["copies"].cast(int)).sum()),
        "targets": target_table(selection.targets, selection.before, words),
        "mixes": mixes,
        "mix_charts": charts.mix_charts(mixes, grouped(selection.targets, selection.before), words),
        "refusals": statistics.refusals(selection.counts),
        "twins": statistics.twin_rows(selection.counts),
        "origins": origins,
        "ways": [way for way in charts.ORIGINS if any(way in counts for _, counts in origins)],
        "origins_chart": charts.origins_chart(origins, words),
        "most_drafts": charts.most_drafts(selection.drafts),
        "drafts_chart": charts.drafts_chart(selection.drafts, words),
        "pool": before.height,
        "prototypes": named,
        "unnamed": sum(group.before for group in prototypes if not group.value),
        "empty_prototypes": empty_prototypes((group.value for group in named), words),
        "prototypes_chart": charts.group_chart(named, words, words("report.prototypes_chart")),
        "languages": languages,
        "languages_chart": charts.group_chart(languages, words, words("report.languages_chart")),
        "lengths": lengths,
        "lengths_chart": charts.lengths_chart(lengths, words) if lengths else "",
        "drop_reasons": statistics.drop_reasons(selection.why, manifest["reasons"]),
        "repeats": statistics.repeats(sft),
        "repeat_rows": int(sft["copies"].sum()) or 1,
        "fact_shares": statistics.of_facts(
            trained, made.ingested.tables.facts.load(), made.ingested.tables.known
        ),
        "stages": statistics.stages(kept.filter(use="sft")),
        "conflicts": selection.conflicts,
        "pairs": pair_part(selection.pair_audit, words) if selection.pair_audit else "",
        "openings": statistics.openings(made.rows, selection.kept),
        "edits": edit_samples(made.spools, made.rows, selection.kept),
        "samples": samples(made.spools, made.rows, selection.kept),
        "cards": in_force(made.recipe, words.lang),
        "most": {
            "prototypes": statistics.MOST_PROTOTYPES,
            "annotators": statistics.MOST_ANNOTATORS,
        },
    }


_SHOWN = ("tokens", "prototype", "language")
"""What is shown of the examples that are trained on."""


def in_force(recipe: Recipe, lang: str) -> list[Card]:
    """Return the cards of rules that differ from `Recipe()` in a key, and of those without keys."""
    own, plain = recipe.model_dump(), Recipe().model_dump()
    return [
        card
        for card in cards(lang)
        if not card.keys or any(_at(own, key) != _at(plain, key) for key in card.keys)
    ]


def _at(values: Mapping[str, Any], key: str) -> Any:
    """Return the value of a dotted key; None if it is missing."""
    found: Any = values
    for part in key.split("."):
        found = object_or_empty(found).get(part)
    return found


def _rows(tables: Sequence[Table], side: str) -> int:
    """Return the rows of one side in one format; the other formats hold the same rows."""
    return sum(table.rows.get(side, 0) for table in tables if table.format == tables[0].format)
