"""The memory of `goldleaf prelabel`, its time beyond the predictor's own, and what kills do to it.

    python benchmarks/prelabel_process.py 1000 10000 [--kills 40]

In a real Label Studio. Memory is the largest that the command's process ever held. With `--kills`,
the command is ended by kill -9 at random moments of a project of the last size, begun again each
time, and finished; then Label Studio is asked which tasks have how many predictions.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from prelabel import KIND, rows, said

from goldleaf.backend.predictions import draft_predictions
from goldleaf.backend.predictors.predictor_registry import open_predictor
from goldleaf.core.data_dir import DataDir
from goldleaf.studio.client import Studio
from goldleaf.studio.embedded_label_studio import EmbeddedStudio
from goldleaf.studio.projects import create_project
from goldleaf.studio.task_import import import_tasks
from goldleaf.studio.task_pagination import iterate_tasks


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that has ended: seconds, the most memory it held in MB, whether it was killed."""

    seconds: float
    megabytes: float
    killed: bool


def command(studio: Studio, project: int, state: DataDir, kill_after: float | None = None) -> Ended:
    """Run the command, and kill it after so many seconds if it still runs."""
    began = time.monotonic()
    process = subprocess.Popen(
        [
            *(Path(sys.executable).with_name("goldleaf"), "prelabel", str(project)),
            *("--data-dir", state.path),
        ],
        env={**os.environ, "GOLDLEAF_URL": studio.url, "GOLDLEAF_TOKEN": studio.token},
        stdout=subprocess.DEVNULL,
    )
    killed = False
    if kill_after is not None:
        try:
            process.wait(kill_after)
        except subprocess.TimeoutExpired:
            process.kill()
            killed = True
            process.wait()
        return Ended(time.monotonic() - began, 0.0, killed)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"goldleaf prelabel ended with {process.returncode}")
    return Ended(time.monotonic() - began, used.ru_maxrss / 1024, killed)


def main() -> None:
    """Print a line for each size, and one for the kills."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", type=int, nargs="+")
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        EmbeddedStudio(DataDir(Path(folder, "state"))) as running,
    ):
        studio, state = running.studio, DataDir(Path(folder, "mine")).create()
        said("| tasks | command, s | predictor's own, s | ms a stored task beyond it | peak MB |")
        said("|---:|---:|---:|---:|---:|")
        whole = 0.0
        for size in given.sizes:
            project = create_project(studio, KIND)
            import_tasks(studio, project, rows(size))
            done = command(studio, project, state)
            tasks = [{"id": n, "data": data} for n, data in enumerate(rows(size))]
            began = time.monotonic()
            draft_predictions(KIND, KIND.screen, tasks, open_predictor("auto", state.models))
            own, whole = time.monotonic() - began, done.seconds
            beyond = 1000 * (done.seconds - own) / size
            said(
                f"| {size:,} | {done.seconds:.1f} | {own:.1f} | {beyond:.2f}"
                f" | {done.megabytes:.0f} |"
            )
            studio.delete(f"/api/projects/{project}/")
        if given.kills:
            size = given.sizes[-1]
            project = create_project(studio, KIND)
            import_tasks(studio, project, rows(size))
            moments, killed = random.Random(given.seed), 0
            for _ in range(given.kills):
                killed += command(studio, project, state, moments.uniform(0.3, whole)).killed
            command(studio, project, state)
            counts: Counter[int] = Counter()
            for task in iterate_tasks(studio, project, include=("id", "total_predictions")):
                counts[int(task["total_predictions"])] += 1
            said(
                f"{given.kills} runs, {killed} of them killed: "
                f"{counts[1]:,} of {size:,} tasks have one prediction, {counts[0]:,} none, "
                f"{sum(n for times, n in counts.items() if times > 1):,} more than one"
            )


if __name__ == "__main__":
    main()
