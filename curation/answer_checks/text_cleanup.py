"""Flaws of an answer (markup, boilerplate, cut-offs) with places, and the text cleaned up.

Safe is what loses nothing a reader sees or means: outer space, invisible characters, a leftover
role marker in front, boilerplate in front of an answer that goes on. The rest is for a person to
look at: whether a repetition or a text without an end was meant so, no rule can tell. What is cut
off, repeated or to be filled in is found by the rules of the screen `flaw`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from goldleaf.curation.answer_checks.damaged_text import placeholder
from goldleaf.curation.answer_checks.flaw_rules import SURE
from goldleaf.curation.answer_checks.repeated_text import repetition
from goldleaf.curation.answer_checks.truncation import cut_off
from goldleaf.curation.texts.hidden_characters import hidden_runs, without_hidden
from goldleaf.curation.texts.language import language
from goldleaf.curation.texts.special_tokens import special_tokens

Code: TypeAlias = Literal[
    "outer_space",
    "hidden_characters",
    "role_marker",
    "boilerplate",
    "repetition",
    "markup",
    "truncated",
    "mixed_languages",
    "placeholder",
]
SAFE: frozenset[Code] = frozenset(
    {"outer_space", "hidden_characters", "role_marker", "boilerplate"}
)
"""Codes of the flaws that `Cleanup.text` has fixed."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing to look at: what, from which character to which (end excluded), and its words."""

    code: Code
    start: int
    end: int
    words: str


@dataclass(frozen=True, slots=True)
class Cleanup:
    """The flaws of a text in order, and the text with the safe ones fixed.

    `text` equals the original where nothing was safe to fix.
    """

    flaws: tuple[Flaw, ...]
    text: str

    @property
    def codes(self) -> frozenset[Code]:
        """Which flaws there are."""
        return frozenset(flaw.code for flaw in self.flaws)


_Report = Callable[[Code, int, int], None]
_ROLE = re.compile(
    r"\A\s*(?:(?:###\s*|\*\*)?(?:assistant|ai|bot|gpt|chatgpt|response|answer|output|助手|机器人|"
    r"回答|答案|回复|输出)"
    r"(?:\*\*)?\s*[:：](?:\*\*)?\s*|<\|(?:im_start\|>)?(?:assistant)?(?:\|>)?\s*|\[/INST\]\s*)",
    re.IGNORECASE,
)
_LATER_ROLE = re.compile(
    r"^(?:###\s*)?(?:human|user|assistant|instruction|人类|用户|助手)\s*[:：]",
    re.IGNORECASE | re.MULTILINE,
)
_MARKUP = re.compile(
    r"<(?:br|p|div|span|b|i|font)\b[^<>\n]{0,60}/?>|"
    r"&(?:amp|lt|gt|quot|nbsp|#\d{2,4});|\\(?:n|t|u[0-9a-f]{4})(?=[A-Z\u4e00-\u9fff\\\s]|$)",
    re.IGNORECASE,
)
_MARKUP_MARKS = ("<", "[", "]", "&", "\\")
_ASKS_FOR_MARKUP = re.compile(
    r"html|xml|web ?(?:page|site)|css|e-?mail|tag|code|program|网页|网站|代码|标签", re.I
)
_BOILERPLATE = re.compile(
    r"\A\s*(?:as an? (?:ai|artificial intelligence)(?: (?:language )?model| assistant)?"
    r"(?: (?:developed|created|trained) by \w+)?, "
    r"(?:i (?:do not|don't) (?:have|hold) (?:personal |any )?[\w ,]{3,60}[.;,] ?(?:however|but|"
    r"that said),? ?)?"
    r"|(?:作为|身为)(?:一个|一名)?(?:人工智能|AI)(?:语言)?(?:模型|助手)?[，,]\s*"
    r"(?:我(?:没有|不具备)[^。；，,\n]{2,30}[。；，,]\s*(?:但是?|不过|然而)[，,]?\s*)?)",
    re.IGNORECASE,
)
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")
_OTHER_SCRIPT = re.compile(
    r"[\u3400-\u4dbf\u4e00-\u9fff]+|(?<![A-Za-z',-])[A-Za-z][A-Za-z',-]*(?:[ \t]+[A-Za-z',-]+){5,}"
)


def clean_up(text: str, prompt: str = "") -> Cleanup:
    r"""Return the flaws of an answer and its cleaned-up text.

    Args:
        text: the answer.
        prompt: what was asked; a language that it uses itself is not strange in the answer.

    >>> clean_up("  Assistant: Hello there. ").text
    'Hello there.'
    >>> [flaw.code for flaw in clean_up("```python\nprint(1)").flaws]
    ['truncated']
    """
    flaws: list[Flaw] = []

    def add(code: Code, start: int, end: int) -> None:
        flaws.append(Flaw(code, start, end, text[start:end].strip()[:80]))

    after = _after_role(text)
    outside = _without_code(text)
    _around(text, after, add)
    _leftovers(outside, prompt, after, add)
    _judged(text, prompt, add)
    _mixed(outside, prompt, add)
    return Cleanup(tuple(sorted(flaws, key=lambda flaw: flaw.start)), _cleaned(text, after))


def cleaned(text: str) -> str:
    """Return `clean_up(text).text`, without looking for the flaws that only a person can judge.

    >>> cleaned("  Assistant: Hello there. ")
    'Hello there.'
    """
    return _cleaned(text, _after_role(text))


def _after_role(text: str) -> int:
    """Return where an answer begins after a role marker left in front of it, 0 without one."""
    marker = _ROLE.match(text)
    return marker.end() if marker and marker.group().strip() else 0


def _around(text: str, after: int, report: _Report) -> None:
    """Report what is wrapped around an answer: space, invisible characters, a role, boilerplate."""
    body = text.strip()
    begin = len(text) - len(text.lstrip())
    if body and begin:
        report("outer_space", 0, begin)
    if body and len(text) > begin + len(body):
        report("outer_space", begin + len(body), len(text))
    for start, end in hidden_runs(text):
        report("hidden_characters", start, end)
    if after:
        report("role_marker", 0, after)
    if "\n" in text and (":" in text or "：" in text):
        for found in _LATER_ROLE.finditer(text, after + 1):
            report("role_marker", *found.span())
    if found := _BOILERPLATE.match(text[after:]):
        report("boilerplate", after, after + found.end())


def _leftovers(outside: str, prompt: str, after: int, report: _Report) -> None:
    """Report markup and special tokens of chat templates outside of code."""
    if any(mark in outside for mark in _MARKUP_MARKS):
        marks = [(found.start(), found.group()) for found in _MARKUP.finditer(outside)]
        for start, mark in (*marks, *special_tokens(outside)):
            asked_for = mark.startswith("<") and _ASKS_FOR_MARKUP.search(prompt)
            if start + len(mark) > after and not asked_for:
                report("markup", start, start + len(mark))


def _judged(text: str, prompt: str, report: _Report) -> None:
    """Report what the screen `flaw` finds: an end that breaks off, a loop, gaps to be filled in."""
    if (cut := cut_off(text, prompt)) and cut.score >= SURE:
        report("truncated", cut.start, len(text))
    if (again := repetition(text, prompt)) and again.score >= SURE:
        report("repetition", again.start, again.end)
    if gap := placeholder(text, prompt):
        report("placeholder", gap.start, gap.end)


def _goes_on(rest: str) -> bool:
    """Return whether a full answer stands behind the boilerplate, and not a word about the speaker.

    "As an AI, I cannot..." would lose the reason why, so it stays.
    """
    opening = rest.lstrip().lower()
    return len(opening) >= 20 and not opening.startswith(("i ", "i'", "我", "不", "无法"))


def _cleaned(text: str, after_role: int) -> str:
    """Return the text with the safe flaws fixed; never an empty one."""
    cleaned = without_hidden(text[after_role:]).strip()
    found = _BOILERPLATE.match(cleaned)
    if found and _goes_on(cleaned[found.end() :]):
        cleaned = cleaned[found.end() :].lstrip()
        cleaned = cleaned[:1].upper() + cleaned[1:]
    return cleaned or text


def _without_code(text: str) -> str:
    """Return the text with code blanked out, every character in its place."""
    if "`" not in text:
        return text

    def blank(found: re.Match[str]) -> str:
        return re.sub(r"[^\n]", " ", found.group())

    return re.sub(r"```.*?(?:```|\Z)|`[^`\n]+`", blank, text, flags=re.DOTALL)


def _mixed(outside: str, prompt: str, report: _Report) -> None:
    """Report a passage in the other of Chinese and English, where neither side speaks of it."""
    if outside.isascii() or not _HAN.search(outside):
        return  # without a Chinese character nothing here is the other of the two
    main = language(outside)
    if main not in ("zh", "en") or language(prompt) not in ("", main):
        return
    asks = re.search(
        r"translat|chinese|english|language|翻译|英文|英语|中文|单词|词汇", prompt, re.IGNORECASE
    )
    if asks:
        return
    for found in _OTHER_SCRIPT.finditer(outside):
        run = found.group()
        foreign = "zh" if re.match(r"[\u3400-\u9fff]", run) else "en"
        long_enough = len(run) >= 8 if foreign == "zh" else True
        if foreign != main and long_enough and found.group() not in prompt:
            report("mixed_languages", *found.span())
            return
