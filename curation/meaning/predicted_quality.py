"""The quality that people would give an answer, 1 to 5, learned from those that they rated (S10).

A ridge regression over runs of characters of question and answer, lengths, lists, and what row
screens found. It counts only where it is cross-validated by prompt: it must be right more often
than always saying the most frequent rating, by more than chance, and within one point in four of
five cases. Otherwise nothing is predicted.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import comb
from typing import Any, Final

import numpy as np
import polars as pl
import xxhash
from numpy.typing import NDArray

from goldleaf.core.prompt_normalization import normalize_prompt
from goldleaf.curation.meaning.cognitive_modes import answer_features
from goldleaf.curation.screens.screen import SIGNALS

PREDICTED_QUALITY: Final = "predicted_quality"
LEAST_RATED = 50
"""Ratings by people from which anything is learned; ours."""
WITHIN_ONE = 0.8
"""Share of held-out ratings that must be met within one point; ours."""
CHANCE = 0.05
"""Probability at which being right more often than the most frequent rating is no luck."""
LEARNED_FROM = 4_000
"""Ratings that are learned from at most, those with the least hashes."""
FOLDS = 5
READ = 2_000
"""Characters of a question and of an answer that are read."""
LOWEST, HIGHEST = 1, 5
FEATURE_SCALE = 0.3
PENALTY = 1.0


@dataclass(frozen=True, slots=True)
class Validation:
    """How well held-out ratings are met: `rated` of them; shares `right`, `within_one`, `majority`.

    `majority`: right by always saying the most frequent rating; `chance`: how likely luck is.
    """

    rated: int
    right: float
    within_one: float
    majority: float
    chance: float

    @property
    def holds(self) -> bool:
        """Whether predictions may be used."""
        better = self.right > self.majority and self.chance < CHANCE
        return better and self.within_one >= WITHIN_ONE


def predicted_quality(
    rows: pl.DataFrame, findings: pl.DataFrame, signals: pl.DataFrame
) -> tuple[pl.DataFrame, Validation | None]:
    """Return the signal (`SIGNALS`) of each answer that nobody rated, and how good it is.

    No signal where it does not hold, or where fewer than `LEAST_RATED` answers are rated by people;
    then None as well.

    Args:
        rows: `record`, `question`, `answer`, `quality`, `annotated` of `RECORDS`.
        findings: `record`, `screen`, `verdict` of the row screens.
        signals: what other screens measured (`SIGNALS`).
    """
    rows = rows.filter(pl.col("answer").str.strip_chars() != "").sort("record")
    given = pl.col("annotated") & pl.col("quality").is_between(LOWEST, HIGHEST)
    rated = rows.filter(given.fill_null(False))
    shown = _shown(findings, signals)
    if rated.height < LEAST_RATED or rated["quality"].n_unique() < 2:
        return pl.DataFrame(schema=SIGNALS), None
    hashes = np.array([_hash(each) for each in rated["question"]])
    rated = rated[np.argsort(hashes, kind="stable")[:LEARNED_FROM].tolist()]
    fold = np.sort(hashes, kind="stable")[:LEARNED_FROM] % FOLDS
    quality = rated["quality"].to_numpy().astype(float)
    held_out = np.zeros(rated.height)
    for number in sorted(set(fold.tolist())):
        out = fold == number
        learned = _Learned(rated.filter(~out), shown, quality[~out])
        held_out[out] = learned.predict(rated.filter(out), shown)
    validation = _validation(quality, held_out)
    others = rows.filter(pl.col("quality").is_null())
    if not (validation.holds and others.height):
        return pl.DataFrame(schema=SIGNALS), validation
    values = _Learned(rated, shown, quality).predict(others, shown)
    found = {"record": others["record"], "name": PREDICTED_QUALITY, "value": values}
    return pl.DataFrame(found, schema=SIGNALS), validation


def _validation(quality: NDArray[np.float64], predicted: NDArray[np.float64]) -> Validation:
    said = np.rint(predicted)
    often = Counter(quality.tolist()).most_common(1)[0][0]
    right, usual = said == quality, quality == often
    won, lost = int((right & ~usual).sum()), int((usual & ~right).sum())
    return Validation(
        len(quality),
        round(float(right.mean()), 4),
        round(float((np.abs(said - quality) <= 1).mean()), 4),
        round(float(usual.mean()), 4),
        round(sum(comb(won + lost, n) for n in range(won, won + lost + 1)) / 2 ** (won + lost), 4),
    )


class _Learned:
    """Ratings as a function of texts and of what is shown of them."""

    def __init__(
        self, rows: pl.DataFrame, shown: pl.DataFrame, quality: NDArray[np.float64]
    ) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import Ridge

        self._runs = [
            TfidfVectorizer(
                analyzer="char",
                ngram_range=(1, 3),
                sublinear_tf=True,
                min_df=2,
                max_features=30_000,
            )
            for _ in range(2)
        ]
        own = shown.join(rows.select("record"), on="record", how="semi")
        self._names = own["name"].unique().sort().to_list()
        texts = _texts(rows)
        parts = [run.fit_transform(text) for run, text in zip(self._runs, texts, strict=True)]
        self._model = Ridge(PENALTY, solver="lsqr").fit(self._columns(parts, rows, shown), quality)

    def predict(self, rows: pl.DataFrame, shown: pl.DataFrame) -> NDArray[np.float64]:
        """Return the quality of each row, 1 to 5."""
        parts = [run.transform(text) for run, text in zip(self._runs, _texts(rows), strict=True)]
        found = self._model.predict(self._columns(parts, rows, shown))
        return np.round(np.clip(found, LOWEST, HIGHEST), 2)

    def _columns(self, parts: list[Any], rows: pl.DataFrame, shown: pl.DataFrame) -> Any:
        from scipy.sparse import csr_matrix, hstack

        place = {record: number for number, record in enumerate(rows["record"])}
        of = {name: number for number, name in enumerate(self._names)}
        dense = np.zeros((rows.height, len(of)), np.float32)
        own = shown.join(rows.select("record"), on="record", how="semi")
        for record, name, value in own.iter_rows():
            if name in of:
                dense[place[record], of[name]] = value
        lengths = FEATURE_SCALE * answer_features(rows["answer"].to_list())
        return hstack([*parts, csr_matrix(np.hstack([lengths, dense]))]).tocsr()


def _shown(findings: pl.DataFrame, signals: pl.DataFrame) -> pl.DataFrame:
    """Return verdicts as 1, and signals by their value: `record`, `name`, `value`."""
    verdict = pl.concat_str("screen", "verdict", separator=".")
    found = findings.select("record", name=verdict, value=pl.lit(1.0)).unique()
    return pl.concat([found, signals.drop_nulls().select("record", "name", "value")])


def _texts(rows: pl.DataFrame) -> list[list[str]]:
    return [[text[:READ].lower() for text in rows[name]] for name in ("question", "answer")]


def _hash(question: str) -> int:
    return xxhash.xxh3_64_intdigest(normalize_prompt(question).encode("utf-8", "surrogatepass"))
