"""What a person reads in OUT: the dataset card, and how to train on each table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import yaml

from goldleaf.core.words import Words
from goldleaf.exporters.counts import percent
from goldleaf.exporters.select import Selection
from goldleaf.exporters.table import Table

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
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


def write_all(
    staged: Path,
    manifest: Mapping[str, Any],
    tables: Sequence[Table],
    selection: Selection,
    lang: str,
) -> None:
    """Write `README.md` of the export and of each table that has a trainer of ours to explain.

    Args:
        staged: the folder being made.
        manifest: sums, reasons and recipe.
        tables: what was written.
        selection: its facts, counts and shortfalls.
        lang: `en` or `zh`.
    """
    known = {"w": Words(lang), "manifest": manifest, "facts": selection.facts}
    _write_card(staged, tables, selection, known)
    for name in sorted({table.format for table in tables if table.is_packed}):
        own = [replace(table, format="") for table in tables if table.format == name]
        _write_card(staged / name, own, selection, known)
    for table in tables:
        if table.format == "trl":
            trainer = {"sft": "SFT", "dpo": "DPO", "kto": "KTO"}[table.stem.partition("_")[0]]
            weights = _weights(table)
            text = _rendered("trl", table=table, trainer=trainer, weights=weights, **known)
            (staged / table.format / table.name / CARD).write_text(text, "utf-8")


def _write_card(
    folder: Path, tables: Sequence[Table], selection: Selection, known: Mapping[str, Any]
) -> None:
    """Write the card of one folder that `load_dataset` reads.

    It reads files of one kind a folder: what is no JSON Lines has a card of its own beside it.
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
        selection=selection,
        over_refusal=_over_refusal(selection),
        **known,
    )
    (folder / CARD).write_text(text, "utf-8")


def front_matter(
    tables: Sequence[Table], facts: Mapping[str, Mapping[str, int]], rows: int
) -> dict[str, Any]:
    """Return the YAML block that the Hub and `load_dataset` read."""
    configs: list[dict[str, Any]] = [
        {
            "config_name": table.config,
            "data_files": [
                {"split": side, "path": table.file(side)}
                for side in ("train", "test")
                if side in table.rows
            ],
        }
        for table in tables
    ]
    if configs:
        configs[0]["default"] = True
    front: dict[str, Any] = {
        "pretty_name": "Alignment data made with goldleaf",
        "tags": ["goldleaf", *_uses(tables), *sorted({table.format for table in tables} - {""})],
        "task_categories": ["text-generation"],
        "size_categories": [next((name for top, name in _SIZES if rows < top), "n>1M")],
        **_licence(facts.get("licence", {})),
    }
    languages = [language for language in facts.get("language", {}) if len(language) in (2, 3)]
    return front | ({"language": languages} if languages else {}) | {"configs": configs}


def _uses(tables: Sequence[Table]) -> list[str]:
    uses = sorted({table.stem.partition("_")[0] for table in tables})
    return [*uses, "preference", "reward-model"] if "dpo" in uses else uses


def _over_refusal(selection: Selection) -> dict[str, int]:
    """Return distinct refusals and benign twins where there are too few of these (S12)."""
    found = {count.behaviour: count.examples for count in selection.counts if count.use == "sft"}
    refusals, twins = found.get("refusal", 0), found.get("benign_twin", 0)
    return {"refusals": refusals, "twins": twins} if 2 * twins < refusals else {}


def _weights(table: Table) -> dict[str, float]:
    """Return KTO's weights that even out its verdicts; nothing where they are all the same."""
    good, bad = table.verdicts.get(True, 0), table.verdicts.get(False, 0)
    if not good or not bad:
        return {}
    return {
        "desirable_weight": round(max(1.0, bad / good), 2),
        "undesirable_weight": round(max(1.0, good / bad), 2),
    }


def _licence(licences: Mapping[str, int]) -> dict[str, Any]:
    """Return the licence as the Hub knows it; a mixture or a strange one is `other`."""
    names = sorted(name.lower() for name in licences)
    if not names or names == ["unstated"]:
        return {"license": "unknown"}
    if len(names) == 1 and names[0] in _HUB_LICENCES:
        return {"license": names[0]}
    return {"license": "other", "license_name": "see-the-card"}


def _cell(text: object) -> str:
    """Return a text that stays inside its cell of a Markdown table."""
    flat = " ".join(str(text).split())
    return flat.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("`", "'")


def _rendered(name: str, **known: Any) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("goldleaf.exporters", ""),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # Markdown; `cell` guards what comes from data
    )
    filters = {"cell": _cell, "percent": percent}
    cast("dict[str, Any]", environment.filters).update(filters)
    return environment.get_template(f"{name}.md.jinja").render(**known)
