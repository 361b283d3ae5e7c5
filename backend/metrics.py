"""Counters since the start, and what became of drafts, as Prometheus reads them."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from goldleaf.core.escape_invisible import escape_invisible

if TYPE_CHECKING:
    from goldleaf.backend.draft_scores import DraftScore

_HELP = {
    "goldleaf_requests_total": "Requests answered, by route and status.",
    "goldleaf_drafts_total": "Tasks answered, by outcome: drafted, or why not.",
    "goldleaf_webhook_events_total": "Webhook events received, by action.",
}

_GAUGES = {
    "goldleaf_events_pending": "Webhook events that are not worked off.",
    "goldleaf_server_processes": "Processes that answer, of which these are the sums.",
    "goldleaf_events_writable": "1 where webhook events can be stored.",
    "goldleaf_training_rounds": "Training rounds since the start, with something new or not.",
    "goldleaf_training_learned": "Models published since the start.",
    "goldleaf_training_seconds": "Seconds that the last training round took.",
    "goldleaf_training_drafted": "Drafts stored by training rounds since the start.",
    "goldleaf_training_ignored": "Webhook events that named no project, since the start.",
    "goldleaf_training_failing": "Projects whose last training round failed.",
}
_SECONDS_HELP = {"goldleaf_request_seconds": "Seconds from a request to its answer, by route."}
_DRAFT_ANSWERS_HELP = "Answers over drafts when they were last read, by what became of the draft."
VERSIONS = 5
"""Model versions that are shown of a project, those answered last: each is a time series of its own
in Prometheus, and every training makes one."""
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 100.0)
"""Upper ends of the buckets, in seconds: Label Studio gives up at 1 (webhook, health) and 100."""


class Metrics:
    """Counts by name and labels; safe to use from many threads.

    Their labels come from closed lists (routes, reasons, known actions), never from a request.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, tuple[tuple[str, str], ...]]] = Counter()
        self._seconds: dict[tuple[str, str], tuple[list[int], float]] = {}

    def add(self, name: str, amount: int = 1, **labels: str) -> None:
        """Add `amount` to the counter `name` of these labels.

        A name that `_HELP` does not describe is counted, but never shown.
        """
        with self._lock:
            self._counts[name, tuple(sorted(labels.items()))] += amount

    def observe(self, name: str, seconds: float, *, route: str) -> None:
        """Count a duration of a request to a route in the bucket of its seconds.

        `name` must be one of `_SECONDS_HELP`: `exposition` shows no other.
        """
        with self._lock:
            counts, total = self._seconds.get((name, route), ([0] * (len(BUCKETS) + 1), 0.0))
            counts[bisect_left(BUCKETS, seconds)] += 1
            self._seconds[name, route] = counts, total + seconds

    def snapshot(self) -> dict[str, Any]:
        """Return all counts as JSON, for `include`."""
        with self._lock:
            return {
                "counts": [[name, labels, value] for (name, labels), value in self._counts.items()],
                "seconds": [
                    [name, route, buckets, total]
                    for (name, route), (buckets, total) in self._seconds.items()
                ],
            }

    def include(self, snapshot: Mapping[str, Any]) -> None:
        """Add the counts of another `snapshot`; {} adds nothing."""
        with self._lock:
            for name, labels, value in snapshot.get("counts", ()):
                self._counts[name, tuple((key, label) for key, label in labels)] += value
            for name, route, buckets, total in snapshot.get("seconds", ()):
                own, spent = self._seconds.get((name, route), ([0] * len(buckets), 0.0))
                added = [a + b for a, b in zip(own, buckets, strict=True)]
                self._seconds[name, route] = added, spent + total

    def together(self, others: Iterable[Mapping[str, Any]]) -> Metrics:
        """Return these counts and those of other processes, as one."""
        whole = Metrics()
        for each in (self.snapshot(), *others):
            whole.include(each)
        return whole

    def exposition(
        self,
        gauges: Mapping[str, float],
        draft_scores: Mapping[int, Sequence[DraftScore]] | None = None,
    ) -> str:
        """Return all counters, and what is given, in Prometheus's text format 0.0.4.

        Args:
            gauges: name -> value now.
            draft_scores: project -> what became of its drafts.
        """
        with self._lock:
            counts = sorted(self._counts.items())
            durations = [
                (key, list(buckets), total) for key, (buckets, total) in self._seconds.items()
            ]
        lines: list[str] = []
        for name, text in _HELP.items():
            lines += [f"# HELP {name} {text}", f"# TYPE {name} counter"]
            for (counted, labels), value in counts:
                if counted == name:
                    inner = ",".join(f'{key}="{label}"' for key, label in labels)
                    lines.append(f"{name}{{{inner}}} {value}")
        for name, text in _SECONDS_HELP.items():
            lines += [f"# HELP {name} {text}", f"# TYPE {name} histogram"]
            for (counted, route), buckets, total in sorted(durations):
                if counted == name:
                    lines += _buckets(name, route, buckets, total)
        for name, value in gauges.items():
            if name in _GAUGES:
                lines.append(f"# HELP {name} {_GAUGES[name]}")
            lines += [f"# TYPE {name} gauge", f"{name} {value}"]
        lines += _draft_answers(draft_scores or {})
        return "\n".join(lines) + "\n"


def by_text(counts: Mapping[int, int]) -> dict[str, int]:
    """Return counts as JSON has them; they may grow meanwhile, so a copy is read."""
    return {str(key): count for key, count in dict(counts).items()}


def _draft_answers(projects: Mapping[int, Sequence[DraftScore]]) -> list[str]:
    """Return the answers over drafts, of the versions answered last in each project."""
    name = "goldleaf_draft_answers"
    lines = [f"# HELP {name} {_DRAFT_ANSWERS_HELP}", f"# TYPE {name} gauge"]
    for project, scores in sorted(projects.items()):
        newest: dict[str, str] = {}
        for each in scores:
            newest[each.version] = max(each.newest, newest.get(each.version, ""))
        shown = sorted(newest, key=lambda version: (newest[version], version))[-VERSIONS:]
        for each in scores:
            if each.version not in shown:
                continue
            labels = (
                f'project="{project}",control="{each.control}",version="{_label(each.version)}"'
            )
            for outcome in ("accepted", "edited", "overruled"):
                lines.append(f'{name}{{{labels},outcome="{outcome}"}} {getattr(each, outcome)}')
    return lines


def _label(value: str) -> str:
    """Return a text from outside as a label's value."""
    text = value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
    return escape_invisible(text)


def _buckets(name: str, route: str, counts: list[int], total: float) -> list[str]:
    lines: list[str] = []
    below = 0
    for end, count in zip((*BUCKETS, "+Inf"), counts, strict=True):
        below += count
        lines.append(f'{name}_bucket{{route="{route}",le="{end}"}} {below}')
    lines.append(f'{name}_sum{{route="{route}"}} {total:.6f}')
    lines.append(f'{name}_count{{route="{route}"}} {below}')
    return lines


def training_gauges(learning: Mapping[str, Any]) -> dict[str, float]:
    """Return the worker's numbers, as `WorkerStatus` names them."""
    return {
        f"goldleaf_training_{name}": value
        for name, value in learning.items()
        if isinstance(value, int | float)
    }
