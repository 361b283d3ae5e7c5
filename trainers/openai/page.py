"""The page on the order of training jobs, where a recipe asks for an order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from goldleaf.core.translations import Translations
from goldleaf.trainers.table import Table
from goldleaf.trainers.training_plan import runs


def pages(tables: Sequence[Table], words: Translations) -> Mapping[str, str]:
    """Return `README.md` where order matters: the jobs of all stages, or what no service promises.

    No page for other tables. A service is given files and settings by its own page or API, so there
    are no configuration files.
    """
    staged = [run for run in runs(tables) if run.folder != run.table]
    ordered = ", ".join(f"`{table.name}`" for table in tables if table.ordered)
    sections: list[str] = []
    if staged:
        jobs = [f"{number}. `{run.train}`" for number, run in enumerate(staged, 1)]
        sections.append("\n".join([words("trainer.services_staged"), "", *jobs]))
    if ordered:
        sections.append(words("trainer.services_ordered", tables=ordered))
    return {"README.md": "\n\n".join(sections) + "\n"} if sections else {}
