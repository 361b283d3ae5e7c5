"""What answers are compared by, read from `criteria.toml`, and reasons as annotations keep them.

A reason is a text: `a+correct` (answer A, the first shown, is correct), `b-unclear` (B has this
fault), or `correct` alone: it is why the better answer is better.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType

_REASON = re.compile(r"([a-h])([+-])(.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion: `fault` names its lack; `description` by language, for a judge.

    `screen` is the kind that asks for it by name, "" where none does.
    """

    name: str
    fault: str
    description: Mapping[str, str]
    screen: str


def _criteria() -> dict[str, Criterion]:
    text = files("goldleaf.core").joinpath("criteria.toml").read_text("utf-8")
    return {
        name: Criterion(name, entry["fault"], entry["description"], entry["screen"])
        for name, entry in tomllib.loads(text).items()
    }


CRITERIA: Mapping[str, Criterion] = MappingProxyType(_criteria())
"""Name -> criterion, in the order of the file."""
_OF_FAULT = {each.fault: name for name, each in CRITERIA.items() if each.fault}


def reasons_of(letter: str, good: Iterable[str], bad: Iterable[str]) -> tuple[str, ...]:
    """Return what was said of one answer as reasons: `a+correct`, `a-unclear`.

    Args:
        letter: of the answer in the order shown, `a` for the first.
        good: what was ticked as good of it.
        bad: its faults.
    """
    return (*(f"{letter}+{name}" for name in good), *(f"{letter}-{name}" for name in bad))


def deciding(reasons: Iterable[str], better: str, worse: str) -> tuple[str, ...]:
    """Return the criteria that speak for one answer and against another, each once.

    A fault is called by the criterion that it lacks. Names that `CRITERIA` does not hold, as a
    project may add them, stay as they are.

    Args:
        reasons: as the annotation keeps them.
        better: letter of the answer that is better, "" where it was not on the screen.
        worse: letter of the other.
    """
    found: list[str] = []
    for reason in reasons:
        said = _REASON.fullmatch(reason)
        if said is None:
            found.append(reason)
        elif (said[1], said[2]) == (better, "+"):
            found.append(said[3])
        elif (said[1], said[2]) == (worse, "-"):
            found.append(_OF_FAULT.get(said[3], said[3]))
    return tuple(dict.fromkeys(found))
