"""All rules about one answer to one question, in the order of how much they say.

The first of a verdict counts, and a row that says nothing is not judged further. `SURE` parts what
is damage, most likely, from what a person should look at.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Final, NamedTuple

from goldleaf.curation.answer_checks.answer_language import wrong_language
from goldleaf.curation.answer_checks.damaged_text import garbled, leftovers, placeholder
from goldleaf.curation.answer_checks.empty_answers import (
    Remark,
    missing_input,
    no_answer,
    nothing_said,
)
from goldleaf.curation.answer_checks.flaw_candidates import RULES
from goldleaf.curation.answer_checks.parsed_answers import json_valid, python_compiles, sql_parses
from goldleaf.curation.answer_checks.repeated_text import echo, repetition
from goldleaf.curation.answer_checks.truncation import cut_off

SURE: Final = 0.5
"""Findings from this score on are damage in most rows (measured: benchmarks/bad_rows.py); those
below it are for people to look at."""


class AnswerFlaw(NamedTuple):
    """One flaw: its verdict, in which of the two texts, where, why, and how surely (0 to 1)."""

    verdict: str
    in_question: bool
    start: int
    end: int
    reason: str
    score: float


def answer_flaws(
    answer: str, question: str, structured: bool = False, rules: Collection[str] = RULES
) -> Iterator[AnswerFlaw]:
    """Yield what is wrong with an answer to a question.

    Args:
        answer: what a record teaches.
        question: the turn that it answers; with other turns joined it is judged less well.
        structured: the answer calls tools or is data alone; then only its form is judged.
        rules: which of `RULES` can find something; the others are passed over.

    >>> [flaw.verdict for flaw in answer_flaws("N/A", "Name a colour.")]
    ['empty']
    """
    if "missing_input" in rules and (found := missing_input(question)):
        yield AnswerFlaw("contradictory_input", True, *found)
    if "nothing_said" in rules and (found := nothing_said(answer, question)):
        yield AnswerFlaw("empty", False, *found)
        return
    if not structured:
        yield from _of_prose(answer, question, rules)
    if "parsed" not in rules:
        return
    for verdict, judge, name in (
        ("broken_code", python_compiles, "Python"),
        ("broken_json", json_valid, "JSON"),
        ("broken_sql", sql_parses, "SQL"),
    ):
        if judge(answer, question) is False:
            yield AnswerFlaw(verdict, False, 0, len(answer), f"{name} that does not parse", 0.7)


_OF_PROSE: Final[tuple[tuple[str, Callable[[str, str], Remark | None]], ...]] = (
    ("no_answer", no_answer),
    ("echo", echo),
    ("wrong_language", wrong_language),
    ("repetition", repetition),
    ("garbled", garbled),
    ("leftovers", leftovers),
    ("placeholder", placeholder),
)
"""Verdicts, as the rules are named, and what finds them."""


def _of_prose(answer: str, question: str, rules: Collection[str]) -> Iterator[AnswerFlaw]:
    for verdict, rule in _OF_PROSE:
        if verdict in rules and (found := rule(answer, question)):
            yield AnswerFlaw(verdict, False, *found)
    if "cut_off" in rules and (cut := cut_off(answer, question)):
        yield AnswerFlaw("truncated", False, cut.start, len(answer), cut.reason, cut.score)
