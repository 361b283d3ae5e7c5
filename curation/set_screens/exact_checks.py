"""Signals that a program can check: JSON, SQL and code that parse, tool calls that fit."""

from __future__ import annotations

from goldleaf.curation.answer_checks.exact_checks import signals
from goldleaf.curation.set_screens.set_screen import SetFindings, SetInputs

NAME = "exact_checks"
SCREENS = ("exact_check",)
ALONE = True


def run(inputs: SetInputs) -> SetFindings:
    """Return the signals of every record in which something can be checked."""
    rows = inputs.batches.read("record", "prompt", "question", "answer", "tools")
    return SetFindings(signals=signals(rows))
