"""Kernels that compare the answers of comparisons, level by level, and in other orders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
import polars as pl

from goldleaf.curation.engines.engine import PARTITION
from goldleaf.curation.near_duplicates.folded_texts import fold
from goldleaf.curation.near_duplicates.placed_pairs import pairs_of_partition
from goldleaf.curation.near_duplicates.ranked_answers import answer_levels, ordered_columns
from goldleaf.curation.near_duplicates.record_parts import batches
from goldleaf.curation.near_duplicates.same_order import alike_in_order
from goldleaf.curation.near_duplicates.text_table import TextTable

ANSWERS = {
    PARTITION: pl.Int32,
    "key": pl.Int64,
    "place": pl.Int32,
    "level": pl.Int32,
    "text": pl.String,
}
"""`level`: of an answer in the order of its record, 0 the best; of the prompt -1. `place`: number
of the text among those of its record, the prompt 0."""
ANSWER_FORMS = {PARTITION: pl.Int32, "key": pl.Int64, "form": pl.Binary}
"""`form`: a hash, equal only for those whose answers of each level are the same."""
PAIRS = {"a": pl.Int64, "b": pl.Int64}
REGROUPED = {"key": pl.Int64, "leader": pl.Int64}
"""`leader`: key of the record that is preferred among those of the same answers."""
ANSWERS_VERSION = "2"
_CHARACTERS = 2**23
"""Characters of the texts of pairs that are compared at once, at most: memory grows with them."""
Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Answers:
    """Kernel: the answers that pairs need, where they are compared (`ANSWERS`).

    Attributes:
        needed: frame of `record`, its `key` and `p`, one row for each `key` and `p`.
    """

    needed: pl.DataFrame

    def __call__(self, paths: pl.DataFrame) -> pl.DataFrame:
        """Read files of `record`, `prompt`, and `ranked_answers.COLUMNS`."""
        wanted = self.needed["record"].unique().implode()
        found = [pl.DataFrame(schema=ANSWERS)]
        for path in paths["path"]:
            part = pl.scan_parquet(path, glob=False)
            columns = ordered_columns(part.collect_schema().names())
            rows = part.select("record", pl.col("prompt").fill_null(""), *columns)
            own = rows.filter(pl.col("record").is_in(wanted)).collect()
            found.append(self._texts(own))
        return pl.concat(found)

    def _texts(self, rows: pl.DataFrame) -> pl.DataFrame:
        texts: list[tuple[str, int, int, str]] = []
        asked = rows.select("record", "prompt").iter_rows()
        for (record, prompt), levels in zip(asked, answer_levels(rows), strict=True):
            said = [(level, text) for level, own in enumerate(levels) for text in own]
            own = [(-1, prompt), *said]
            texts.extend((record, place, *each) for place, each in enumerate(own))
        names = {
            "record": pl.String,
            **{name: ANSWERS[name] for name in ("place", "level", "text")},
        }
        frame = pl.DataFrame(texts, names, orient="row")
        return frame.join(self.needed, on="record", how="inner").select(list(ANSWERS))


@dataclass(frozen=True)
class AnswerForms:
    """Kernel: in what forms records give their answers (`ANSWER_FORMS`).

    Where answers of two levels are the same but for case, spaces and punctuation, these are what a
    record teaches: its form then is the very texts.

    Attributes:
        needed: as of `Answers`.
    """

    needed: pl.DataFrame

    def __call__(self, paths: pl.DataFrame) -> pl.DataFrame:
        """Read files as `Answers` does."""
        rows = Answers(self.needed)(paths).unique(["key", "place"], keep="any").sort("key", "place")
        answers = rows.filter(pl.col("level") >= 0)
        texts = answers["text"].to_list()
        levels = answers["level"].to_list()
        found = list(zip(levels, _forms(texts), map(_bytes, texts), strict=True))
        bounds = answers["key"].rle_id().rle().struct.field("len").to_list()
        starts = accumulate(bounds, initial=0)
        forms = [_form(found[start : start + n]) for start, n in zip(starts, bounds, strict=False)]
        own = rows.filter(pl.col("level") < 0)
        return own.select(PARTITION, "key", pl.Series("form", forms, pl.Binary))


def _form(answers: Sequence[tuple[int, bytes, bytes]]) -> bytes:
    """Return a hash of the answers of a record: (level, folded text, text)."""
    from xxhash import xxh3_128_digest

    levels: dict[bytes, set[int]] = {}
    for level, folded, _ in answers:
        levels.setdefault(folded, set()).add(level)
    told = all(len(each) == 1 for each in levels.values())
    parts = sorted((level, folded if told else text) for level, folded, text in answers)
    return xxh3_128_digest(
        b"".join(level.to_bytes(4, "little") + xxh3_128_digest(part) for level, part in parts)
    )


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
    """Kernel: which pairs (`PAIRS`) are alike in each answer, and no more so in another order.

    Attributes:
        pairs: `PAIRS` and their partition.
    """

    pairs: pl.DataFrame

    def __call__(self, answers: pl.DataFrame) -> pl.DataFrame:
        """Compare; `answers` are of one partition."""
        pairs = pairs_of_partition(self.pairs, answers[PARTITION][0]).sort("a", "b")
        rows = answers.unique(["key", "place"], keep="any").sort("key", "place")
        records = rows.group_by("key", maintain_order=True).agg(
            "level", "text", pl.col("text").str.len_chars().sum().alias("size")
        )
        keys, sizes = records["key"].to_numpy(), records["size"].to_numpy()
        levels = list(map(tuple, records["level"].to_list()))
        texts = records["text"]
        sides = np.stack([np.searchsorted(keys, pairs[side].to_numpy()) for side in ("a", "b")])
        kept = [np.zeros(0, np.bool_)]
        for some in _slices(sizes[sides].sum(axis=0, dtype=np.int64)):
            own, places = np.unique(sides[:, some], return_inverse=True)
            shapes = [levels[record] for record in own.tolist()]
            kept.append(_alike(texts[own].to_list(), shapes, places.reshape(2, -1)))
        return pairs.filter(pl.Series(np.concatenate(kept))).select(list(PAIRS))


def _alike(texts: list[list[str]], levels: list[tuple[int, ...]], places: Array) -> Array:
    """Return which pairs are alike in each answer, and no more so in another order.

    Args:
        texts: of each record its prompt and its answers.
        levels: of each record the levels of its texts.
        places: int64 (2, pairs), which records a pair has.
    """
    numbers: dict[str, int] = {}
    known = [[numbers.setdefault(text, len(numbers)) for text in own] for own in texts]
    table = TextTable(list(numbers))
    shapes: dict[tuple[int, ...], list[int]] = {}
    for pair, (one, other) in enumerate(places.T.tolist()):
        # Of orders with other levels, none says what the other one says.
        if levels[one] == levels[other]:
            shapes.setdefault(levels[one], []).append(pair)
    found = np.zeros(places.shape[1], np.bool_)
    for shape, pairs in shapes.items():
        said = np.array([[known[each] for each in side] for side in places[:, pairs].tolist()])
        found[pairs] = alike_in_order(table, list(numbers), said, np.array(shape[1:]))
    return found


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
