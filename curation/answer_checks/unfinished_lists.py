"""Does a list break off: its last item has no end, no text, or there are too few."""

from __future__ import annotations

import re
from typing import Final

END: Final = re.compile(r"""[.!?。！？…~～;；:：]["'”’)\]）】》」*_`]*\Z""")
"""A mark that ends a sentence, with what may close behind it."""
ITEM: Final = re.compile(
    r"[ \t]*(?:[-*•·–—○●▪>+]|\(?[0-9]{1,3}[.)、:：]|\(?[a-zA-Z][.)]|[IVXivx]{1,5}[.)]"
    r"|[(（][0-9一二三四五六七八九十]{1,3}[)）]|[一二三四五六七八九十]{1,3}[、.]"
    r"|(?:Step|Day|Week|第)\s?[0-9一二三四五六七八九十]{1,3})"
)
_NUMBERED = re.compile(r"\(?[0-9]{1,3}[.)、:：]")
_FIRST = re.compile(r"\(?1[.)、:：]")
_NUMBERS = {
    word: number
    for number, word in enumerate("two three four five six seven eight nine ten".split(), 2)
} | {word: number for number, word in enumerate("两三四五六七八九十", 2)}
_ASKED = re.compile(
    r"\b(?:list|give|name|provide|suggest|generate|create|brainstorm|write|identify|come up with"
    r"|find|propose|describe|outline|compile|make|what are|recommend)\b[^.?!\n]{0,40}?"
    r"\b(two|three|four|five|six|seven|eight|nine|ten|[2-9]|[12][0-9])\b"
    r"|([2-9]|1[0-9]|两|三|四|五|六|七|八|九|十)(?:个|种|条|项|点|本|部|位|句|首|件|款)",
    re.IGNORECASE,
)
_EMPTY_ITEMS = re.compile(
    r"(?:^[ \t]*(?:[-*•]|\(?[0-9]{1,2}[.)、])[ \t]*\n(?:[ \t]*\n)*){2,}", re.MULTILINE
)
"""Two items of a list or more, one after the other, without a text."""
_ASKS_EMPTY = r"blank|empty|worksheet|fill (?:in|out|it|them)|空白|空行|空的|留空|填空|填写"
ASKS_BLANKS: Final = re.compile(
    rf"{_ASKS_EMPTY}|template|form\b|outline|checklist|table|format|模板|表格|格式", re.IGNORECASE
)
"""Questions for a text that is to be filled in."""


def empty_items(text: str, question: str) -> bool:
    """Return whether two items of a list, one after the other, lack a text, and no one asked so."""
    return _blank_items(text) and not ASKS_BLANKS.search(question[:2_000])


def left_blank(text: str, question: str) -> bool:
    """Return whether the items of a list without a text are what a question asks for."""
    return _blank_items(text) and bool(re.search(_ASKS_EMPTY, question[:2_000], re.IGNORECASE))


def _blank_items(text: str) -> bool:
    return bool(_EMPTY_ITEMS.search(text + "\n"))


def list_evidence(lines: list[str], question: str) -> tuple[str, float] | None:
    """Return what speaks for a list that breaks off."""
    items = _last_list(lines)
    if len(items) < 2:
        return None
    *others, last = items
    bodies = [ITEM.sub("", each, count=1).strip() for each in others]
    body = ITEM.sub("", last, count=1).strip()
    if not body:
        return "the last item is empty", 0.9
    closed = sum(1 for each in others if END.search(each))
    long_one = len(bodies[0]) >= (40 if bodies[0].isascii() else 12)
    if closed == len(others) and (len(others) >= 2 or long_one):
        return "the last item has no end, the others have", 0.8
    asked = _asked_for(question)
    numbered = re.match(r"\(?([0-9]{1,2})[.)、]", last)
    if asked and numbered and int(numbered[1]) < asked and len(items) < asked:
        return f"{len(items)} items of {asked} asked for, and no end", 0.7
    every = [ITEM.sub("", each, count=1) for each in lines[:-1] if ITEM.match(each)]
    least = min(len(each.split()) for each in every)
    if least >= 4 and len(body.split()) * 3 < least and len(every) >= 2:
        return "the last item is a stump", 0.6
    return None


def _last_list(lines: list[str]) -> list[str]:
    """Return the items of the list that the last line belongs to, none where it is no item.

    They have the same kind of mark; of numbered ones, those from the last "1." that another one
    follows.
    """
    if not ITEM.match(lines[-1]):
        return []
    numbered = _NUMBERED.match(lines[-1])
    items = [
        each for each in lines if ITEM.match(each) and bool(_NUMBERED.match(each)) == bool(numbered)
    ]
    if not numbered:
        return items
    first = max((n for n, each in enumerate(items) if _FIRST.match(each)), default=0)
    return items[first:] if first < len(items) - 1 else items


def _asked_for(question: str) -> int:
    """Return how many things a question asks for, 0 where it names no number."""
    found = _ASKED.search(question[:2_000])
    if not found:
        return 0
    word = (found[1] or found[2]).lower()
    return _NUMBERS.get(word) or (int(word) if word.isdigit() else 0)
