"""The interface of a rule, and the columns it may look at.

A rule drops examples (`Filter`), wants shares of behaviours (`TargetRule`), sorts examples so that
the better ones stay (`Sorter`) or compares a bound with the rows written (`Checker`); it may do
several of these. None sees a text, and no built-in rule looks at natural behaviours (S14).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import polars as pl

if TYPE_CHECKING:
    from goldleaf.exporters.rules.target_result import TargetResult
    from goldleaf.recipes.recipe import Recipe

COLUMNS = {
    "number": "place in the order of record ids; unique",
    "record": "number of the record it comes from, in the order of ids",
    "arrival": "the same",
    "place": "which of its record's examples it is, 0 first",
    "use": "what it is for: `sft`, `dpo`, `kto`...",
    "side": "`train` or `test`",
    "group": "hash of the prompt in the form of `goldleaf.core.prompt_normalization`",
    "prompt": "hash of the context and tools as a reader sees them",
    "answer": "hash of the answer, or of the better one, as a reader sees it",
    "other": "hash of the rejected answer; 0 where there is none",
    "good": "the verdict of a judgement; null elsewhere",
    "strength": "of a pair: 0 tie, 1 slight or unknown, 2 strong; 0 elsewhere",
    "behaviours": "bit mask over `goldleaf.core.records.BEHAVIOURS`",
    "behaviour <name>": "whether it shows one of the recipe's own; one column for each",
    "source": "`S1` to `S5`, or empty",
    "tokens": "estimated length",
    "sample_key": "hash of the seed and the example: a draw that knows no order",
    "prototype": "capability prototype (S16), or empty",
    "quality": "1 to 5, null where unknown",
    "risk": "whether a risk was named",
    "language": "of the prompt, or empty",
    "risk_class": "the risk that was named, or empty",
    "suspicion": "what a person should look at (`settlement.review`); 0 for nothing",
    "duplicate_of": "the record that it nearly repeats, where the recipe drops such; or null",
    "template": "the template that it follows, where the recipe caps such; or empty",
    "pair_class": "`chat`, `safety`, `tool_use` or `reasoning`; null for what is no pair, as below",
    "gap_chars": "length of a pair's better answer less that of the other, in characters",
    "gap_tokens": "the same in estimated tokens",
    "near": "whether a pair's answers are too near to teach",
    "delta": "what sets a pair's better answer apart (`curation.pair_audit.model_tiers.DELTAS`)",
    "larger_won": "whether the larger model's answer is the better one; null where unknown",
    "score_gap": "score of a pair's better answer less the other's; null without scores",
    "signal <name>": "a stored signal, one column for each of `hard.signals`; null where absent",
}
"""One row an example. A rule sees those that the rules before it left.

`source`, `prototype`, `language`, `risk_class` and `template` are Categorical for the rules of this
folder and String for those of other packages.
"""

FILTERS_ALONE = (
    *("group", "prompt", "answer", "other", "strength", "suspicion", "duplicate_of", "template"),
)
"""Columns that filters have and other rules do not: these work on what the filters left."""


@dataclass(frozen=True, slots=True)
class Target:
    """Bounds on some behaviours, as shares of the SFT rows written for training.

    `key` is its path in the recipe, `rule` the requirement behind it. `min` and `max` are shares
    of rows. A contrast has `relative_to`, the name of another target, and `ratio`: at least `ratio`
    rows for every distinct example of that target, themselves outside it. An example counts for
    every behaviour that it shows.
    """

    name: str
    key: str
    rule: str
    behaviours: tuple[str, ...]
    min: float = 0.0
    max: float = 1.0
    relative_to: str = ""
    ratio: float = 0.0


class Rule(Protocol):
    """A module of this folder, or one that another package offers under `goldleaf.rules`."""

    ORDER: int
    """Rules run in ascending order, then by the name of their module."""


class Filter(Rule, Protocol):
    """A rule that drops examples."""

    REASON: str
    """Stable code in the ledger."""

    def dropped(self, examples: pl.DataFrame, recipe: Recipe) -> pl.Series:
        """Return the `number` of each example to drop; `examples` are those still there."""
        ...


class TargetRule(Rule, Protocol):
    """A rule that wants a share of some behaviours."""

    def targets(self, recipe: Recipe) -> tuple[Target, ...]:
        """Return the targets of this rule under a recipe; () where the recipe sets no bound.

        All rules' are `registry.targets(recipe)`.
        """
        ...


class Sorter(Rule, Protocol):
    """A rule that sorts examples: which go first where some are left out or repeated.

    A later rule's rank goes before an earlier one's, and where all ranks are the same, the draw.
    """

    def ranked(self, examples: pl.DataFrame, recipe: Recipe) -> pl.Series | None:
        """Return a number for each example, the least for the first, null for the last.

        None where the recipe asks for no order. `examples` are those to balance, without
        `FILTERS_ALONE` and the columns of pairs and records, with `core` and their `stratum`,
        within which they are ordered: they come by stratum, by the ranks of the rules before, and
        by draw.
        """
        ...


class Checker(Rule, Protocol):
    """A rule that compares bounds of the recipe with the rows written."""

    def results(self, rows: pl.DataFrame, recipe: Recipe) -> Iterable[TargetResult]:
        """Return the result of each of its bounds, met or not; none for a bound that is not set.

        `rows` has the columns above but `FILTERS_ALONE`, and `copies`, the rows of each example
        (replays counted).
        """
        ...
