"""Flaws of an answer (markup, boilerplate, cut-offs) with places, and the text cleaned up.

Safe is what loses nothing a reader sees or means: outer space, invisible characters, a leftover
role marker in front, boilerplate in front of an answer that goes on. The rest is for a person to
look at: whether a repeated paragraph or a text without an end was meant so, no rule can tell.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from goldleaf.curation.texts.hidden_characters import hidden_runs, without_hidden
from goldleaf.curation.texts.language import language
from goldleaf.curation.texts.special_tokens import special_tokens

Code: TypeAlias = Literal[
    "outer_space",
    "hidden_characters",
    "role_marker",
    "boilerplate",
    "open_fence",
    "repeated_paragraph",
    "repeated_sentence",
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
_PLACEHOLDER = re.compile(
    r"\[(?:your|insert|name|date|company|link|the)\b[^\]\n]{0,40}\]|\{\{[^{}\n]{1,40}\}\}|"
    r"【(?:此处|请|填写|姓名|日期)[^】\n]{0,20}】|\blorem ipsum\b|<(?:no ?input|noinput)>|\bTODO\b",
    re.IGNORECASE,
)
_PLACEHOLDER_MARKS = ("[", "{{", "<", "lorem ipsum", "todo", "【", "\u017f", "\u0131")
"""Each match holds one of these in lower case; the last two are read as s and i."""
_FENCE = re.compile(r"^[ \t]*```", re.MULTILINE)
_END = frozenset(".!?。！？…:：;；)]）】》”’\"'`*_>|}~～^/")
"""What ends a text that is not cut off."""
_PROSE = 120
"""Characters from which a text without a closing mark is probably cut off."""
_BETWEEN = re.compile(r"(\n\s*\n)")
_SENTENCE = re.compile(r"[^.!?。！？\n]+[.!?。！？]*")
_WORDS = 12
"""Characters of a sentence whose second appearance in a row is a repetition."""
_PARAGRAPH = 20
"""Characters of a paragraph whose second appearance is a repetition, not a refrain."""
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
    ['open_fence']
    """
    flaws: list[Flaw] = []

    def add(code: Code, start: int, end: int) -> None:
        flaws.append(Flaw(code, start, end, text[start:end].strip()[:80]))

    marker = _ROLE.match(text)
    after = marker.end() if marker and marker.group().strip() else 0
    outside = _without_code(text)
    _around(text, after, add)
    _leftovers(outside, prompt, after, add)
    _endings(text, outside, add)
    _repeated(outside, add)
    _mixed(outside, prompt, add)
    return Cleanup(tuple(sorted(flaws, key=lambda flaw: flaw.start)), _cleaned(text, after))


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
    """Report markup, special tokens of chat templates and placeholders outside of code."""
    if any(mark in outside for mark in _MARKUP_MARKS):
        marks = [(found.start(), found.group()) for found in _MARKUP.finditer(outside)]
        for start, mark in (*marks, *special_tokens(outside)):
            asked_for = mark.startswith("<") and _ASKS_FOR_MARKUP.search(prompt)
            if start + len(mark) > after and not asked_for:
                report("markup", start, start + len(mark))
    lower = outside.lower()
    # Looking for a word in any letter case is slow; where no first character stands, it is spared.
    if any(mark in lower for mark in _PLACEHOLDER_MARKS):
        for found in _PLACEHOLDER.finditer(outside):
            report("placeholder", *found.span())


def _endings(text: str, outside: str, report: _Report) -> None:
    """Report code or prose that breaks off."""
    fences = [found.start() for found in _FENCE.finditer(text)] if "```" in text else []
    if len(fences) % 2:
        report("open_fence", fences[-1], len(text))
    elif _cut_off(outside):
        end = len(text.rstrip())
        report("truncated", max(0, end - 40), end)


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


def _cut_off(outside: str) -> bool:
    """Return whether a long prose text ends in the middle: no closing mark, no list, no heading."""
    visible = without_hidden(outside).rstrip()
    if len(visible) < _PROSE or visible[-1] in _END:
        return False
    if re.match(r"#\w+\Z", visible[visible.rfind("#") :]):
        return False
    last = visible.rsplit("\n", 1)[-1].strip()
    listed = re.match(r"(?:[-*•|#]|\d{1,2}[.)、])", last)
    # Poems, lists and signatures end without a mark; a long last line of prose does not.
    return not listed and len(last) >= (60 if last.isascii() else 30)


def _repeated(outside: str, report: _Report) -> None:
    """Report paragraphs that come again, and sentences that follow upon themselves."""
    seen: set[str] = set()
    place = 0
    paragraphs: set[str] = set()
    for part in _BETWEEN.split(outside) if outside.count("\n") > 1 else ():
        key = " ".join(part.split())
        if len(key) >= _PARAGRAPH:
            if key in paragraphs:
                report("repeated_paragraph", place, place + len(part))
            paragraphs.add(key)
        place += len(part)
    last: list[str] = []
    for found in _SENTENCE.finditer(outside):
        words = found.group().split()
        if words and words == last:
            key = " ".join(words)
            if len(key) >= _WORDS and key not in seen:
                report("repeated_sentence", *found.span())
                seen.add(key)
        last = words or last


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
