"""Texts as sparse rows of hashed terms: words, runs of characters, and the form of a text.

Chinese and Japanese are written without spaces, so two neighbouring characters stand for a word
there. Hashing keeps memory bounded by `BITS`, whatever the vocabulary.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Sequence
from operator import add
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    import numpy as np

    Matrix: TypeAlias = Any  # scipy.sparse.csr_matrix, whose stubs know no shape
    Floats: TypeAlias = np.ndarray[Any, np.dtype[np.float32]]

BITS: Final = 18
"""Terms fall into 2 ** BITS columns."""
READ: Final = 3_000
"""Characters of a text that are read: its start tells its topic."""
KEPT: Final = 200_000
"""Terms whose columns are remembered."""
BLOCK: Final = 128
"""Texts whose characters are hashed together: few enough for a processor's cache."""
FREQUENT: Final = 0.2
"""Terms of more than this share of texts say nothing about the topic."""

_TOKEN = re.compile(
    "[a-z0-9\u00c0-\u024f\u0400-\u04ff]{1,60}|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{1,2000}"
)
_SPACED = "".join(chr(code) if chr(code).isalnum() else " " for code in range(128))
"""ASCII with a space for everything that is no part of a word: `str.translate`."""
LONGEST: Final = 60
"""Characters of a word; a longer one counts as several."""
_SPACELESS: Final = 0x3040
"""From this code point on a script is taken to write no spaces."""
_ITEM = re.compile(r"^[ \t]*(?:[-*•]|\d{1,3}[.)、])", re.MULTILINE)
# Words are tested for their start last: a pattern is found fast by its first letters, not by \b.
_CODE = re.compile(r"[{};][ \t]*$|def (?<!\wdef )|return(?<!\wreturn)(?!\w)|==|</", re.MULTILINE)
_NUMBER = re.compile(r"\d+")
_SELF = re.compile(r"i(?<!\wi)(?!\w)|my(?<!\wmy)(?!\w)|we(?<!\wwe)(?!\w)|our(?<!\wour)(?!\w)|我")
_OTHER = re.compile(r"you(?<!\wyou)(?!\w)|your(?<!\wyour)(?!\w)|你|您")


def words(text: str) -> list[str]:
    """Return the words of a text in lower case, of scripts without spaces pairs of characters.

    >>> words("The cat. 小猫叫")
    ['the', 'cat', '小猫', '猫叫']
    """
    text = text[:READ].lower()
    if text.isascii():
        found = text.translate(_SPACED).split()
        if max(map(len, found), default=0) <= LONGEST:
            return found
    found: list[str] = []
    for token in _TOKEN.findall(text):
        if ord(token[0]) >= _SPACELESS:
            found.extend(map(add, token, token[1:]) if len(token) > 1 else token)
        else:
            found.append(token)
    return found


def word_counts(texts: Sequence[str]) -> Matrix:
    """Return how often each hashed word stands in each text, shape (texts, 2 ** BITS)."""
    return _rows(texts, words)


def form_marks(texts: Sequence[str], asked: bool) -> Matrix:
    """Return marks of the form of texts: how a question begins, how an answer is laid out.

    Args:
        texts: questions or answers.
        asked: they are questions.
    """
    import numpy as np

    matrix = _rows(texts, _question_form if asked else _answer_form)
    matrix.data = np.ones_like(matrix.data)
    return matrix


def character_counts(texts: Sequence[str]) -> Matrix:
    """Return counts of runs of four characters, of two in scripts without spaces."""
    import numpy as np
    import scipy.sparse as sp

    parts = [_runs(texts[start : start + BLOCK]) for start in range(0, len(texts), BLOCK)]
    sizes = [np.zeros(1, dtype=np.int64), *(size for _, size in parts)]
    columns = np.concatenate([np.zeros(0, dtype=np.int32), *(column for column, _ in parts)])
    ones = np.ones(len(columns), dtype=np.float32)
    shape = (len(texts), 1 << BITS)
    found = sp.csr_matrix((ones, columns, np.cumsum(np.concatenate(sizes))), shape=shape)
    found.sum_duplicates()
    return found


def _runs(texts: Sequence[str]) -> tuple[Any, Any]:
    """Return the columns of all runs of characters, and how many each text has."""
    import numpy as np

    spaced = [f" {' '.join(text[:READ].lower().split())} " for text in texts]
    ends = np.cumsum([len(text) for text in spaced])
    joined = "".join(spaced).encode("utf-32-le", "surrogatepass")
    points = np.frombuffer(joined, dtype=np.uint32)
    spaceless = points >= _SPACELESS
    mix = np.uint64(0x9E3779B97F4A7C15)  # 2 ** 64 / golden ratio, Knuth's multiplicative hash
    after = np.zeros(len(points) + 4, dtype=np.uint64)
    after[:-4] = points
    key = after[:-4] * mix
    key += after[1:-3]
    key *= mix
    two = key[spaceless]
    key += after[2:-2]
    key *= mix
    key += after[3:-1]
    key *= mix
    key[spaceless] = two
    key ^= key >> np.uint64(29)
    key *= mix
    key >>= np.uint64(64 - BITS)
    whole = np.ones(len(points), dtype=bool)
    for last in (1, 2, 3):  # what follows belongs to the next text
        at = ends - last
        whole[at] &= spaceless[at] if last > 1 else False
    sizes = np.add.reduceat(whole, np.concatenate([[0], ends[:-1]]), dtype=np.int64)
    return key[whole].astype(np.int32), sizes


def weights(*counts: Matrix, frequent: float = FREQUENT) -> Floats:
    """Return the inverse document frequency of each column, 0 for frequent ones."""
    import numpy as np

    total = sum(each.shape[0] for each in counts)
    width = counts[0].shape[1]
    seen = sum(np.bincount(each.indices, minlength=width) for each in counts)
    found = np.log((1 + total) / (1 + np.asarray(seen))) + 1
    found[np.asarray(seen) > max(frequent * total, 2)] = 0
    return found.astype(np.float32)


def weighted(counts: Matrix, weight: Floats) -> Matrix:
    """Return TF-IDF rows of length 1, the frequency of a term in its text as its logarithm."""
    import numpy as np
    import scipy.sparse as sp

    found = counts.copy()
    found.data = ((1 + np.log(found.data)) * weight[found.indices]).astype(np.float32)
    size = np.sqrt(np.asarray(found.multiply(found).sum(axis=1)).ravel())
    size[size == 0] = 1
    return sp.csr_matrix(sp.diags((1 / size).astype(np.float32)) @ found)


class _Columns(dict[str, int]):
    """The column of each term, kept while some rows are counted."""

    def __missing__(self, term: str) -> int:
        found = zlib.crc32(term.encode("utf-8", "surrogatepass")) & ((1 << BITS) - 1)
        if len(self) < KEPT:
            self[term] = found
        return found


def _rows(texts: Sequence[str], terms: Callable[[str], list[str]]) -> Matrix:
    import numpy as np
    import scipy.sparse as sp

    columns: list[int] = []
    ends = [0]
    column = _Columns().__getitem__
    for text in texts:
        columns.extend(map(column, terms(text)))
        ends.append(len(columns))
    ones = np.ones(len(columns), dtype=np.float32)
    matrix = sp.csr_matrix(
        (ones, np.array(columns, dtype=np.int32), np.array(ends, dtype=np.int32)),
        shape=(len(texts), 1 << BITS),
    )
    matrix.sum_duplicates()
    return matrix


def _question_form(text: str) -> list[str]:
    first = words(text[:400])
    marks = [f"begins {' '.join(first[:size])}" for size in (1, 2)]
    marks.extend(f"has {word}" for word in first[:25])
    marks.append("asks" if "?" in text or "？" in text else "tells")
    marks.append("lines" if "\n" in text.strip() else "line")
    marks.append(f"size {len(text).bit_length()}")
    return marks


def _letter_class(character: str) -> str:
    if character.isalnum():
        return "0" if character.isdigit() else "A" if character.isupper() else "a"
    return character


def _answer_form(text: str) -> list[str]:
    text = text[:READ].strip()
    first, last, lower = text[:1], text[-1:], text.lower()
    return [
        f"size {len(text).bit_length()}",
        f"lines {min(4, text.count(chr(10)))}",
        f"ends {'a' if last.isalnum() else last}",
        f"starts {_letter_class(first)}",
        "list" if _ITEM.search(text) else "no list",
        "code" if _CODE.search(text) else "no code",
        "asks" if "?" in text or "？" in text else "tells",
        f"numbers {min(3, len(_NUMBER.findall(text)))}",
        f"begins {' '.join(words(text[:60])[:1])}",
        "I" if _SELF.search(lower) else "no I",
        "you" if _OTHER.search(lower) else "no you",
    ]
