"""Counters of what happened since the start, as Prometheus reads them."""

from __future__ import annotations

import threading
from collections import Counter

_HELP = {
    "goldleaf_requests_total": "Requests answered, by route and status.",
    "goldleaf_drafts_total": "Tasks answered, by outcome: drafted, or why not.",
    "goldleaf_webhook_events_total": "Webhook events received, by action.",
}


class Counters:
    """Counts by name and labels; safe to use from many threads.

    Labels come from closed lists (routes, reasons, known actions), never from a request.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, tuple[tuple[str, str], ...]]] = Counter()

    def add(self, name: str, amount: int = 1, **labels: str) -> None:
        """Count `amount` more."""
        with self._lock:
            self._counts[name, tuple(sorted(labels.items()))] += amount

    def exposition(self, gauges: dict[str, float]) -> str:
        """Return all counters, and the gauges given, in Prometheus's text format 0.0.4."""
        with self._lock:
            counts = sorted(self._counts.items())
        lines: list[str] = []
        for name, text in _HELP.items():
            lines += [f"# HELP {name} {text}", f"# TYPE {name} counter"]
            for (counted, labels), value in counts:
                if counted == name:
                    inner = ",".join(f'{key}="{label}"' for key, label in labels)
                    lines.append(f"{name}{{{inner}}} {value}")
        for name, value in gauges.items():
            lines += [f"# TYPE {name} gauge", f"{name} {value}"]
        return "\n".join(lines) + "\n"
