"""What `/health` and `/metrics` show of the worker."""

from __future__ import annotations

from dataclasses import dataclass


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
