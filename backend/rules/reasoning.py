"""Drafting rules for reasoning: a final answer that a chain marks, equations that do not hold.

Whether a step is right is never drafted: an equation that does not hold is noticed of the whole.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from goldleaf.backend.predictors.predictor import Draft
from goldleaf.backend.rules.texts import text_of
from goldleaf.curation.answer_checks.final_answers import marked_answer
from goldleaf.label_configs.answers import to_annotation
from goldleaf.label_configs.reasoning import codec

KIND = "reasoning"

PRIORITY: Mapping[str, float] = {"slip": 0.2, "no_final": 0.5, "empty": 0.8}
"""Queue priority by what was noticed, `_OTHER` for a final answer alone; Label Studio serves the
lowest first. A chain that surely has a wrong step is what step verdicts are learned from: soonest.
One that is still to be written takes longest: last."""
_OTHER = 0.4

_LAST_LINE = re.compile(r"(?:\A|\n)\s*(?:A|Answer|答案|答)\s*[:：]\s*([^\n]{1,80}?)\s*\Z")
_NUMBER = r"[0-9]{1,15}(?:\.[0-9]{1,10})?"
_EQUATION = re.compile(
    rf"(?<![\w.:%=^/*x×+\-−÷)])(?<![0-9%=^/*x×+\-−÷)] )"
    rf"({_NUMBER}) ?([-+*/x×÷−]) ?({_NUMBER}) ?= ?({_NUMBER})"
    r"(?![\w%^/]|\.[0-9]| ?[-+*/x×÷−%^=]| [0-9])"
)
"""Two numbers, a sign between them and what they come to; no part of a longer expression."""
_SIGNS = {"x": "*", "×": "*", "÷": "/", "−": "-"}


def draft(task: Mapping[str, Any]) -> Draft | None:
    """Return what is noticed of a chain, and its final answer where the chain marks it.

    None for nothing.

    Raises:
        BadRow: as `text_of`, for `chain` and `final`.
    """
    chain, known = text_of(task, "chain"), text_of(task, "final")
    final = "" if known.strip() else final_answer(chain)
    seen: set[str] = set()
    if not chain.strip():
        seen.add("empty")
    elif not (known.strip() or final):
        seen.add("no_final")
    if has_slip(chain):
        seen.add("slip")
    noticed = tuple(choice for choice in codec.NOTICED if choice in seen)
    values = to_annotation(codec.Answer(final=final, noticed=noticed))
    if not values:
        return None
    return Draft(values, score=min((PRIORITY[choice] for choice in noticed), default=_OTHER))


def final_answer(chain: str) -> str:
    r"""Return the final answer that a chain marks, "" where it marks none.

    >>> final_answer("16 - 7 = 9\nA: 9"), final_answer("So the answer is 9 eggs.")
    ('9', '9 eggs')
    """
    last = _LAST_LINE.search(chain[-400:])
    return last[1].strip(" .。") if last else marked_answer(chain)


def has_slip(chain: str) -> bool:
    """Return whether two numbers in a chain do not come to what stands behind the equals sign.

    A result that is rounded as far as it is written holds.

    >>> has_slip("She has 3 + 4 = 7."), has_slip("She has 3 + 4 = 8.")
    (False, True)
    """
    text = re.sub(r"(?<=[0-9]),(?=[0-9]{3})", "", chain).replace("$", "")
    return any(not _holds(*found.groups()) for found in _EQUATION.finditer(text))


def _holds(left: str, sign: str, right: str, told: str) -> bool:
    one, other, result = Fraction(left), Fraction(right), Fraction(told)
    match _SIGNS.get(sign, sign):
        case "+":
            value = one + other
        case "-":
            value = one - other
        case "*":
            value = one * other
        case _:
            if not other:
                return True
            value = one / other
            if value.denominator != 1 and result == value.numerator // value.denominator:
                return True  # how often it goes into it
    digits = len(told.partition(".")[2])
    return abs(value - result) <= Fraction(1, 10**digits) / 2
