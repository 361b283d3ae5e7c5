r"""What a program can hold other answers against: the number, or the one choice, of an answer.

| verifier | the answer | ground truth |
|---|---|---|
| `number` | "... so 12 apples. #### 12", "\boxed{3/4}", "42" | 12, 3/4, 42 |
| `exact` | "Yes.", "B", "True", "否" | yes, b, true, 否 |

An answer of other shape has none: a number somewhere in a text is no answer to a question, and
where any of several words would do ("Name a colour."), a right answer would be called wrong.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from goldleaf.curation.answer_checks.final_answers import closed_answer, final_number, has_mark

NUMBER: Final = "number"
EXACT: Final = "exact"
_CHOICES = frozenset(
    [
        *"yes no true false correct incorrect a b c d e f g h 是 否 对 错".split(),
        *("不 是", "正 确", "错 误", "不 对"),
    ]
)
"""Answers of which one alone is right, as `closed_answer` writes them."""


def ground_truth(answer: str) -> tuple[str, str] | None:
    r"""Return the verifier and the ground truth of an answer, None where nothing can be checked.

    >>> ground_truth("3 and 4 make 7.\n#### 7"), ground_truth(" Yes. "), ground_truth("-0.50")
    (('number', '7'), ('exact', 'yes'), ('number', '-0.5'))
    >>> ground_truth("Red."), ground_truth("There were 3 of them, I think, in the house.")
    (None, None)
    """
    if has_mark(answer):
        number = final_number(answer)
        return None if number is None else (NUMBER, _plain(number))
    words = closed_answer(answer)
    if words is None:
        return None
    if words in _CHOICES:
        return EXACT, words
    number = final_number(answer)
    if number is None or any(char.isalpha() for char in words):
        return None
    return NUMBER, _plain(number)


def _plain(number: Fraction) -> str:
    """Return a number as people write it: `7`, `0.25`, or `1/3` where decimals do not end."""
    if number.denominator == 1:
        return str(number.numerator)
    decimals = f"{float(number):.10f}".rstrip("0")
    return decimals if Fraction(decimals) == number else str(number)
