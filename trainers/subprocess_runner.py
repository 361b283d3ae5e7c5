"""Run a trainer's loader on files, in a subprocess under the trainer's Python interpreter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, replace
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from goldleaf.core.errors import GoldleafError
from goldleaf.trainers.registry import Trainer
from goldleaf.trainers.trainer import Job, Loaded

PATIENCE = 3_600
"""Seconds that a loader may take for all its files."""

_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES")


def missing(trainer: Trainer, python: str = sys.executable) -> list[str]:
    """Return the modules that a trainer needs and `python` does not have; [] if none is missing.

    They are looked for, not imported.

    Raises:
        GoldleafError: `python` cannot be run, or takes over a minute.
    """
    code = (
        "import importlib.util as u, sys; print(*[m for m in sys.argv[1:] if not u.find_spec(m)])"
    )
    try:
        done = subprocess.run(
            [python, "-P", "-c", code, *trainer.about.NEEDS],
            capture_output=True,
            text=True,
            env=_environment(),
            check=True,
            timeout=60,
        )
    except (OSError, subprocess.SubprocessError) as error:
        fix = "give the Python of the environment that has the trainer"
        raise GoldleafError(f"{python} cannot be run: {error}", where="--python", fix=fix) from None
    return done.stdout.split()


def load(
    trainer: Trainer, jobs: Sequence[tuple[Job, int]], python: str = sys.executable
) -> list[Loaded]:
    """Load every file; one result for each job, in their order.

    What goes wrong with a file is in its result (`Loaded.error`).

    Args:
        trainer: whose loader to run; it must have one.
        jobs: jobs, each with the number of rows in its file.
        python: the interpreter that has the trainer.

    Raises:
        GoldleafError: the loader's process died before it could report anything.
        subprocess.TimeoutExpired: all files together took over `PATIENCE` seconds.
    """
    with tempfile.TemporaryDirectory() as folder:
        jobs_file, results_file = Path(folder, "jobs.json"), Path(folder, "results.json")
        jobs_file.write_text(json.dumps([asdict(job) for job, _ in jobs]), "utf-8")
        with as_file(files("goldleaf.trainers").joinpath("worker_main.py")) as worker:
            done = subprocess.run(
                [python, "-P", str(worker), str(trainer.loader), str(jobs_file), str(results_file)],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                cwd=folder,
                env=_environment(),
                timeout=PATIENCE,
            )
        if done.returncode or not results_file.exists():
            last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-3:]
            raise GoldleafError(
                f"{trainer.about.TITLE} could not be started: {' / '.join(last)}",
                where=python,
                fix=trainer.about.INSTALL,
            )
        results: list[dict[str, Any]] = json.loads(results_file.read_text("utf-8"))
    return [
        _loaded(trainer.name, job, rows, result)
        for (job, rows), result in zip(jobs, results, strict=True)
    ]


def _loaded(name: str, job: Job, rows: int, result: dict[str, Any]) -> Loaded:
    samples = [
        {part: [(text, bool(trained)) for text, trained in spans] for part, spans in row.items()}
        for row in result.get("samples", ())
    ]
    error = str(result.get("error", ""))
    outcome = (rows, int(result.get("rows", 0)), samples, error, result.get("remarks", {}))
    labels = [bool(label) for label in result.get("labels", ())]
    loaded = Loaded(name, job.method, job.file, *outcome, labels=labels)
    if job.ordered and "moved" in result:
        return replace(loaded, order="lost" if result["moved"] else "kept", moved=result["moved"])
    return loaded


def _environment() -> dict[str, str]:
    """Return what a trainer's process may see of our environment: no token, no password."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ}
