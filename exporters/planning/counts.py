"""What came out: rows of every behaviour, before and after, and what fell short of the recipe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING, Any

from goldleaf.core.records import BEHAVIOURS
from goldleaf.exporters.census.behaviours import mask
from goldleaf.exporters.census.examples import USES, Use
from goldleaf.exporters.planning.demands import exact
from goldleaf.exporters.planning.findings import Shortfall
from goldleaf.exporters.planning.findings import percent as percent
from goldleaf.exporters.planning.strata import is_core, shows
from goldleaf.exporters.recipes.recipe import Recipe
from goldleaf.exporters.rules.catalogue import missers
from goldleaf.exporters.rules.rule import Target

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class Count:
    """Examples of one use with one behaviour (`""`: all of that use).

    `before`: examples that could be written, before any rule; `examples`: distinct ones written to
    train; `train`: rows of these, repeats counted; `test`: rows held out; `share` and `token_share`
    of the training rows of that use (tokens are estimated).
    """

    use: Use
    behaviour: str
    before: int
    examples: int
    train: int
    test: int
    share: float
    token_share: float

    def plain(self) -> dict[str, Any]:
        """Return the count as it goes into the manifest."""
        return asdict(self)


def counts(before: pl.DataFrame, kept: pl.DataFrame) -> tuple[Count, ...]:
    """Count every behaviour there is, by use.

    Args:
        before: use, behaviours of all examples.
        kept: use, behaviours, side, copies, tokens of those written.
    """
    import polars as pl

    found: list[Count] = []
    tokens = pl.col("tokens") * pl.col("copies")
    for use in USES:
        was, now = before.filter(use=use), kept.filter(use=use)
        train = now.filter(side="train")
        rows, length = int(train["copies"].sum()), int(train.select(tokens.sum()).item())
        for behaviour in ("", *BEHAVIOURS):
            has = (pl.col("behaviours") & mask((behaviour,))) > 0 if behaviour else pl.lit(True)
            if not (some := was.filter(has).height):
                continue
            written = train.filter(has)
            counted = int(written["copies"].sum())
            long = int(written.select(tokens.sum()).item())
            found.append(
                Count(
                    use,
                    behaviour,
                    some,
                    written.height,
                    counted,
                    now.filter(has, side="test").height,
                    round(counted / rows, 6) if rows else 0.0,
                    round(long / length, 6) if length else 0.0,
                )
            )
    return tuple(found)


def shortfalls(
    kept: pl.DataFrame, recipe: Recipe, targets: Sequence[Target]
) -> tuple[Shortfall, ...]:
    """Return every target of the recipe that what is written misses.

    Args:
        kept: the columns of `rules.rule` and `copies` of what is written.
        recipe: what was wanted.
        targets: what the rules asked for under it.
    """
    sizes = [short for rule in missers() for short in rule.missed(kept, recipe)]
    train = kept.filter(use="sft", side="train")
    return tuple([*sizes, *_shares(train, recipe, targets)])


def _shares(train: pl.DataFrame, recipe: Recipe, targets: Sequence[Target]) -> Iterator[Shortfall]:
    rows, by_name = int(train["copies"].sum()), {target.name: target for target in targets}
    for target in targets:
        written = train.filter(shows(target))
        got = int(written["copies"].sum())
        share = round(got / rows, 6) if rows else 0.0
        key, rule, least = target.key, target.rule, exact(target.min)
        if got < ceil(least * rows):
            more = _annotations(least, train, written, recipe)
            yield Shortfall(f"{key}.min", rule, "share", target.min, share, more)
        if got > floor(exact(target.max) * rows):
            yield Shortfall(f"{key}.max", rule, "share", target.max, share)
        if target.beside:
            beside = by_name[target.beside]
            own = written.filter(~shows(beside))
            wanted = ceil(exact(target.ratio) * train.filter(shows(beside)).height)
            got, cap = int(own["copies"].sum()), recipe.repeat.max
            if got < wanted:
                more = max(1, -(-(wanted - own.height * cap) // cap))
                yield Shortfall(key, rule, "rows", wanted, got, more)


def _annotations(
    least: Fraction, train: pl.DataFrame, written: pl.DataFrame, recipe: Recipe
) -> int:
    """Return how many more examples bring a share to its floor with repeats at their cap.

    Where a size is reached, others make room for them, because it stays what it is.
    """
    rows, got = int(train["copies"].sum()), int(written["copies"].sum())
    diverse = int(train.filter(~is_core(recipe))["copies"].sum())
    wanted = ceil(least * (rows - got) / (1 - least))
    limits = ((recipe.rows_wanted()[1], rows), (recipe.diverse.max, diverse))
    room = [limit - there for limit, there in limits if limit is not None]
    if room and wanted - got > min(room):
        wanted = ceil(least * (rows + min(room)))
    cap = recipe.repeat.max
    return max(1, -(-(wanted - written.height * cap) // cap))
