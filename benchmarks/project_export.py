"""How long `goldleaf export project:N` takes against Label Studio's own JSON export of the same.

    python benchmarks/project_export.py 1000 2000 [--rounds 5]

Every task has an answer and a draft. Both run in turn, several times, and medians are compared:
the whole command (start of the process, reading, writing all files), and Label Studio's export with
all tasks, read to its last byte and written to a file. Label Studio runs on the same machine.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
from prelabel import KIND, rows, said
from spent import Spent, spent

from goldleaf.core.data_dir import DataDir
from goldleaf.label_configs.answers import to_annotation
from goldleaf.label_configs.preference.codec import Answer
from goldleaf.label_configs.regions import to_regions
from goldleaf.studio.annotation_stream import stream_tasks
from goldleaf.studio.client import Studio
from goldleaf.studio.embedded_label_studio import EmbeddedStudio
from goldleaf.studio.projects import create_project
from goldleaf.workflows.prelabel import prelabel as run

CHUNK = 250
"""Answered tasks sent in one request."""


def answered(studio: Studio, count: int, models: Path) -> int:
    """Make a project in which each task has an answer and a draft; return its number."""
    project = create_project(studio, KIND)
    import_answered(studio, project, rows(count))
    run(studio, project, models)
    return project


def import_answered(studio: Studio, project: int, data: Iterable[dict[str, Any]]) -> None:
    """Import tasks that have an answer."""
    regions = to_regions(to_annotation(Answer("b")), KIND.screen)
    tasks = ({"data": each, "annotations": [{"result": regions}]} for each in data)
    while chunk := list(islice(tasks, CHUNK)):
        studio.post(f"/api/projects/{project}/import", chunk)


def access(studio: Studio) -> str:
    """Return a short-lived access token, as the browser has one; asking for it is not timed."""
    answer = httpx.post(f"{studio.url}/api/token/refresh", json={"refresh": studio.token})
    return str(answer.raise_for_status().json()["access"])


def own_export(studio: Studio, project: int, file: Path, token: str, kind: str = "JSON") -> None:
    """Have Label Studio export the project, as its menu does, and write what comes."""
    with (
        httpx.Client(base_url=studio.url, timeout=300, trust_env=False) as client,
        open(file, "wb") as output,
        client.stream(
            "GET",
            f"/api/projects/{project}/export",
            params={"exportType": kind, "download_all_tasks": "true"},
            headers={"Authorization": f"Bearer {token}"},
        ) as answer,
    ):
        answer.raise_for_status()
        for part in answer.iter_bytes():
            output.write(part)


def command(studio: Studio, project: int, out: Path, state: DataDir) -> None:
    """Run `goldleaf export`."""
    goldleaf = Path(sys.executable).with_name("goldleaf")
    where = {"GOLDLEAF_URL": studio.url, "GOLDLEAF_TOKEN": studio.token}
    subprocess.run(
        [goldleaf, "export", f"project:{project}", "--out", out, "--data-dir", state.path],
        env={**os.environ, **where},
        stdout=subprocess.DEVNULL,
        check=True,
    )


def measure(running: EmbeddedStudio, count: int, folder: Path, rounds: int) -> str:
    """Return one row of the table."""
    studio, state = running.studio, DataDir(folder / "mine").create()
    project = answered(studio, count, folder / "models")
    file = folder / "menu.json"
    own: list[Spent] = []
    ours: list[Spent] = []
    read: list[Spent] = []
    for number in range(rounds):
        out, token = folder / f"out-{count}-{number}", access(studio)
        own.append(spent(partial(own_export, studio, project, file, token), running.pid))
        ours.append(spent(partial(command, studio, project, out, state), running.pid))
        read.append(spent(partial(read_all, studio, project), running.pid))
    studio.delete(f"/api/projects/{project}/")
    cells: list[str] = []
    for of in (lambda each: each.wall, lambda each: each.cpu):
        least, whole, reading = (statistics.median(map(of, each)) for each in (own, ours, read))
        cells += [f"{least:.2f}", f"{whole:.2f}", f"{reading:.2f}", f"{whole / least:.2f}"]
    return " | ".join([f"| {count:,}", *cells]) + " |"


def read_all(studio: Studio, project: int) -> None:
    """Read the answers and do nothing with them."""
    for _ in stream_tasks(studio, project):
        pass


def main() -> None:
    """Print the table for the sizes given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", type=int, nargs="*", default=[1000, 2000])
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    said(
        "| tasks | Label Studio's own, s | goldleaf export, s | reading alone, s | times its own "
        "| its own, CPU s | goldleaf export, CPU s | reading, CPU s | times its own, CPU |"
    )
    said("|---|" + "---:|" * 8)
    with (
        tempfile.TemporaryDirectory() as folder,
        EmbeddedStudio(DataDir(Path(folder, "state"))) as running,
    ):
        for size in given.sizes:
            said(measure(running, size, Path(folder), given.rounds))


if __name__ == "__main__":
    main()
