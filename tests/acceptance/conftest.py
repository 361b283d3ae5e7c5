"""Every case in every format, through every consumer that this machine has."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))

from writing import LONGEST, Written, write

from goldleaf.trainers import dummy_model
from goldleaf.trainers.registry import Trainer, trainer_named
from goldleaf.trainers.subprocess_runner import load, missing
from goldleaf.trainers.trainer import Job, Loaded


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Written]:
    """Return a function: format -> all cases written in it, once."""
    done: dict[str, Written] = {}

    def get(name: str) -> Written:
        if name not in done:
            done[name] = write(tmp_path_factory.mktemp(name), name)
        return done[name]

    return get


@pytest.fixture(scope="session")
def loaded(
    tmp_path_factory: pytest.TempPathFactory, written: Callable[[str], Written]
) -> Callable[[str, str], dict[tuple[str, str], Loaded]]:
    """Return a function: (consumer, format) -> (table, trainer) -> what the consumer made of it.

    Each consumer is started once, for all its formats; TRL also trains two steps.
    """
    done: dict[str, dict[tuple[str, str, str], Loaded]] = {}

    def get(name: str, format: str) -> dict[tuple[str, str], Loaded]:
        if name not in done:
            done[name] = _run(name, tmp_path_factory.mktemp("model"), written)
        return {key[1:]: found for key, found in done[name].items() if key[0] == format}

    return get


def _run(
    name: str, model: Path, written: Callable[[str], Written]
) -> dict[tuple[str, str, str], Loaded]:
    asked, python = trainer_named(name), interpreter(name)
    if lacking := missing(asked, python):
        why = f"{asked.about.TITLE} needs {', '.join(lacking)}: {asked.about.INSTALL}"
        if os.environ.get("CI") and name not in OWN_ENVIRONMENT:
            pytest.fail(why)
        pytest.skip(why)
    tiny = str(dummy_model.write(model)) if asked.about.NEEDS else ""
    jobs = [
        (
            Job(
                out=str(written(format).out),
                file=(file := f"{format}/{table}/train{written(format).suffix}"),
                config=asked.config_of(file, method),
                format=format,
                table=table,
                method=method,
                model=tiny,
                max_length=LONGEST,
                samples=1_000,
                steps=2 if format == "trl" and name in ("trl", "prm") else 0,
            ),
            len(cases),
        )
        for format in asked.about.READS
        for table, cases in sorted(written(format).rows.items())
        for method in asked.methods(table)
    ]
    found = load(asked, jobs, python)
    return {(j.format, j.table, j.method): f for (j, _), f in zip(jobs, found, strict=True)}


@pytest.fixture
def loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start a trainer once for the same files of a test, however often they are then shown."""
    found: dict[tuple[object, ...], list[Loaded]] = {}

    def once(trainer: Trainer, jobs: Sequence[tuple[Job, int]], python: str) -> list[Loaded]:
        key = (trainer.name, *((job.file, job.method, rows) for job, rows in jobs))
        if key not in found:
            found[key] = load(trainer, jobs, python)
        return found[key]

    monkeypatch.setattr("goldleaf.trainers.verify.load", once)


OWN_ENVIRONMENT = ("swift", "prm", "axolotl")
"""Consumers that need an environment of their own: `make accept-swift` (which brings the older TRL
that has a PRM trainer), `make accept-axolotl`."""


def interpreter(name: str) -> str:
    """Return the Python that has a consumer: ours, or the one that its make target names."""
    return os.environ.get(f"GOLDLEAF_{name.upper()}_PYTHON", sys.executable)
