"""Retry delays for each project: repeated failures wait longer, other projects are unaffected."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass
class _Lane:
    problem: str
    failures: int
    until: float


@dataclass
class RetryDelays:
    """The projects whose last round failed; `retry` and `longest` are seconds of pause."""

    retry: float
    longest: float
    _failing: dict[int, _Lane] = field(default_factory=dict[int, _Lane])

    def failed(self, project: int, problem: str) -> float:
        """Note a failure and return the seconds until the project is tried again.

        `retry` after the first failure in a row, twice as long after each further one, at most
        `longest`.
        """
        before = self._failing.get(project)
        failures = before.failures + 1 if before else 1
        pause = min(self.retry * 2.0 ** min(failures - 1, 30), self.longest)
        self._failing[project] = _Lane(problem, failures, time.monotonic() + pause)
        return pause

    def done(self, project: int) -> None:
        """Forget the failures of a project, after a success."""
        self._failing.pop(project, None)

    def wait(self, project: int) -> float:
        """Return the seconds until a project may be tried; 0 for one that does not fail."""
        lane = self._failing.get(project)
        return max(0.0, lane.until - time.monotonic()) if lane else 0.0

    def last(self, project: int) -> int:
        """Return a project's failures in a row: a sort key that puts failing projects last."""
        lane = self._failing.get(project)
        return lane.failures if lane else 0

    @property
    def projects(self) -> set[int]:
        """Ids of the failing projects: to be tried again even if no event asks for it."""
        return set(self._failing)

    @property
    def problem(self) -> str:
        """What `/health` says: each failing project with its problem; "" where none fails."""
        return "; ".join(
            f"project {p}: {lane.problem}" for p, lane in sorted(self._failing.items())
        )
