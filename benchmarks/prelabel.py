"""How long `goldleaf prelabel` takes against the floor of the same run, in a real Label Studio.

    python benchmarks/prelabel.py 1000 2000 5000

The floor: list a project's tasks once (`id`, `data`), draft them, post each draft once, as many in
a request as we do. `again` repeats the run, with nothing left to do. CPU seconds are ours and Label
Studio's, where it was started here. "Beyond the predictor" is the first run less what the predictor
takes for the same tasks without Label Studio. GOLDLEAF_URL and GOLDLEAF_TOKEN name a Label Studio
that runs already; else one is started.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from spent import Spent, spent

from goldleaf.backend.predictions import draft_predictions
from goldleaf.backend.predictors.predictor_registry import open_predictor
from goldleaf.core.data_dir import DataDir
from goldleaf.core.records import Candidate, Comparison, Turn
from goldleaf.label_configs.registry import kind_named
from goldleaf.label_configs.screen import parse
from goldleaf.studio.client import Studio
from goldleaf.studio.embedded_label_studio import EmbeddedStudio
from goldleaf.studio.held_drafts import LARGEST
from goldleaf.studio.projects import create_project, get_project
from goldleaf.studio.task_import import import_tasks
from goldleaf.studio.task_pagination import iterate_tasks
from goldleaf.workflows.prelabel import prelabel as run

KIND = kind_named("preference")


def rows(count: int) -> Iterator[dict[str, Any]]:
    """Yield comparisons of which each gets a draft: one side refuses."""
    for number in range(count):
        asked = (Turn("user", f"Name {number} rivers of Asia."),)
        answers = (f"I'm sorry, but I can't help with {number}.", f"The Lena, and {number} more.")
        sides = tuple(Candidate((Turn("assistant", text),)) for text in answers)
        yield KIND.codec.to_task(Comparison(context=asked, candidates=sides))


def floor(studio: Studio, project: int, models: Path) -> None:
    """List once, draft once, post once."""
    screen = parse(get_project(studio, project)["label_config"])
    tasks = list(iterate_tasks(studio, project, include=("id", "data")))
    drafts = draft_predictions(KIND, screen, tasks, open_predictor("auto", models))
    given = [{"task": t["id"], **draft} for t, draft in zip(tasks, drafts, strict=True) if draft]
    path = f"/api/projects/{project}/import/predictions"
    for start in range(0, len(given), LARGEST):
        studio.post(path, given[start : start + LARGEST], timeout=600)


def predictor_alone(count: int, models: Path) -> Spent:
    """Return what the predictor itself takes for the same rows, opened anew."""
    tasks = [{"id": number, "data": data} for number, data in enumerate(rows(count))]
    predictor = open_predictor("auto", models)
    return spent(lambda: draft_predictions(KIND, KIND.screen, tasks, predictor))


def measure(studio: Studio, count: int, models: Path, server: int | None = None) -> str:
    """Return one row of the table."""
    projects = [create_project(studio, KIND) for _ in range(2)]
    try:
        for project in projects:
            import_tasks(studio, project, rows(count))
        least = spent(lambda: floor(studio, projects[0], models), server)
        first = spent(lambda: run(studio, projects[1], models), server)
        again = spent(lambda: run(studio, projects[1], models), server)
        own = predictor_alone(count, models)
    finally:
        for project in projects:
            studio.delete(f"/api/projects/{project}/")
    return (
        f"| {count:,} | {least.wall:.1f} | {first.wall:.1f} | {first.wall / least.wall:.2f} "
        f"| {again.wall:.2f} | {again.wall / first.wall:.3f} "
        f"| {1000 * least.cpu / count:.1f} | {1000 * first.cpu / count:.1f} "
        f"| {first.cpu / least.cpu:.2f} | {again.cpu / first.cpu:.3f} "
        f"| {1000 * own.cpu / count:.2f} | {1000 * (first.cpu - own.cpu) / count:.2f} "
        f"| {1000 * (first.wall - own.wall) / count:.2f} |"
    )


def said(row: str) -> None:
    """Write a row at once: a large size takes minutes."""
    sys.stdout.write(row + "\n")
    sys.stdout.flush()


def main() -> None:
    """Print the table for the sizes given."""
    sizes = [int(size) for size in sys.argv[1:]] or [1000, 2000]
    said(
        "| tasks | floor, s | first, s | times the floor | again, s | of the first "
        "| floor, CPU ms a task | first, CPU ms a task | times the floor, CPU "
        "| again of the first, CPU | the predictor alone, CPU ms a task "
        "| beyond the predictor, CPU ms a task | the same on the clock |"
    )
    said("|---|" + "---:|" * 12)
    with tempfile.TemporaryDirectory() as folder:
        models = Path(folder, "models")
        url, token = os.environ.get("GOLDLEAF_URL"), os.environ.get("GOLDLEAF_TOKEN")
        if url and token:
            with Studio(url, token) as studio:
                for size in sizes:
                    said(measure(studio, size, models))
            return
        with EmbeddedStudio(DataDir(Path(folder, "state"))) as running:
            for size in sizes:
                said(measure(running.studio, size, models, running.pid))


if __name__ == "__main__":
    main()
