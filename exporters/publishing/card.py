"""The dataset card (`README.md`) for readers, the Hugging Face Hub and `load_dataset`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import yaml

from goldleaf.core.escape_invisible import escape_invisible
from goldleaf.core.translations import Translations
from goldleaf.exporters.planning.select import Selection
from goldleaf.exporters.report.conflict_text import suggested_fixes
from goldleaf.exporters.report.report import REPORT
from goldleaf.exporters.report.statistics import refusals, twin_rows
from goldleaf.exporters.rules.target_result import percent
from goldleaf.trainers.table import Table

CARD = "README.md"
_HUB_LICENCES = (
    "apache-2.0",
    "mit",
    "cc0-1.0",
    "cc-by-4.0",
    "cc-by-sa-4.0",
    "cc-by-nc-4.0",
    "cc-by-sa-3.0",
    "odc-by",
    "bsd-3-clause",
)
_SIZES = (
    *((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M")),
    *((10_000_000, "1M<n<10M"), (100_000_000, "10M<n<100M"), (1_000_000_000, "100M<n<1B")),
)
"""The Hub's own names for how many rows there are."""


def write_all(
    staged: Path,
    manifest: Mapping[str, Any],
    tables: Sequence[Table],
    selection: Selection,
    words: Translations,
) -> None:
    """Write the dataset card of an export, and of each folder that `load_dataset` reads alone.

    Args:
        staged: the folder being made.
        manifest: sums, reasons and recipe.
        tables: what was written.
        selection: its facts, counts and shortfalls.
        words: the language, with the titles of the recipe's own behaviours.
    """
    known = {"w": words, "manifest": manifest, "facts": selection.facts}
    _write_card(staged, tables, selection, known | {"report": REPORT})
    for name in sorted({table.format for table in tables if table.is_packed}):
        own = [replace(table, format="") for table in tables if table.format == name]
        _write_card(staged / name, own, selection, known | {"report": f"../{REPORT}"})


def _write_card(
    folder: Path, tables: Sequence[Table], selection: Selection, known: Mapping[str, Any]
) -> None:
    """Write the card of one folder that `load_dataset` reads.

    It reads files of one type a folder: formats other than JSON Lines have their own card.
    """
    loaded = [table for table in tables if not (table.format and table.is_packed)]
    rows = sum(sum(table.rows.values()) for table in tables)
    front = front_matter(loaded, selection.facts, rows)
    text = _rendered(
        "card",
        front=yaml.safe_dump(front, sort_keys=True, allow_unicode=True, width=1_000),
        rows=rows,
        tables=tables,
        loaded=loaded,
        configs=[config for table in loaded for config in table.configs],
        selection=selection,
        over_refusal=_over_refusal(selection),
        suggested_fixes=suggested_fixes,
        **known,
    )
    (folder / CARD).write_text(text, "utf-8")


def front_matter(
    tables: Sequence[Table], facts: Mapping[str, Mapping[str, int]], rows: int
) -> dict[str, Any]:
    """Return the YAML front matter of a card, which the Hub and `load_dataset` read.

    Args:
        tables: those that it lists as configs.
        facts: fact -> value -> records (`Selection.facts`). An unstated licence is `unknown`,
            several or one that the Hub does not know are `other`.
        rows: of all tables, for the size category.
    """
    configs: list[dict[str, Any]] = [
        {
            "config_name": config,
            "data_files": [{"split": side, "path": path} for side, path in files.items()],
        }
        for table in tables
        for config, files in table.configs.items()
    ]
    if configs:
        configs[0]["default"] = True
    front: dict[str, Any] = {
        "pretty_name": "Alignment data made with goldleaf",
        "tags": ["goldleaf", *_uses(tables), *sorted({table.format for table in tables} - {""})],
        "task_categories": ["text-generation"],
        "size_categories": [next((name for top, name in _SIZES if rows < top), "1B<n<10B")],
        **_licence(facts.get("licence", {})),
    }
    named = facts.get("language", {})
    languages = [
        name for name in named if len(name) in (2, 3) and name.isascii() and name.isalpha()
    ]
    return front | ({"language": languages} if languages else {}) | {"configs": configs}


def _uses(tables: Sequence[Table]) -> list[str]:
    uses = sorted({table.stem.partition("_")[0] for table in tables})
    return [*uses, "preference", "reward-model"] if "dpo" in uses else uses


def _over_refusal(selection: Selection) -> dict[str, int]:
    """Return distinct refusals and rows of benign twins where there are too few of these (S12)."""
    refused, twins = refusals(selection.counts), twin_rows(selection.counts)
    return {"refusals": refused, "twins": twins} if 2 * twins < refused else {}


def _licence(licences: Mapping[str, int]) -> dict[str, Any]:
    """Return the licence as the Hub knows it; a mixture or an unknown one is `other`."""
    names = sorted(name.lower() for name in licences)
    if not names or names == ["unstated"]:
        return {"license": "unknown"}
    if len(names) == 1 and names[0] in _HUB_LICENCES:
        return {"license": names[0]}
    return {"license": "other", "license_name": "see-the-card"}


def _cell(text: object) -> str:
    """Return a text that stays inside its cell of a Markdown table."""
    flat = escape_invisible(" ".join(str(text).split()))
    return flat.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("`", "'")


def _rendered(name: str, **known: Any) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("goldleaf.exporters.publishing", ""),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # Markdown; `cell` guards what comes from data
    )
    filters = {"cell": _cell, "percent": percent}
    cast("dict[str, Any]", environment.filters).update(filters)
    return environment.get_template(f"{name}.md.jinja").render(**known)
