"""The words of many folded texts as arrays: what one text lacks of another without a loop.

A word is what stands between spaces; of Chinese, each character. Numbers are left out: they are
compared apart. So are polite words around a text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np

from goldleaf.curation.near_duplicates.folded_texts import SPACE, FoldedTexts, fold
from goldleaf.curation.near_duplicates.hash_lookup import among

Array = np.ndarray[Any, Any]

NUMBER_WORDS = {
    word: str(number)
    for number, word in enumerate(
        "two three four five six seven eight nine ten eleven twelve".split(), 2
    )
}
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
_NO_CONTENT = _FUNCTION_WORDS.union(NUMBER_WORDS)
_BEFORE = re.compile(
    r"(?:(?:(?:sure|certainly|of course|absolutely|okay|ok|hi|hello|hey|please|kindly|could you"
    r"|can you|would you)(?![^\W\u3005-\u9fff])|好的?|当然可以|当然|没问题|麻烦[您你]|请问?[您你]?"
    r"|[您你]好)[ ]?){1,3}"
)
_AFTER = re.compile(
    r"(?:[ ](?:i )?hope (?:this|that|it) .{0,40}|[ ](?:please )?let me know .{0,60}"
    r"|[ ](?:please )?feel free to .{0,60}|[ ]if you have any .{0,80}"
    r"|希望(?:这|以上|能|可以|对).{0,16}|如果?[您你]?还?有(?:任何|其他)?(?:疑问|问题).{0,24}"
    r"|以上.{0,4}供参考)$"
)
_AFTER_MOST = 110
"""What people and models put before and after what they have to say, in folded texts."""
_FIRST = frozenset(
    """sure certainly of absolutely okay ok hi hello hey please kindly could can would
    好 当 没 麻 请 您 你""".split()
)
_LAST = frozenset("hope know free any 望 问 参".split())
"""Words without one of which `_BEFORE` and `_AFTER` find nothing."""
_CODE_NAME = re.compile(r"(?<![\w+#])[A-Za-z](?:\+\+|#)(?![\w+#])")
_HASH_BITS = np.uint64(40)
_HASH_MASK = np.uint64((1 << 40) - 1)
_MIX = np.uint64(0xFF51AFD7ED558CCD)
_LONGEST = 256
"""A power of two: characters after which those of a word repeat the factors of its hash."""


@dataclass(frozen=True)
class WordTable:
    """The distinct words of texts, one text after the other.

    Attributes:
        keys: uint64, ascending: the number of the text, and 40 bits of the word's hash.
        counts: int64, how often a word occurs in its text.
        places: int64, where in its folded text it occurs, -1 of a name such as "c++".
        sizes: int64, its characters.
        content: whether it has a meaning of its own.
        offsets: int64, the first word of each text, and one more.
        letters: uint32, a bit for each letter that occurs in a word, some letters sharing one.
        totals: int64, words of each text.
        numbered: of each text, whether it has a number as a word.
        names: the words without a place, by hash.
    """

    keys: Array
    counts: Array
    places: Array
    sizes: Array
    content: Array
    offsets: Array
    letters: Array
    totals: Array
    numbered: Array
    names: dict[int, str]

    @cached_property
    def hashes(self) -> Array:
        """Hash of each word, without its text."""
        return self.keys & _HASH_MASK

    @cached_property
    def texts(self) -> Array:
        """The text of each word."""
        return (self.keys >> _HASH_BITS).astype(np.int64)

    def occurrences(self, texts: Array, hashes: Array) -> Array:
        """Return how often words, by their hashes, occur in texts."""
        if not len(self.keys):
            return np.zeros(len(texts), np.int64)
        wanted = (texts.astype(np.uint64) << _HASH_BITS) | hashes
        places = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        return np.where(self.keys[places] == wanted, self.counts[places], 0)


def united(tables: Sequence[WordTable]) -> WordTable:
    """Return the words of all texts of some tables, one or more."""
    keys: list[Array] = []
    offsets: list[Array] = [np.zeros(1, np.int64)]
    texts, words = 0, 0
    for table in tables:
        keys.append(table.keys + (np.uint64(texts) << _HASH_BITS))
        offsets.append(table.offsets[1:] + words)
        texts, words = texts + len(table.totals), words + len(table.keys)
    return WordTable(
        keys=np.concatenate(keys),
        offsets=np.concatenate(offsets),
        **{
            name: np.concatenate([getattr(table, name) for table in tables])
            for name in (
                "counts",
                "places",
                "sizes",
                "content",
                "letters",
                "totals",
                "numbered",
            )
        },
        names={hashed: name for table in tables for hashed, name in table.names.items()},
    )


def word_table(texts: Sequence[str], folded: FoldedTexts) -> WordTable:
    """Return the words of texts.

    Args:
        texts: as they are.
        folded: `goldleaf.curation.near_duplicates.folded_texts.fold` of them.
    """
    starts, ends, hashes, number, letters = _tokens(folded.characters)
    owners = np.searchsorted(folded.ends, starts, side="right")
    numbered = np.zeros(len(texts), np.bool_)
    numbered[owners[among(hashes, _hashes_of(frozenset(NUMBER_WORDS)))]] = True
    kept = ~number & _said(folded, starts, ends, owners, hashes)
    starts, ends, hashes, owners = starts[kept], ends[kept], hashes[kept], owners[kept]
    letters = letters[kept]
    sizes, starts = ends - starts, starts - folded.starts[owners]
    names, named, by_hash = _code_names(texts)
    keys = (np.concatenate([owners, named]).astype(np.uint64) << _HASH_BITS) | np.concatenate(
        [hashes, names]
    )
    places = np.concatenate([starts, np.full(len(names), -1)])
    sizes = np.concatenate([sizes, np.zeros(len(names), np.int64)])
    letters = np.concatenate([letters, np.zeros(len(names), np.uint32)])
    order = np.argsort(keys)
    keys = keys[order]
    new = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if len(keys) else order
    first, distinct = order[new], keys[new]
    counts = np.diff(np.r_[new, len(keys)])
    whose = (distinct >> _HASH_BITS).astype(np.int64)
    offsets = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(np.bincount(whose, minlength=len(texts)), out=offsets[1:])
    return WordTable(
        keys=distinct,
        counts=counts,
        places=places[first],
        sizes=sizes[first],
        content=~among(distinct & _HASH_MASK, _hashes_of(_NO_CONTENT)),
        offsets=offsets,
        letters=letters[first],
        totals=np.bincount(whose, weights=counts, minlength=len(texts)).astype(np.int64),
        numbered=numbered,
        names=by_hash,
    )


def _tokens(characters: Array) -> tuple[Array, Array, Array, Array, Array]:
    """Return where words start and end, their hashes, which are numbers, and bits of letters."""
    wide = np.zeros(len(characters), np.bool_)
    high = np.flatnonzero(characters >= 0x3005)
    if len(high):
        own = characters[high]
        wide[high] = (own < 0xA000) | ((own >= 0xF900) & (own < 0xFB00)) | (own >= 0x20000)
    inner = (characters > SPACE) & ~wide
    before = np.zeros_like(inner)
    before[1:] = inner[:-1]
    starts = np.flatnonzero(wide | (inner & ~before))
    if not len(starts):
        empty = np.zeros(0, np.int64)
        none = empty.astype(np.uint32)
        return empty, empty, empty.astype(np.uint64), empty.astype(np.bool_), none
    ends = starts + 1
    ends[~wide[starts]] = np.flatnonzero(before & ~inner)
    place = np.arange(starts[0], len(characters)) - np.repeat(
        starts, np.diff(np.r_[starts, len(characters)])
    )
    own = characters[starts[0] :]
    mixed = own * np.take(_factors(), place & (_LONGEST - 1))
    apart = own <= SPACE
    mixed[apart] = 0
    hashes = np.add.reduceat(mixed, starts - starts[0])
    hashes ^= hashes >> np.uint64(32)
    hashes *= _MIX
    letters = ~apart & ((own < ord("0")) | (own > ord("9")))
    number = np.add.reduceat(letters, starts - starts[0], dtype=np.int64) == 0
    bits = np.left_shift(np.uint32(1), own & np.uint32(31))
    bits[apart] = 0
    present = np.bitwise_or.reduceat(bits, starts - starts[0])
    return starts, ends, hashes >> np.uint64(24), number, present


def _said(folded: FoldedTexts, starts: Array, ends: Array, owners: Array, hashes: Array) -> Array:
    """Return which words are no polite words around a text, if there is more to it."""
    kept = np.ones(len(starts), np.bool_)
    if not len(starts):
        return kept
    opening = np.flatnonzero((starts == folded.starts[owners]) & among(hashes, _hashes_of(_FIRST)))
    near = ends > folded.ends[owners] - _AFTER_MOST
    closing = near & among(hashes, _hashes_of(_LAST))
    for text in np.union1d(owners[opening], owners[closing]).tolist():
        said = folded.text(text)
        first, last = 0, len(said)
        before = _BEFORE.match(said)
        if before is not None:
            first = before.end()
        after = _AFTER.search(said, max(first, last - _AFTER_MOST))
        if after is not None:
            last = after.start()
        if first < last:
            own = slice(*np.searchsorted(owners, (text, text + 1)))
            place = starts[own] - folded.starts[text]
            kept[own] = (place >= first) & (place < last)
    return kept


def _code_names(texts: Sequence[str]) -> tuple[Array, Array, dict[int, str]]:
    """Return hashes of names such as "c++" in texts, in which texts, and the names by hash."""
    from xxhash import xxh3_64_intdigest

    found: list[tuple[int, int]] = []
    names: dict[int, str] = {}
    for number, text in enumerate(texts):
        if "#" in text or "++" in text:
            for name in _CODE_NAME.findall(text):
                hashed = xxh3_64_intdigest(name.lower().encode()) >> 24
                names[hashed] = name.lower()
                found.append((hashed, number))
    pairs = np.array(found, np.int64).reshape(-1, 2)
    return pairs[:, 0].astype(np.uint64), pairs[:, 1], names


@cache
def _factors() -> Array:
    """Return an odd factor for each place in a word."""
    mixed = np.arange(1, _LONGEST + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    return mixed | np.uint64(1)


@cache
def _hashes_of(words: frozenset[str]) -> Array:
    return np.unique(_tokens(fold(sorted(words)).characters)[2])
