"""Is a text without its spaces, or with one between each two characters."""

from __future__ import annotations

import re

from goldleaf.curation.answer_checks.empty_answers import Remark

_LETTERS = re.compile(r"(?<![/@#._\\-])[A-Za-z]{2,}(?![/@_\\])")
_LONG = 24
"""Letters in a row, more than English words have but for a few."""
_MEAN = 9
"""Mean letters in a row of a text that has lost seven spaces of ten; of English 5, of German 6."""
_ADDRESS = re.compile(r"\S*(?:://|www\.|[@#_/\\=<>{}])\S*")
_HAN_APART = re.compile(
    "(?:[\u3400-\u9fff，。、；：！？“”《》（）][ \u3000]){12,}[\u3400-\u9fff，。、；：！？]"
)
_LETTERS_APART = re.compile(r"(?:[A-Za-z,.;:!?'\"()-] {1,3}){20,}")
_ASKS = re.compile(
    r"spac|letter|spell|character|segment|token|separat|split|alphabet|hashtag|camel|url|password|concat"
    r"|morse|cipher|encrypt|encod|空格|拼写|字母|分词|分隔|分开|拆分|密码|标签|加密|竖",
    re.IGNORECASE,
)


def wrong_spacing(text: str, question: str) -> Remark | None:
    """Return where the spaces of a text are lost, or stand between all characters.

    >>> wrong_spacing("Thesunisastaratthecentreofoursystem.Itgivesuslight,andheatsalllife.", "")
    Remark(start=0, end=67, reason='its spaces are lost', score=0.8)
    >>> wrong_spacing("今 天 的 天 气 很 好 ， 我 们 去 公 园 吧 。", "").reason
    'a space between all characters'
    """
    if _ASKS.search(question):
        return None
    if found := _HAN_APART.search(text):
        return Remark(*found.span(), "a space between all characters", 0.8)
    for found in _LETTERS_APART.finditer(text):
        letters = [each for each in found.group() if each.isalpha()]
        small = sum(map(str.islower, letters))
        many = len(set(letters)) >= 8 and small * 2 > len(letters)
        if many and sorted(letters) != letters:
            return Remark(*found.span(), "a space between all characters", 0.8)
    runs = [len(each) for each in _LETTERS.findall(_ADDRESS.sub(" ", text))]
    total = sum(runs)
    if total >= 60 and max(runs) >= _LONG and total > _MEAN * len(runs) and total * 2 > len(text):
        return Remark(0, len(text), "its spaces are lost", 0.8)
    return None
