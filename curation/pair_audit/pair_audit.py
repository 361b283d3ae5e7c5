"""The audit of a set of preference pairs: what it teaches beside what was meant.

Nothing is dropped here: the recipe's rules `near_pairs` and `pair_length_gap` may
(`recipes/cards/pair_audit.toml` has the evidence of both sides).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from goldleaf.curation.pair_audit.biases import BiasRate, Measure, bias_rates
from goldleaf.curation.pair_audit.choices import newest
from goldleaf.curation.pair_audit.exact_tests import exact_interval
from goldleaf.curation.pair_audit.model_tiers import DELTAS
from goldleaf.curation.pair_audit.pair_columns import CLASSES
from goldleaf.curation.repeated_values import is_repeated

CAP = 100
"""Tokens by which the answers of a chat pair may differ in length: Olmo 3 (arXiv 2512.13961) left
out chat pairs beyond, so that DPO does not teach length."""

SHOWN = 20
"""Contradictions that are listed; `contradicted` counts them all."""


@dataclass(frozen=True, slots=True)
class LengthGap:
    """The length gap of one class of pairs ("" for all): better answer less the other.

    `median_chars`, `median_tokens`: of the gap with its sign; `over`: pairs that differ by more
    than `CAP` estimated tokens; `longer` of `unequal`: pairs whose better answer is the longer one,
    with the exact 95 % interval of that share.
    """

    pair_class: str
    pairs: int
    median_chars: float
    median_tokens: float
    over: int
    longer: int
    unequal: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Contradiction:
    """One annotator answered the same pair both ways, in these (project, task)."""

    annotator: str
    tasks: tuple[tuple[int | None, int | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairAudit:
    """What was found of the pairs of a set.

    `pairs`: how many; `deltas`: what sets the better answer apart -> pairs (`DELTAS`);
    `larger_won` of `sized`: pairs whose better answer is the larger model's; `scored`: pairs with
    two scores, `score_against` of them score the better answer lower, `score_equal` the same;
    `gaps`: by class, all first; `near`: pairs too near to teach; `rates`: biases; `ties`: choices
    without a preference; `choices`: annotations that compared shown answers; `repeated`: pairs that
    one annotator answered more than once, `contradicted` of them both ways, the first in
    `contradictions`.
    """

    pairs: int
    deltas: dict[str, int]
    larger_won: int
    sized: int
    scored: int
    score_against: int
    score_equal: int
    gaps: tuple[LengthGap, ...]
    near: int
    rates: tuple[BiasRate, ...]
    choices: int
    ties: int
    repeated: int
    contradicted: int
    contradictions: tuple[Contradiction, ...]

    def reported(self, measure: Measure) -> tuple[BiasRate, ...]:
        """Return the biases of a measure that are reported, the set's first."""
        return tuple(rate for rate in self.rates if rate.reported and rate.measure == measure)

    @property
    def named_models(self) -> int:
        """Pairs of which both models are named."""
        return self.pairs - self.deltas.get("unknown", 0) - self.deltas.get("own_text", 0)

    @property
    def small_delta(self) -> int:
        """Pairs whose answers are of one model, or of models of about one size."""
        return self.deltas.get("same_model", 0) + self.deltas.get("same_tier", 0)

    def plain(self) -> dict[str, Any]:
        """Return the audit as JSON-able values."""
        return asdict(self) | {"rates": [rate.plain() for rate in self.rates]}


def audit_pairs(pairs: pl.DataFrame, choices: pl.DataFrame) -> PairAudit:
    """Return what is found of a set of pairs; the order of rows does not matter.

    Args:
        pairs: one row a pair (`pair_columns.pair_schema`); other columns are ignored.
        choices: one row a state of an annotation (`choices.choice_schema`).
    """
    current = newest(choices)
    deltas = dict(pairs.group_by("delta").len().iter_rows())
    sized = pairs["larger_won"].drop_nulls()
    scores = pairs["score_gap"].drop_nulls()
    again = current.filter(is_repeated(current["pair"]))
    again = again.drop_nulls("winner")
    contradicted = _contradictions(again)
    twice = again.group_by("annotator", "pair").len()
    return PairAudit(
        pairs=pairs.height,
        deltas={name: deltas[name] for name in DELTAS if name in deltas},
        larger_won=int(sized.sum()),
        sized=sized.len(),
        scored=scores.len(),
        score_against=int((scores < 0).sum()),
        score_equal=int((scores == 0).sum()),
        gaps=_gaps(pairs),
        near=int(pairs["near"].sum()),
        rates=bias_rates(current, pairs["gap_chars"]),
        choices=current.height,
        ties=current["winner"].null_count(),
        repeated=twice.filter(pl.col("len") > 1).height,
        contradicted=len(contradicted),
        contradictions=tuple(contradicted[:SHOWN]),
    )


def _gaps(pairs: pl.DataFrame) -> tuple[LengthGap, ...]:
    parts = [("", pairs)] if pairs.height else []
    parts += [(name, pairs.filter(pair_class=name)) for name in CLASSES]
    parts = [(name, part) for name, part in parts if part.height]
    if len(parts) == 2:  # one class is all of them
        parts = parts[1:]
    return tuple(_gap(name, part) for name, part in parts)


def _gap(name: str, pairs: pl.DataFrame) -> LengthGap:
    chars, tokens = pairs["gap_chars"], pairs["gap_tokens"]
    longer, unequal = int((chars > 0).sum()), int((chars != 0).sum())
    over = int((tokens.abs() > CAP).sum())
    low, high = exact_interval(longer, unequal)
    median = _median(chars), _median(tokens)
    return LengthGap(name, pairs.height, *median, over, longer, unequal, low, high)


def _median(numbers: pl.Series) -> float:
    found = numbers.cast(pl.Float64).median()
    return found if isinstance(found, float) else 0.0


def _contradictions(decided: pl.DataFrame) -> list[Contradiction]:
    """Return the pairs that one annotator answered both ways, in the order of tasks."""
    both = decided.group_by("annotator", "pair").agg(
        pl.col("winner").n_unique().alias("winners"),
        pl.struct("project", "task").unique().sort().alias("tasks"),
    )
    ways = both.filter(pl.col("winners") > 1).select("annotator", "tasks")
    found = [
        Contradiction(who, tuple((each["project"], each["task"]) for each in tasks))
        for who, tasks in ways.iter_rows()
    ]
    return sorted(found, key=lambda each: (each.annotator, str(each.tasks)))
