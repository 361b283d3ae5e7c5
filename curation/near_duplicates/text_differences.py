"""In what two similar texts differ: numbers, words of content, or only what a reader overlooks.

Similarity alone cannot tell a misspelt copy from another question in the same words: "the capital
of France" and "the capital of Gabon" share most of their 5-grams.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cached_property, lru_cache

_NUMBER = re.compile(r"(?:\d{1,3}(?:,\d{3}){1,10}(?!\d)|\d{1,50})(?:\.\d{1,30})?")
_TOKEN = re.compile("[\u3005-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]|[^\\s\u3005-\u9fff]{1,200}")
_CODE_NAME = re.compile(r"(?<![\w+#])[A-Za-z](?:\+\+|#)(?![\w+#])")
_NUMBER_WORDS = {
    word: str(number)
    for number, word in enumerate(
        "two three four five six seven eight nine ten eleven twelve".split(), 2
    )
}
_NUMBER_WORD = re.compile(rf"\b(?:{'|'.join(_NUMBER_WORDS)})\b")
_FUNCTION_WORDS = frozenset(
    """a an the this that these those some any each all both such same of in on at by for from
    with to into onto about over under as than then so and or but if while when where which
    who whom whose what how why is are was were be been being am do does did done has have had
    having can could will would shall should may might must i me my mine we us our you your
    yours he him his she her it its they them their there here also too very just only really
    quite please kindly help want need like one ones given following below above let s t d ll
    re ve m however though although because since thus therefore hence yet still moreover
    furthermore additionally well now ok okay hi hello hey thanks thank sure certainly course
    的 了 吗 呢 吧 啊 呀 嘛 着 过 地 得 之 其 这 那 此 该 些 个 位 种 请 您 你 我 们 他
    她 它 和 与 及 或 并 且 而 但 可 以 能 会 要 想 将 把 被 对 于 在 为 是 有 就 也 都
    还 又 很 更 最 一 下 帮 给 让 使 用 从 到 中 里 上 如 何 什 么 怎 样 哪 谁 几 则 若
    因 所 即 便 却 只 才 麻 烦 谢""".split()
)
"""Words and characters whose change leaves a question what it was; no negations among them."""
_NO_CONTENT = _FUNCTION_WORDS.union(_NUMBER_WORDS)
_BEFORE = re.compile(
    r"(?:(?:sure|certainly|of course|absolutely|okay|ok|hi|hello|hey|please|kindly|could you"
    r"|can you|would you|好的?|当然可以|当然|没问题|麻烦[您你]|请问?[您你]?|[您你]好)[ ]?){1,3}"
)
_AFTER = re.compile(
    r"(?:[ ](?:i )?hope (?:this|that|it) .{0,40}|[ ](?:please )?let me know .{0,60}"
    r"|[ ](?:please )?feel free to .{0,60}|[ ]if you have any .{0,80}"
    r"|希望(?:这|以上|能|可以|对).{0,16}|如果?[您你]?还?有(?:任何|其他)?(?:疑问|问题).{0,24}"
    r"|以上.{0,4}供参考)$"
)
_AFTER_MOST = 110
"""What people and models put before and after what they have to say, in folded texts."""
_INSERTED = 6
"""Words of a text for each word of content that may be in it and not in the other."""


_COMPARED = 200
"""Words whose spelling is compared; texts that differ in more do differ."""
_MISSPELT = 4
"""One word of so many, and so many words, may be misspelt; more are other words."""
_LONGEST = 24
"""Letters of a word that may be misspelt."""


class Words:
    """A text as it is compared: what it is made of is found when it is asked for, once.

    Attributes:
        text: as it is.
        folded: as `goldleaf.curation.near_duplicates.folded_texts.fold` returns it.
    """

    def __init__(self, text: str, folded: str) -> None:
        self.text = text
        self.folded = folded

    @cached_property
    def tokens(self) -> Counter[str]:
        """Its words, and Chinese characters, without numbers, each with how often it occurs."""
        said = _without_courtesy(self.folded)
        found = said.split() if said.isascii() else _TOKEN.findall(said)
        if "#" in self.text or "++" in self.text:
            found.extend(name.lower() for name in _CODE_NAME.findall(self.text))
        counts = Counter(found)
        for number in [token for token in counts if token.isdigit()]:
            del counts[number]
        return counts

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Its different words: what another text lacks is found in one operation."""
        return frozenset(self.tokens)

    @cached_property
    def repeated(self) -> frozenset[str]:
        """Its words that occur more than once."""
        return frozenset(word for word, count in self.tokens.items() if count > 1)

    @cached_property
    def length(self) -> int:
        """Its words."""
        return self.tokens.total()

    @cached_property
    def numbers(self) -> Counter[str]:
        """Its numbers, without separators of thousands and zeros at the end, and as words."""
        text = self.text if self.text.isascii() else unicodedata.normalize("NFKC", self.text)
        found = Counter(_plain_number(number) for number in _NUMBER.findall(text))
        found.update(_NUMBER_WORDS[word] for word in _NUMBER_WORD.findall(self.folded))
        return found


@dataclass(frozen=True)
class Differences:
    """What is in one of two texts and not in the other.

    Attributes:
        one: words of content that only the first has; misspellings of the other's left out.
        other: that only the second has.
        exchanged: words of any sort that both have for others, at least.
        tokens: words of the longer text, Chinese characters counted as words.
    """

    one: frozenset[str] = frozenset()
    other: frozenset[str] = frozenset()
    exchanged: int = 0
    tokens: int = 0

    @property
    def overlooked(self) -> bool:
        """Whether both texts ask or say the same to a reader, numbers aside.

        None has a word for another; a few of one may lack in the other.
        """
        if self.one and self.other:
            return False
        if self.exchanged > _MISSPELT + self.tokens // _MISSPELT:
            return False
        return (len(self.one) + len(self.other)) * _INSERTED <= self.tokens


def same_content(one: Words, other: Words) -> bool:
    """Return whether two texts have the same words of content and numbers, and any at all."""
    if one.numbers != other.numbers:
        return False
    found = differences(one, other)
    if found.one or found.other:
        return False
    return bool(one.numbers) or not _FUNCTION_WORDS.issuperset(one.tokens)


def other_numbers(one: Words, other: Words) -> bool:
    """Return whether each text has a number that the other has not."""
    first, second = one.numbers, other.numbers
    return first != second and bool(first - second) and bool(second - first)


def more_numbers(one: Words, other: Words) -> bool:
    """Return whether one text has two numbers or more that the other has not."""
    first, second = one.numbers, other.numbers
    return first != second and max((first - second).total(), (second - first).total()) > 1


def differences(one: Words, other: Words) -> Differences:
    """Return in what two texts differ.

    >>> from goldleaf.curation.near_duplicates.folded_texts import fold
    >>> def overlooked(*texts):
    ...     folded = fold(texts)
    ...     one, other = (Words(text, folded.text(n)) for n, text in enumerate(texts))
    ...     return differences(one, other).overlooked
    >>> overlooked("What is the capital of France?", "Please, what is the captial of France")
    True
    >>> overlooked("What is the capital of France?", "What is the capital of Gabon?")
    False
    >>> overlooked("法国的首都是哪里？", "请问法国首都是哪里")
    True
    """
    if one.folded == other.folded:
        return Differences()
    first, second = _more(one, other), _more(other, one)
    exchanged, tokens = min(len(first), len(second)), max(one.length, other.length)
    spelt = exchanged <= _MISSPELT + tokens // _MISSPELT
    return Differences(
        _content(first, second, spelt=spelt),
        _content(second, first, spelt=spelt),
        exchanged,
        tokens,
    )


def _without_courtesy(folded: str) -> str:
    """Return a folded text without polite words around it, if there is more to it."""
    start, end = 0, len(folded)
    before = _BEFORE.match(folded)
    if before is not None:
        start = before.end()
    after = _AFTER.search(folded, max(start, end - _AFTER_MOST))
    if after is not None:
        end = after.start()
    return folded[start:end] or folded


def _more(one: Words, other: Words) -> frozenset[str]:
    """Return the words that one text has more often."""
    shared = one.repeated & other.vocabulary
    oftener = [word for word in shared if one.tokens[word] > other.tokens[word]]
    return (one.vocabulary - other.vocabulary).union(oftener)


def _content(own: frozenset[str], others: frozenset[str], *, spelt: bool) -> frozenset[str]:
    """Return the words of content in `own` that are no misspelt word of `others`."""
    words = own - _NO_CONTENT
    if not words or not others or not spelt or len(words) + len(others) > _COMPARED:
        return words
    known = frozenset[str]().union(*map(_spellings, others))
    return frozenset(word for word in words if known.isdisjoint(_spellings(word)))


def misspelt(one: str, other: str) -> bool:
    """Return whether two words may be one word, misspelt or inflected.

    Letters in another order, one letter more, less or other in a word of five or more, an "s" or
    "ed" more. Names that differ in two letters, such as Austria and Australia, are two words.

    >>> misspelt("eemregd", "emerged"), misspelt("tyme", "time"), misspelt("increase", "decrease")
    (True, False, False)
    """
    return not _spellings(one).isdisjoint(_spellings(other))


@lru_cache(maxsize=65_536)
def _spellings(word: str) -> frozenset[str]:
    """Return keys of which misspelt words have one in common: looked up, no pair is compared."""
    if not word.isalpha() or not 2 <= len(word) <= _LONGEST:
        return frozenset()
    found = {word}
    if len(word) > 2:
        found.add("".join(sorted(word)) + "*")
    if word.endswith("s"):
        found.add(word[:-1])
    elif word.endswith("ed"):
        found.add(word[:-2])
    if len(word) > 4:
        found.update(word[:place] + word[place + 1 :] for place in range(len(word)))
    return frozenset(found)


def _plain_number(number: str) -> str:
    plain = number.replace(",", "")
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return plain.lstrip("0") or "0"
