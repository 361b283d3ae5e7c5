"""What came out: rows of every behaviour, before and after, and what fell short of the recipe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING, Any

from goldleaf.core.records import BEHAVIOURS
from goldleaf.exporters.balance import is_core, shows
from goldleaf.exporters.behaviours import mask
from goldleaf.exporters.examples import Use
from goldleaf.exporters.recipe import Recipe
from goldleaf.exporters.rules.rule import Target

if TYPE_CHECKING:
    import polars as pl


def percent(share: float) -> str:
    """Return a share for a person: `12.5 %`."""
    return f"{100 * share:.1f} %"


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


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A target that was not met. `key` is its path in the recipe, `rule` its requirement.

    `wanted` and `got` are rows, or shares where `unit` is `share`; `got` may lie above, for a
    ceiling.
    """

    key: str
    rule: str
    unit: str
    wanted: float
    got: float

    def told(self) -> tuple[str, str]:
        """Return what was wanted and what was got, for a person."""
        if self.unit == "share":
            return percent(self.wanted), percent(self.got)
        return f"{self.wanted:,.0f}", f"{self.got:,.0f}"

    def plain(self) -> dict[str, Any]:
        """Return the shortfall as it goes into the manifest."""
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
    for use in ("sft", "dpo", "kto"):
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
    """Return every target of the recipe that the SFT rows written for training miss.

    Args:
        kept: use, behaviours, source, side, copies of what is written.
        recipe: what was wanted.
        targets: what the rules asked for under it.
    """
    train = kept.filter(use="sft", side="train")
    rows = int(train["copies"].sum())
    missed = [*_sizes(train, rows, recipe), *_shares(train, rows, targets)]
    return tuple([*missed, *_single_sources(train, rows, recipe, targets)])


def _sizes(train: pl.DataFrame, rows: int, recipe: Recipe) -> Iterator[Shortfall]:
    least, most = recipe.rows_wanted()
    if least is not None and rows < least:
        yield Shortfall("total.min", "S7", "rows", least, rows)
    if most is not None and rows > most:
        yield Shortfall("total.max", "S7", "rows", most, rows)
    if recipe.total.advise is not None and rows > recipe.total.advise:
        yield Shortfall("total.advise", "S9", "rows", recipe.total.advise, rows)
    core, wanted = train.filter(is_core(recipe)).height, recipe.core_rows()
    if wanted is not None and core < wanted:
        yield Shortfall("core.size", "S8", "rows", wanted, core)


def _shares(train: pl.DataFrame, rows: int, targets: Sequence[Target]) -> Iterator[Shortfall]:
    examples = {target.name: train.filter(shows(target)) for target in targets}
    for target in targets:
        got = int(examples[target.name]["copies"].sum())
        share = round(got / rows, 6) if rows else 0.0
        if got < ceil(_part(target.min, rows)):
            yield Shortfall(f"{target.key}.min", target.rule, "share", target.min, share)
        if got > floor(_part(target.max, rows)):
            yield Shortfall(f"{target.key}.max", target.rule, "share", target.max, share)
        if target.beside:
            wanted = ceil(_part(target.ratio, examples[target.beside].height))
            if got < wanted:
                yield Shortfall(target.key, target.rule, "rows", wanted, got)


def _single_sources(
    train: pl.DataFrame, rows: int, recipe: Recipe, targets: Sequence[Target]
) -> Iterator[Shortfall]:
    import polars as pl

    if recipe.sources.max < 1:
        rest = train.filter(~pl.any_horizontal([pl.lit(False), *(shows(t) for t in targets)]))
        largest = rest.group_by("source").agg(pl.col("copies").sum())["copies"].max() or 0
        got = int(largest)  # pyright: ignore[reportArgumentType]
        if got > floor(_part(recipe.sources.max, rows)):
            share = round(got / rows, 6)
            yield Shortfall("sources.max", "S14", "share", recipe.sources.max, share)


def _part(share: float, rows: int) -> Fraction:
    return Fraction(str(share)) * rows
