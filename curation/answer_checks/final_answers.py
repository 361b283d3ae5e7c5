r"""The final answer of a solution: the number it ends on, or the few words that it is.

| text | final answer |
|---|---|
| "... #### 1,200", "\boxed{3/4}", "The answer is $5.", "答案是 12。" | 1200, 3/4, 5, 12 |
| a text with numbers, none marked | its last number |
| "Yes.", "B", "Paris" | the words, in lower case |
"""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction
from typing import Final

READ: Final = 20_000
"""Characters of the end of a text that are read."""
CLOSED: Final = 5
"""Words up to which a text is an answer by itself, of which only one can be right."""

_NUMBER_TEXT = r"[-−]?(?:\d{1,3}(?:[,，]\d{3})+|\d+)(?:\.\d+)?(?:\s?/\s?\d+(?:\.\d+)?)?|[-−]?\.\d+"
_NUMBER = re.compile(rf"(?<![\w.])(?:{_NUMBER_TEXT})|(?<=[$€£¥x×*=])(?:{_NUMBER_TEXT})")
_MARKED = (
    re.compile(r"####\s*([^\n]{1,80})"),
    re.compile(r"\\boxed\s*\{([^{}\n]{1,80}(?:\{[^{}\n]{1,20}\}[^{}\n]{0,20}){0,4})\}"),
    re.compile(
        r"(?:final answer|answer|result)(?: is| was|:| =)+\s*([^\n]{1,80})|"
        r"(?:答案|结果|最终)(?:是|为|：|:|等于)\s*([^\n。]{1,60})",
        re.IGNORECASE,
    ),
)
_FRACTION = re.compile(r"\\d?frac\{(-?\d{1,20})\}\{(\d{1,20})\}")


def final_number(text: str) -> Fraction | None:
    """Return the number that a solution ends on, None where it has none.

    >>> final_number("So 3 + 4 = 7. The answer is 7."), final_number("#### 1,200")
    (Fraction(7, 1), Fraction(1200, 1))
    """
    text = unicodedata.normalize("NFKC", text[-READ:])
    text = _FRACTION.sub(r"\1/\2", text) if "frac" in text else text
    for marked in _MARKED:
        found = marked.findall(text)
        if found:
            last = found[-1] if isinstance(found[-1], str) else "".join(found[-1])
            numbers = _NUMBER.findall(last)
            if numbers:
                return _value(numbers[0])
    numbers = _NUMBER.findall(text)
    return _value(numbers[-1]) if numbers else None


def has_mark(text: str) -> bool:
    r"""Return whether a solution marks its final answer by `####` or `\boxed`."""
    return "####" in text or "\\boxed" in text


def marked_answer(text: str) -> str:
    """Return the last answer that a solution marks as final, as it is written; "" for none.

    Read are the marks of the table above, but no number that is not marked.

    >>> marked_answer("So the answer is $5."), marked_answer("x = 5")
    ('$5', '')
    """
    for marked in _MARKED:
        if found := marked.findall(text[-READ:]):
            last = found[-1] if isinstance(found[-1], str) else "".join(found[-1])
            return last.strip(" \t.。*")
    return ""


def _value(number: str) -> Fraction | None:
    plain = number.replace(",", "").replace("，", "").replace("−", "-").replace(" ", "")
    if len(plain) > 60:
        return None
    try:
        top, _, bottom = plain.partition("/")
        return Fraction(top) / Fraction(bottom) if bottom else Fraction(top)
    except (ValueError, ZeroDivisionError):
        return None


def same_number(one: Fraction, other: Fraction) -> bool:
    """Return whether two numbers agree, a rounding to six digits let pass."""
    return abs(one - other) <= Fraction(1, 1_000_000) * max(1, abs(one), abs(other))


def closed_answer(text: str) -> str | None:
    """Return an answer of a few words in one form, None for a longer one.

    >>> closed_answer(" Yes. "), closed_answer("It depends on what you want to do with it.")
    ('yes', None)
    """
    plain = unicodedata.normalize("NFKC", text.strip()[:200]).casefold()
    words = re.findall(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+|[-+]", plain)
    if not words or len(text) > 200 or len(words) > CLOSED:
        return None
    return " ".join(words)
