"""Which pages on training with TRL stand beside an export: one for each of its trainings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from goldleaf.exporters.publishing.table import Table
from goldleaf.formats.training_runs import Run, runs

TRAINERS = {"sft": "SFT", "dpo": "DPO", "kto": "KTO", "stepwise": "PRM"}
"""What a table is for -> what TRL's class for it begins with."""

FORMATS = ("trl", "parquet")
"""Formats that TRL reads."""


def training_pages(tables: Sequence[Table]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (path inside OUT, what the page is to say) for every training that TRL is good for.

    A table that has only test rows has a page as well. What a page says: `table`, `run`, `title`,
    `root` (the folder that `load_dataset` is given), `config` and `test_config`, `model` (of the
    training before, or empty), `trainer` (what the class begins with), `weights`.
    """
    for format in FORMATS:
        own = [table for table in tables if table.format == format]
        by_name = {table.name: table for table in own}
        for run in runs(own):
            yield _page(by_name[run.table], run, by_name)
        for table in own:
            if "train" not in table.rows:
                yield _page(table, Run(table.name, table.name, table.name, "", "", False, 0), {})


def _page(table: Table, run: Run, tables: dict[str, Table]) -> tuple[str, dict[str, Any]]:
    up = "/".join([".."] * (run.folder.count("/") + 1))
    inside = table.config.removeprefix("parquet-")  # its folder has a dataset card of its own
    stage = run.folder.removeprefix(run.table).strip("/")
    told = {
        "table": table,
        "run": run,
        "title": run.folder,
        "root": up if table.is_packed else f"{up}/..",
        "config": f"{inside}-{stage}" if stage else inside,
        "test_config": f"{inside}-test" if stage and run.test else "",
        "model": f"{up}/{_folder(run.after, tables)}/model" if run.after else "",
        "trainer": TRAINERS[table.stem.partition("_")[0]],
        "weights": _weights(table),
    }
    return f"{table.format}/{run.folder}/README.md", told


def _folder(name: str, tables: dict[str, Table]) -> str:
    """Return the folder of the training of that name."""
    return next(run.folder for run in runs(list(tables.values())) if run.name == name)


def _weights(table: Table) -> dict[str, float]:
    """Return KTO's weights that even out its verdicts; nothing where they are all the same."""
    good, bad = table.verdicts.get(True, 0), table.verdicts.get(False, 0)
    if not good or not bad:
        return {}
    return {
        "desirable_weight": round(max(1.0, bad / good), 2),
        "undesirable_weight": round(max(1.0, good / bad), 2),
    }
