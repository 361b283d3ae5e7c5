"""The memory of `goldleaf prelabel`, its time beyond the predictor's own, and what kills do to it.

    python benchmarks/prelabel_process.py 1000 10000 [--kills 40] [--export]

In a real Label Studio. CPU seconds are those of the command and of Label Studio together. Memory is
the largest that the command's process ever held. With `--export`, every task gets an answer, and
`goldleaf export` of the project is measured in the same way. With `--kills`, the command is ended
by kill -9 at random moments of a project of the last size, begun again each time, and finished;
then Label Studio is asked which tasks have how many predictions.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from prelabel import KIND, predictor_alone, rows, said
from project_export import import_answered
from spent import cpu_of

from goldleaf.core.data_dir import DataDir
from goldleaf.studio.client import Studio
from goldleaf.studio.embedded_label_studio import EmbeddedStudio
from goldleaf.studio.projects import create_project
from goldleaf.studio.task_import import import_tasks
from goldleaf.studio.task_pagination import iterate_tasks


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that has ended: seconds, its CPU seconds and the server's, the most MB it held."""

    seconds: float
    cpu: float
    server_cpu: float
    megabytes: float
    killed: bool = False


@dataclass(frozen=True, slots=True)
class Commands:
    """Runs goldleaf's commands against a Label Studio, whose process is `server`."""

    studio: Studio
    server: int
    state: DataDir

    def run(self, *arguments: object, kill_after: float | None = None) -> Ended:
        """Run a command, and kill it after so many seconds if it still runs."""
        server, began = cpu_of(self.server), time.monotonic()
        process = subprocess.Popen(
            [
                *(Path(sys.executable).with_name("goldleaf"), *map(str, arguments)),
                *("--data-dir", self.state.path),
            ],
            env={
                **os.environ,
                "GOLDLEAF_URL": self.studio.url,
                "GOLDLEAF_TOKEN": self.studio.token,
            },
            stdout=subprocess.DEVNULL,
        )
        timer = threading.Timer(kill_after or 0.0, process.kill)
        if kill_after is not None:
            timer.start()
        _, status, used = os.wait4(process.pid, 0)
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        killed = process.returncode == -signal.SIGKILL
        if process.returncode and not killed:
            raise SystemExit(f"goldleaf {arguments[0]} ended with {process.returncode}")
        return Ended(
            *(time.monotonic() - began, used.ru_utime + used.ru_stime),
            *(cpu_of(self.server) - server, used.ru_maxrss / 1024, killed),
        )


def prelabel_row(commands: Commands, project: int, size: int) -> str:
    """Return the row of a prelabel."""
    done = commands.run("prelabel", project)
    # In a process of its own: what the system says that a child held includes its parent's memory.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
        own = apart.submit(predictor_alone, size, commands.state.models).result()
    beyond = [
        f"{1000 * (whole - alone) / size:.2f}"
        for whole, alone in ((done.cpu + done.server_cpu, own.cpu), (done.seconds, own.wall))
    ]
    cells = [f"{size:,}", f"{done.seconds:.1f}", f"{done.cpu:.1f}", f"{done.server_cpu:.1f}"]
    cells += [f"{own.cpu:.2f}", *beyond, f"{done.megabytes:.0f}"]
    return "| " + " | ".join(cells) + " |"


def export_row(commands: Commands, project: int, size: int, out: Path) -> str:
    """Return the row of an export."""
    done = commands.run("export", f"project:{project}", "--out", out)
    cells = [f"{size:,}", f"{done.seconds:.1f}", f"{done.cpu:.1f}", f"{done.server_cpu:.1f}"]
    return "| " + " | ".join([*cells, f"{done.megabytes:.0f}"]) + " |"


def kills(commands: Commands, size: int, times: int, seed: int, longest: float) -> str:
    """Kill the command again and again; return what became of the tasks.

    A round ends with a run that came to its end; then the predictions are counted and deleted.
    """
    studio = commands.studio
    project = create_project(studio, KIND)
    import_tasks(studio, project, rows(size))
    moments, killed, rounds = random.Random(seed), 0, 0
    counts: Counter[int] = Counter()
    while killed < times:
        while killed < times:
            after = moments.uniform(0.3, longest)
            if not commands.run("prelabel", project, kill_after=after).killed:
                break
            killed += 1
            sys.stderr.write(f"{killed}: after {after:.1f} s, {stored(studio, project)} stored\n")
        commands.run("prelabel", project)
        rounds += 1
        for task in iterate_tasks(studio, project, include=("id", "total_predictions")):
            counts[int(task["total_predictions"])] += 1
        sys.stderr.write(f"round {rounds}: {stored(studio, project)} stored\n")
        studio.post(
            "/api/dm/actions",
            {"selectedItems": {"all": True, "excluded": []}},
            {"id": "delete_tasks_predictions", "project": project},
            timeout=600,
        )
    return (
        f"{killed} kills in {rounds} rounds of {size:,} tasks: "
        f"{counts[1]:,} of {rounds * size:,} tasks have one prediction, {counts[0]:,} none, "
        f"{sum(n for times, n in counts.items() if times > 1):,} more than one"
    )


def stored(studio: Studio, project: int) -> int:
    """Return how many predictions a project has."""
    return sum(studio.get(f"/api/projects/{project}/model-versions/").values())


def main() -> None:
    """Print a line for each size, and one for the kills."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", type=int, nargs="+")
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--longest", type=float, default=12.0, help="seconds before a kill")
    parser.add_argument("--export", action="store_true")
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        EmbeddedStudio(DataDir(Path(folder, "state"))) as running,
    ):
        assert running.pid
        state = DataDir(Path(folder, "mine")).create()
        commands = Commands(running.studio, running.pid, state)
        exports: list[str] = []
        said(
            "| tasks | command, s | its CPU s | Label Studio's CPU s | predictor's own CPU s "
            "| beyond it, CPU ms a task | on the clock | peak MB |"
        )
        said("|---|" + "---:|" * 7)
        for size in given.sizes:
            project = create_project(running.studio, KIND)
            if given.export:
                import_answered(running.studio, project, rows(size))
            else:
                import_tasks(running.studio, project, rows(size))
            said(prelabel_row(commands, project, size))
            if given.export:
                exports.append(export_row(commands, project, size, Path(folder, f"out-{size}")))
            running.studio.delete(f"/api/projects/{project}/")
        if exports:
            said("\n| tasks | export, s | its CPU s | Label Studio's CPU s | peak MB |")
            said("|---|" + "---:|" * 4)
            for row in exports:
                said(row)
        if given.kills:
            said(kills(commands, given.sizes[-1], given.kills, given.seed, given.longest))


if __name__ == "__main__":
    main()
