"""How varied the answers of a set are: has their style collapsed to that of one template?

| measure | what it is |
|---|---|
| `distinct_2` | different pairs of words of all: distinct-n, Li et al. 2016, arXiv:1510.03055 |
| `compression` | bytes by bytes compressed: Shaib et al. 2024, arXiv:2403.00553 |
| `length_spread` | upper quartile of the lengths by the lower one |
| `opening_entropy` | Shannon entropy of the first three words, by the most it could be |

Each depends on how much text there is. So they are taken of a sample of the same size in the set
and in the reference, chosen by a hash of the records' ids: the order of the rows plays no part.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import pairwise

import polars as pl

from goldleaf.curation.near_duplicates.folded_texts import fold
from goldleaf.curation.near_duplicates.record_parts import keys_of

SAMPLE = 2_000
"""Answers that are measured, at most."""
LEAST = 100
"""Answers below which no judgement is made: measures of so few vary by themselves."""
_MOST_CHARACTERS = 1_000
"""Of an answer, so that a few long ones do not outweigh the rest."""


@dataclass(frozen=True)
class Style:
    """The measures of a set; see the module."""

    distinct_2: float
    compression: float
    length_spread: float
    opening_entropy: float


@dataclass(frozen=True)
class StyleReport:
    """What is known of the style of a set.

    Attributes:
        rows: answers that are not empty.
        measured: how many of them were measured.
        style: their measures.
        reference: those of as many answers written by people, if some were given.
        collapsed: whether two of the measures are out of their limits.
        reasons: those that are, in words.
    """

    rows: int
    measured: int
    style: Style
    reference: Style | None
    collapsed: bool
    reasons: tuple[str, ...]


LIMITS = Style(distinct_2=0.3, compression=3.8, length_spread=1.8, opening_entropy=0.6)
"""Without a reference: compression at most, the others at least. Measured on 2,000 answers each
(benchmarks/near_duplicates.py --style): seven sets that people wrote stay inside all four, two that
a template or one behaviour fills are outside three."""
RATIOS = Style(distinct_2=0.6, compression=1.5, length_spread=0.4, opening_entropy=0.75)
"""Likewise relative to a reference."""


def style_report(rows: pl.DataFrame, reference: pl.DataFrame | None = None) -> StyleReport:
    """Return how varied the answers of a set are.

    Args:
        rows: columns `record` and `answer` of `RECORDS`.
        reference: the same of answers that people wrote, in the same languages.
    """
    answers = _answers(rows)
    others = _answers(reference) if reference is not None else None
    size = min(SAMPLE, len(answers), len(others) if others is not None else SAMPLE)
    style = measure(answers[:size])
    against = measure(others[:size]) if others is not None else None
    reasons = _reasons(style, against) if size >= LEAST else ()
    return StyleReport(len(answers), size, style, against, len(reasons) > 1, reasons)


def measure(answers: Sequence[str]) -> Style:
    """Return the measures of answers, all of them, in an order of their own."""
    folded = fold([answer[:_MOST_CHARACTERS] for answer in answers])
    texts = sorted(folded.text(number) for number in range(len(answers)))
    tokens = [_tokens(text) for text in texts]
    pairs = [pair for each in tokens for pair in pairwise(each)]
    data = "\n".join(texts).encode("utf-8", "replace")
    lengths = sorted(max(1, len(answer)) for answer in answers)
    openings = [" ".join(each[:3]) for each in tokens]
    return Style(
        distinct_2=len(set(pairs)) / len(pairs) if pairs else 1.0,
        compression=len(data) / len(zlib.compress(data, 6)) if data else 1.0,
        length_spread=_quantile(lengths, 0.75) / _quantile(lengths, 0.25) if lengths else 1.0,
        opening_entropy=_entropy(openings),
    )


def _answers(rows: pl.DataFrame) -> list[str]:
    """Return the answers in the order of the hashes of their records."""
    found = rows.select("record", pl.col("answer").fill_null("")).filter(
        pl.col("answer").str.strip_chars() != ""
    )
    keyed = found.with_columns(pl.Series("key", keys_of(found["record"]), pl.Int64))
    return keyed.sort("key", "record")["answer"].to_list()


def _tokens(text: str) -> list[str]:
    """Return the words of a folded text, and each Chinese character."""
    if text.isascii():
        return text.split()
    return "".join(f" {each} " if each > "\u3004" else each for each in text).split()


def _quantile(values: Sequence[int], share: float) -> int:
    return values[round(share * (len(values) - 1))]


def _entropy(values: Sequence[str]) -> float:
    """Return the entropy of values by the most that so many could have, 0 to 1."""
    if len(values) < 2:
        return 1.0
    counts = pl.Series(values).value_counts()["count"].sort().to_list()
    total = len(values)
    return sum(n / total * math.log(total / n) for n in counts) / math.log(total)  # 0, never -0


def _reasons(style: Style, reference: Style | None) -> tuple[str, ...]:
    found: list[str] = []
    for name in (field.name for field in fields(Style)):
        value: float = getattr(style, name)
        limit: float = getattr(LIMITS, name)
        if reference is not None:
            limit = getattr(RATIOS, name) * getattr(reference, name)
        high = name == "compression"
        if value > limit if high else value < limit:
            side = "above" if high else "below"
            found.append(f"{name} {value:.2f} is {side} {limit:.2f}")
    return tuple(found)
