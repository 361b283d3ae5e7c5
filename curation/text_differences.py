"""In what two similar texts differ: numbers, words of content, or only what a reader overlooks.

Similarity alone cannot tell a misspelt copy from another question in the same words: "the capital of
France" and "the capital of Gabon" share most of their 5-grams.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

_NUMBER = re.compile(r"\d[\d,]{0,40}(?:\.\d{1,30})?")
_TOKEN = re.compile("[\u3005-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]|[^\\s\u3005-\u9fff]{1,200}")
_CODE_NAME = re.compile(r"(?<![\w+#])[A-Za-z](?:\+\+|#)(?![\w+#])")
_NUMBER_WORDS = {
    word: str(number)
    for number, word in enumerate(
        "two three four five six seven eight nine ten eleven twelve".split(), 2
    )
}
_FUNCTION_WORDS = frozenset(
    """a an the this that these those some any each all both such same of in on at by for from with
    to into onto about over under as than then so and or but if while when where which who whom whose
    what how why is are was were be been being am do does did done has have had having can could will
    would shall should may might must i me my mine we us our you your yours he him his she her it its
    they them their there here also too very just only really quite please kindly help want need like
    one ones given following below above let s t d ll re ve m however though although because since
    thus therefore hence yet still moreover furthermore additionally well now ok okay hi hello hey
    thanks thank sure certainly course out up down off
    的 了 吗 呢 吧 啊 呀 嘛 着 过 地 得 之 其 这 那 此 该 些 个 位 种 请 您 你 我 们 他 她 它 和 与 及 或 并 且 而
    但 可 以 能 会 要 想 将 把 被 对 于 在 为 是 有 就 也 都 还 又 很 更 最 一 下 帮 给 让 使 用 从 到 中 里 上
    以 如 何 什 么 怎 样 哪 谁 几 则 若 因 所 即 便 却 只 才 吧 麻 烦 谢""".split()
)
"""Words and characters whose change leaves a question what it was; no negations among them."""
_INSERTED = 8
"""Words of a text for each word of content that may be in it and not in the other."""


@dataclass(frozen=True)
class Differences:
    """What is in one of two texts and not in the other.

    Attributes:
        numbers: each text has a number that the other has not.
        substituted: each text has a word of content that the other has not.
        inserted: words of content that one of them has alone.
        tokens: words of the shorter text, Chinese characters counted as words.
        one: words of content that only the first has; misspellings of the other's left out.
        other: that only the second has.
    """

    numbers: bool
    substituted: bool
    inserted: int
    tokens: int
    one: frozenset[str]
    other: frozenset[str]

    @property
    def overlooked(self) -> bool:
        """Whether both texts ask or say the same to a reader."""
        if self.numbers or self.substituted:
            return False
        return self.inserted * _INSERTED <= self.tokens


@dataclass(frozen=True)
class Words:
    """A text as `differences` compares it.

    Attributes:
        tokens: its words and Chinese characters, folded, each with how often it occurs.
        numbers: its numbers, without separators of thousands and trailing zeros.
    """

    tokens: Counter[str]
    numbers: Counter[str]


def words_of(text: str, folded: str) -> Words:
    """Return the words and numbers of a text.

    Args:
        text: as it is.
        folded: as `goldleaf.curation.folded_texts.fold` returns it.
    """
    tokens = Counter(_TOKEN.findall(folded))
    numbers = Counter(_plain_number(found) for found in _NUMBER.findall(text))
    for word, number in _NUMBER_WORDS.items():
        if word in tokens:
            numbers[number] += tokens[word]
    tokens.update(found.lower() for found in _CODE_NAME.findall(text))
    for token in [each for each in tokens if each.isdigit()]:
        del tokens[token]
    return Words(tokens, numbers)


def differences(one: Words, other: Words) -> Differences:
    """Return in what two texts differ.

    >>> from goldleaf.curation.folded_texts import fold
    >>> def compare(one, other):
    ...     folded = fold([one, other])
    ...     return differences(words_of(one, folded.text(0)), words_of(other, folded.text(1)))
    >>> compare("What is the capital of France?", "Please, what is the captial of France").overlooked
    True
    >>> compare("What is the capital of France?", "What is the capital of Gabon?").substituted
    True
    >>> compare("法国的首都是哪里？", "请问法国首都是哪里").overlooked
    True
    """
    numbers = bool(one.numbers - other.numbers) and bool(other.numbers - one.numbers)
    first, second = one.tokens - other.tokens, other.tokens - one.tokens
    first_words = _content(first, second)
    second_words = _content(second, first)
    return Differences(
        numbers=numbers,
        substituted=bool(first_words) and bool(second_words),
        inserted=max(len(first_words), len(second_words)),
        tokens=min(one.tokens.total(), other.tokens.total()),
        one=frozenset(first_words),
        other=frozenset(second_words),
    )


def _content(own: Counter[str], others: Counter[str]) -> set[str]:
    """Return the words of content in `own` that are no misspelt word of `others`."""
    words = {word for word in own if word not in _FUNCTION_WORDS and word not in _NUMBER_WORDS}
    return {word for word in words if not any(misspelt(word, each) for each in others)}


def misspelt(one: str, other: str) -> bool:
    """Return whether two words may be one word, misspelt or inflected.

    Letters in another order, one letter more, less or other in a word of five or more, an "s" or
    "ed" more. Names that differ in two letters, such as Austria and Australia, are two words.

    >>> misspelt("eemregd", "emerged"), misspelt("tyme", "time"), misspelt("increase", "decrease")
    (True, False, False)
    """
    shorter, longer = sorted((len(one), len(other)))
    if longer - shorter > 2 or not (one.isalpha() and other.isalpha()) or shorter < 2:
        return False
    if longer == shorter and shorter >= 3 and sorted(one) == sorted(other):
        return True
    if one + "s" == other or other + "s" == one or one + "ed" == other or other + "ed" == one:
        return True
    if shorter < 4 or longer < 5:
        return False
    from rapidfuzz.distance import OSA

    return OSA.distance(one, other, score_cutoff=1) <= 1


def _plain_number(number: str) -> str:
    plain = number.replace(",", "")
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return plain.lstrip("0") or "0"
