"""Does a text end in a mark that announces more: a colon, a hyphen."""

from __future__ import annotations

import re

from goldleaf.curation.answer_checks.unfinished_lists import ASKS_BLANKS

_ASKS_LABELS = re.compile(
    r"survey|questionnaire|field|label|prompt|heading|\bsyntax|opening|salutation|greeting|subject"
    r"|问卷|调查|登记|注册|报名|字段|称呼|问候|开头|标签|提示",
    re.IGNORECASE,
)
"""Questions for a text that ends in a colon."""
_CODE_HEAD = re.compile(r"^(?:if|for|while|def|class|else|elif|try|with|switch)\b|[<>={}]|\w\(")
"""A line of code, or of words in its place, that a colon may end."""
_HYPHEN = re.compile(r"[\w,;)] ?[-–]\Z")
_ENDS_IN_HYPHEN = re.compile(
    r"prefix|suffix|hyphen|dash|\bions?\b|charge|grade|blood|morse|前缀|连字符|破折号|离子|血型",
    re.IGNORECASE,
)
"""Questions for what a hyphen may end."""
_HAN = re.compile(r"[\u3400-\u9fff]")


def announced(text: str, line: str, question: str) -> tuple[str, float] | None:
    """Return what speaks for an end in a mark that announces more: a colon, a hyphen.

    Of labels one below the other, none of which has a text, a person is to fill in each.
    """
    zh = bool(_HAN.search(line))
    long = len(line) >= 8 if zh else line.count(" ") >= 4
    words = len(_HAN.findall(line)) >= 8 if zh else len(re.findall(r"[A-Za-z]{2}", line)) >= 4
    if _HYPHEN.search(text) and long and words:
        meant = _ENDS_IN_HYPHEN.search(f"{question[:2_000]}\n{line}")
        return None if meant else (f"ends in {text[-1]!r}", 0.7)
    if text[-1] not in ":：" or _CODE_HEAD.search(line):
        return None
    if ASKS_BLANKS.search(question[:2_000]) or _ASKS_LABELS.search(question[:2_000]):
        return None
    before = [each.strip() for each in text.split("\n")[:-1] if each.strip()]
    form = bool(before) and before[-1].endswith((":", "："))
    return ("ends in a colon", 0.8) if not form and (long or before) else None
