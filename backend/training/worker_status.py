"""What `/health` and `/metrics` show of the worker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass
class WorkerStatus:
    """What the worker does and did since the start; written by it, read from memory.

    Attributes:
        state: `waiting`, `working`, `retrying` or `stopped`.
        rounds: rounds done, whether something was learned or not.
        learned: models published.
        seconds: what the last round took.
        drafted: drafts stored by rounds.
        ignored: events that named no project.
        failing: projects whose last round failed.
        problem: what fails; empty where nothing does.
    """

    state: str = "waiting"
    rounds: int = 0
    learned: int = 0
    seconds: float = 0.0
    drafted: int = 0
    ignored: int = 0
    failing: int = 0
    problem: str = ""


def continued(said: Mapping[str, Any]) -> WorkerStatus:
    """Return a new worker's status that counts on from what an earlier one said, {} for nothing."""
    return WorkerStatus(
        rounds=int(said.get("rounds", 0)),
        learned=int(said.get("learned", 0)),
        drafted=int(said.get("drafted", 0)),
        ignored=int(said.get("ignored", 0)),
    )
