"""How soon something is learned: a fit costs seconds, so not after each answer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RetrainingSchedule:
    """How soon something is done, in seconds.

    Attributes:
        quiet: nothing new must have come in for this long.
        fresh: a project is learned from once this many answers are new,
        share: or this share of all it was learned from, whichever is more,
        longest: or when the oldest has waited this long.
        look: all projects are looked at this often, for events that were lost and for answers that
            were imported, of which Label Studio sends none: two short requests a project.
        retry: the pause after a failure; it doubles up to `look`.
    """

    quiet: float = 2.0
    fresh: int = 10
    share: float = 0.05
    longest: float = 120.0
    look: float = 30.0
    retry: float = 5.0
