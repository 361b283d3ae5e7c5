"""Kernels that compare the answers of comparisons, each with its counterpart and crosswise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from goldleaf.curation.engines.engine import PARTITION
from goldleaf.curation.near_duplicates.folded_texts import fold
from goldleaf.curation.near_duplicates.pair_kernels import row_scores
from goldleaf.curation.near_duplicates.placed_pairs import pairs_of_partition
from goldleaf.curation.near_duplicates.record_parts import batches
from goldleaf.curation.near_duplicates.text_table import TextTable

ANSWERS = {
    PARTITION: pl.Int32,
    "key": pl.Int64,
    "prompt": pl.String,
    "better": pl.String,
    "others": pl.String,
}
ANSWER_FORMS = {PARTITION: pl.Int32, "key": pl.Int64, "form": pl.Binary}
"""`form`: a hash, equal only for those whose better answers, and whose others, are the same."""
PAIRS = {"a": pl.Int64, "b": pl.Int64}
REGROUPED = {"key": pl.Int64, "leader": pl.Int64}
"""`leader`: key of the record that is preferred among those of the same answers."""
ANSWERS_VERSION = "1"
_CHARACTERS = 2**23
"""Characters of the texts of pairs that are compared at once, at most: memory grows with them."""
_RUN = 3
"""Characters of the runs by which texts are compared as they are, folded in nothing."""
Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Answers:
    """Kernel: the answers that pairs need, where they are compared (`ANSWERS`).

    Attributes:
        needed: frame of `record`, its `key` and `p`, one row for each `key` and `p`.
    """

    needed: pl.DataFrame

    def __call__(self, paths: pl.DataFrame) -> pl.DataFrame:
        """Read files of `record`, `prompt`, `answer` (the better one) and `others`."""
        wanted = self.needed["record"].unique().implode()
        texts = [pl.col(each).fill_null("") for each in ("prompt", "answer", "others")]
        rows = pl.scan_parquet(paths["path"].to_list(), glob=False).select("record", *texts)
        own = rows.filter(pl.col("record").is_in(wanted)).collect()
        joined = own.join(self.needed, on="record", how="inner").rename({"answer": "better"})
        return joined.select(list(ANSWERS))


@dataclass(frozen=True)
class AnswerForms:
    """Kernel: in what forms records give their answers (`ANSWER_FORMS`).

    Where both answers are the same but for case, spaces and punctuation, these are what a record
    teaches: its form then is the very texts.

    Attributes:
        needed: as of `Answers`.
    """

    needed: pl.DataFrame

    def __call__(self, paths: pl.DataFrame) -> pl.DataFrame:
        """Read files as `Answers` does."""
        from xxhash import xxh3_128_digest

        rows = Answers(self.needed)(paths)
        better, others = (_forms(rows[side].to_list()) for side in ("better", "others"))
        texts = rows.select("better", "others").iter_rows()
        forms = [
            xxh3_128_digest(b"".join(xxh3_128_digest(part) for part in parts))
            for one, other, said in zip(better, others, texts, strict=True)
            for parts in [[_bytes(text) for text in said] if one == other else [one, other]]
        ]
        return rows.select(PARTITION, "key", pl.Series("form", forms, pl.Binary))


@dataclass(frozen=True)
class Regroup:
    """Kernel: whom records of the same content, and of the same answers, follow (`REGROUPED`).

    Attributes:
        rows: frame of `key`, `record`, `preference`, `leader`: of the same content.
    """

    rows: pl.DataFrame

    def __call__(self, forms: pl.DataFrame) -> pl.DataFrame:
        """Group; `forms` are all of the records of some contents."""
        rows = forms.unique("key", keep="any").join(self.rows, on="key")
        ordered = rows.sort("preference", "record", descending=[True, False])
        leader = pl.col("key").first().over("leader", "form").alias("leader")
        return ordered.select("key", leader).sort("key")


@dataclass(frozen=True)
class CompareAnswers:
    """Kernel: which pairs (`PAIRS`) are alike in each answer, and no more so crosswise.

    Attributes:
        pairs: `PAIRS` and their partition.
    """

    pairs: pl.DataFrame

    def __call__(self, answers: pl.DataFrame) -> pl.DataFrame:
        """Compare; `answers` are of one partition."""
        pairs = pairs_of_partition(self.pairs, answers[PARTITION][0]).sort("a", "b")
        rows = answers.unique("key", keep="any").sort("key")
        keys = rows["key"].to_numpy()
        sides = np.stack([np.searchsorted(keys, pairs[side].to_numpy()) for side in ("a", "b")])
        texts = rows.select("prompt", "better", "others")
        sizes = texts.select(pl.sum_horizontal(pl.all().str.len_chars())).to_series().to_numpy()
        kept = [np.zeros(0, np.bool_)]
        for some in _slices(sizes[sides].sum(axis=0, dtype=np.int64)):
            own, places = np.unique(sides[:, some], return_inverse=True)
            kept.append(_alike(texts[own], places.reshape(2, -1)))
        return pairs.filter(pl.Series(np.concatenate(kept))).select(list(PAIRS))


def _alike(texts: pl.DataFrame, places: Array) -> Array:
    """Return which pairs are alike in each answer, and no more so crosswise.

    Args:
        texts: `prompt`, `better`, `others`.
        places: int64 (2, pairs), rows of `texts`.
    """
    numbers: dict[str, int] = {}
    columns = [
        np.array([numbers.setdefault(text, len(numbers)) for text in column], np.int64)
        for column in texts
    ]
    prompts, better, others = (column[places] for column in columns)
    known = list(numbers)
    table = TextTable(known)
    found = np.ones(places.shape[1], np.bool_)
    for said in (better, others):
        left = np.flatnonzero(found)
        found[left] = row_scores(table, prompts[:, left], said[:, left]) > 0
    # A pair and its opposite contradict each other, and are alike where its two answers are.
    crossed = [np.stack(sides) for sides in ((better[0], others[1]), (others[0], better[1]))]
    opposite = found.copy()
    for said in crossed:
        left = np.flatnonzero(opposite)
        opposite[left] = row_scores(table, prompts[:, left], said[:, left]) > 0
    for pair in np.flatnonzero(opposite).tolist():
        direct, cross = (
            sum(_difference(known[said[0, pair]], known[said[1, pair]]) for said in both)
            for both in ((better, others), crossed)
        )
        found[pair] = direct < cross
    return found


def _difference(one: str, other: str) -> int:
    """Return how many runs of characters, case and marks too, only one of two texts has.

    Linear in their lengths, which an edit distance is not.
    """
    if one == other:
        return 0
    first, second = (
        Counter(padded[start : start + _RUN] for start in range(len(padded) - _RUN + 1))
        for text in (one, other)
        for padded in [f"\n\n{text}\n\n"]
    )
    return (first - second).total() + (second - first).total()


def _forms(texts: Sequence[str]) -> list[bytes]:
    """Return folded texts, marked; of those that folding leaves empty the texts themselves."""
    sizes = np.fromiter(map(len, texts), np.int64, len(texts))
    found: list[bytes] = []
    for batch in batches(sizes):
        folded = fold(texts[batch])
        content: Any = folded.characters.view(np.uint8).data
        bounds: Any = np.stack([folded.starts, folded.ends], axis=1) * 4
        for text, (start, end) in zip(texts[batch], bounds.tolist(), strict=True):
            found.append(b"\1" + content[start:end] if end > start else b"\0" + _bytes(text))
    return found


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _slices(sizes: Array) -> Iterator[slice]:
    """Yield slices of pairs, some at a time.

    Args:
        sizes: int64, characters of the texts of each pair.
    """
    sums = np.cumsum(sizes)
    start = 0
    while start < len(sums):
        before = sums[start - 1] if start else 0
        end = max(start + 1, int(np.searchsorted(sums, before + _CHARACTERS, side="right")))
        yield slice(start, end)
        start = end
