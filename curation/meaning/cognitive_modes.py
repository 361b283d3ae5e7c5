"""The modes of thinking that questions ask for (S10), as `cognitive_modes.toml` lists them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from goldleaf.curation.texts.case_insensitive import AnyCase
from goldleaf.curation.texts.required_words import found_in

READ = 400
"""Characters of a question that name what to do; what follows is the text to do it to."""
SHORTEST_COMMAND, LONGEST_COMMAND = 8, 200
"""Characters of the line that is taken for the command, and how many of it are embedded."""
GIVEN_TEXT = 160
"""Half of it after the first line, or twice of it in the first, is a text to work on."""
_LENGTHS = (30, 60, 120, 300, 1000)
_ANSWER_LENGTHS = (20, 80, 300, 1000)
_BLANK = re.compile(r"\s*\n\s*")
_LIST = re.compile(r"(?m)^[ \t]{0,4}(?:\d{1,2}[.)、．]|[-*•])[ \t]*\S")


@dataclass(frozen=True, slots=True)
class Mode:
    """A mode: its names, the behaviours it stands for, and how it is recognised.

    Attributes:
        text: whether there is a text to work on: `given`, `none` or `either`.
        verbs: words that ask for it.
        seeds: questions that ask for it, with their language.
        answer: `refuses` or `asks_back` where the answer shows it, else "".
    """

    name: str
    titles: Mapping[str, str]
    behaviours: tuple[str, ...]
    text: str = "none"
    verbs: tuple[AnyCase, ...] = ()
    seeds: tuple[tuple[str, str], ...] = ()
    answer: str = ""


@cache
def cognitive_modes() -> dict[str, Mode]:
    """Return every mode by name, in the file's order."""
    read = tomllib.loads(
        files("goldleaf.curation.meaning").joinpath("cognitive_modes.toml").read_text("utf-8")
    )
    return {name: _mode(name, table) for name, table in read.items()}


def _mode(name: str, table: Mapping[str, object]) -> Mode:
    verbs: Mapping[str, Sequence[str]] = table.get("verbs") or {}  # pyright: ignore
    seeds: Mapping[str, Sequence[str]] = table.get("seeds") or {}  # pyright: ignore
    patterns: tuple[AnyCase, ...] = ()
    if verbs:
        english = "|".join(f"(?:{each})" for each in verbs["en"])
        chinese = "|".join(f"(?:{each})" for each in verbs["zh"])
        patterns = (AnyCase(rf"(?<![a-z])(?:{english})", rf"(?:{chinese})"),)
    return Mode(
        name,
        table["titles"],  # pyright: ignore[reportArgumentType]
        tuple(table["behaviours"]),  # pyright: ignore[reportArgumentType]
        str(table.get("text", "none")),
        patterns,
        tuple((lang, seed) for lang in ("en", "zh") if seeds for seed in seeds[lang]),
        str(table.get("answer", "")),
    )


def asked_modes() -> list[Mode]:
    """Return the modes that a question asks for."""
    return [mode for mode in cognitive_modes().values() if not mode.answer]


def instruction(question: str) -> str:
    """Return the part of a question that says what to do: the first `READ` characters."""
    return _BLANK.sub("\n", question[: 2 * READ].strip())[:READ]


def command(question: str) -> str:
    """Return the line of a question that says what to do, without the text to do it to."""
    asked = instruction(question)
    line = asked.partition("\n")[0]
    return (line if len(line) >= SHORTEST_COMMAND else asked)[:LONGEST_COMMAND]


def gives_text(question: str) -> bool:
    r"""Return whether a question brings a text to work on.

    >>> gives_text("Summarise this."), gives_text("Summarise this:\n" + "word " * 60)
    (False, True)
    """
    stripped = question.strip()
    first, _, rest = stripped.partition("\n")
    return len(rest.strip()) >= GIVEN_TEXT // 2 or len(first) >= 2 * GIVEN_TEXT


def mode_features(questions: Sequence[str]) -> NDArray[np.float32]:
    """Return float32 (questions, features): words that ask for each mode, text, length, form."""
    asked = [instruction(question) for question in questions]
    first = [each[:60] for each in asked]
    columns: list[list[bool]] = []
    for mode in asked_modes():
        hits = _any_of(found_in(asked, mode.verbs), len(asked))
        columns += [hits, [False] * len(asked)]
        named = [place for place, hit in enumerate(hits) if hit]
        early = _any_of(found_in([first[place] for place in named], mode.verbs), len(named))
        for place, hit in zip(named, early, strict=True):
            columns[-1][place] = hit
    words = np.array(columns, np.float32).reshape(len(columns), len(asked)).T
    forms = [_form(*each) for each in zip(questions, asked, strict=True)]
    rest = np.array(forms, np.float32).reshape(len(asked), len(_LENGTHS) + 6)
    return np.hstack([words, rest])


def _any_of(found: Sequence[Sequence[bool]], texts: int) -> list[bool]:
    """Return of each text whether any of some patterns is found in it."""
    return [any(hits) for hits in zip(*found, strict=True)] if found else [False] * texts


def feature_count() -> int:
    """Return the number of columns of `mode_features`."""
    return 2 * len(asked_modes()) + len(_LENGTHS) + 6


def _form(question: str, asked: str) -> list[float]:
    stripped = question.strip()
    row = [float(len(stripped) >= length) for length in _LENGTHS]
    row += [
        float(gives_text(question)),
        float(stripped.endswith(("?", "？"))),
        float("?" in asked or "？" in asked),
        float(sum(char.isdigit() for char in asked) >= 4),
        float(asked.count(",") + asked.count("，") + asked.count("、") >= 3),
        float(":" in asked or "：" in asked),
    ]
    return row


def answer_features(answers: Sequence[str]) -> NDArray[np.float32]:
    """Return float32 (answers, features): length, lines, list, code."""
    rows = []
    for answer in answers:
        text = answer[:20_000]
        items = len(_LIST.findall(text))
        row = [float(len(answer) >= length) for length in _ANSWER_LENGTHS]
        row += [float(items >= 3), float("```" in text), float(text.count("\n") >= 4)]
        rows.append(row)
    return np.array(rows, np.float32).reshape(len(rows), len(_ANSWER_LENGTHS) + 3)
