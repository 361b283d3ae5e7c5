r"""Rewards for answers that a program can check: 1 for the right answer, else 0.

This file stands beside the rows of an export and needs nothing but Python.

    TRL    reward_funcs: [reward.reward]
    verl   custom_reward_function.path=reward.py custom_reward_function.name=compute_score

A number is right if the last one of the answer is equal to it, of a marked answer (`#### 12`,
`\boxed{12}`, "answer is 12") the marked one; a few words are right if the answer, or its last line,
is those words, punctuation and case aside. What stands before `</think>` does not count.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

_NUMBER = r"[-−]?(?:\d{1,3}(?:[,，]\d{3})+|\d+)(?:\.\d+)?(?:\s?/\s?\d+)?|[-−]?\.\d+"
_MARKS = (
    r"####\s*([^\n]{1,80})",
    r"\\boxed\s*\{([^{}\n]{1,80})\}",
    r"(?:answer|result)(?: is| was|:| =)+\s*([^\n]{1,80})",
    r"(?:答案|结果)(?:是|为|：|:|等于)\s*([^\n。]{1,60})",
)


def reward(
    completions: Sequence[Any], ground_truth: Sequence[str], verifier: Sequence[str], **_: Any
) -> list[float]:
    """Return the reward of each completion, as TRL asks for it: texts, or lists of messages."""
    given = zip(completions, ground_truth, verifier, strict=True)
    return [score(_text(answer), truth, how) for answer, truth, how in given]


def compute_score(
    data_source: str, solution_str: str, ground_truth: str, extra_info: Any = None, **_: Any
) -> float:
    """Return the reward of one answer, as verl asks for it."""
    return score(solution_str, ground_truth, data_source.rsplit("/", 1)[-1])


def score(answer: str, truth: str, verifier: str) -> float:
    """Return 1.0 for an answer that comes to `truth`, else 0.0.

    Args:
        answer: what the model wrote.
        truth: the number or words that it must come to.
        verifier: `number` or `exact`.
    """
    answer = answer.rsplit("</think>", 1)[-1].strip()
    if verifier == "number":
        right, given = _value(truth), _last_number(answer)
        close = Fraction(1, 1_000_000)
        if right is None or given is None:
            return 0.0
        return float(abs(right - given) <= close * max(1, abs(right), abs(given)))
    last = answer.splitlines()[-1] if answer else ""
    return float(_words(truth) in (_words(answer), _words(last)))


def _last_number(answer: str) -> Fraction | None:
    answer = unicodedata.normalize("NFKC", answer)
    answer = re.sub(r"\\d?frac\{(-?\d{1,20})\}\{(\d{1,20})\}", r"\1/\2", answer)
    for mark in _MARKS:
        marked = re.findall(mark, answer, re.IGNORECASE)
        if marked and (numbers := re.findall(_NUMBER, marked[-1])):
            return _value(numbers[0])
    numbers = re.findall(_NUMBER, answer)
    return _value(numbers[-1]) if numbers else None


def _value(number: str) -> Fraction | None:
    plain = re.sub(r"[,，\s]", "", number).replace("−", "-")
    top, _, bottom = plain.partition("/")
    try:
        return Fraction(top) / Fraction(bottom) if bottom else Fraction(top)
    except (ValueError, ZeroDivisionError):
        return None


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return re.findall(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+|[-+]", plain)


def _text(completion: Any) -> str:
    """Return the text of a completion: as it is, or that of the last of its messages."""
    if isinstance(completion, str):
        return completion
    return str(completion[-1].get("content") or "")
