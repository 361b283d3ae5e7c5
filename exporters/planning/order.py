"""Stages, replays and soft order (S18): general first, then the long tail, safety last.

A stage follows from behaviours alone, so that no other record can move an example into another one:
a prototype that is rare in one pool is common in the next. Natural behaviours (S14) are not read.
Only SFT rows for training have a stage; pairs and verdicts are trained on after them, as they come.

`staged` writes one file a stage. From the second on it also has rows of earlier stages (replays),
because a model forgets what it no longer sees: the part `replay` of the stage's own rows,
rounded up, drawn among examples that `repeat.max` still allows.

`soft` writes one file, sorted by a key (`soft_key`): the stage's place plus a draw that is spread
over two stages to both sides, most often little. So the mix moves evenly from the first stage to
the last and no stage ever comes alone for long.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import ceil, floor

import polars as pl
import xxhash

from goldleaf.core.behaviours import in_group
from goldleaf.exporters.ingest.behaviours import mask, shows_any
from goldleaf.exporters.ingest.row_hash import sample_key
from goldleaf.exporters.rules.rule import Target
from goldleaf.exporters.rules.selectors import is_core, shows
from goldleaf.exporters.rules.target_result import TargetResult, exact
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import FINEST, STAGES, Stage

SAFETY = in_group("safety")
"""Behaviours of the safety stage; an example whose risk is named (`tags.risk`) is of it, too."""

LONG_TAIL = in_group("long_tail")
"""Behaviours of the long tail: the special ones that have shares (S13, S15)."""

WIDTH = 2**32
"""Distance between two stages in `soft_key`."""

SPREAD = 2
"""How many stages a row may be away from its own, at most, in soft order."""


def stage_of(behaviours: int, stages: Sequence[Stage], *, risk: bool = False) -> Stage:
    """Return the stage of one example; the first of `stages` where its own is not among them.

    `behaviours` is a bit mask of built-in ones; a recipe's own behaviours are not considered.
    """
    found: Stage = "general"
    if risk or behaviours & mask(SAFETY):
        found = "safety"
    elif behaviours & mask(LONG_TAIL):
        found = "long_tail"
    return found if found in stages else stages[0]


def staged(kept: pl.DataFrame, recipe: Recipe) -> pl.DataFrame:
    """Return `kept` with the columns stage and replays.

    Args:
        kept: use, side, behaviours, risk, sample_key, number, copies (0 for what is not written).
        recipe: its `order` and `repeat`.

    Returns:
        `stage` is `""` where the mode is shuffled and for all but SFT rows for training; `replays`
        lists the stages in which an example comes again, each once, and never so many that
        copies and replays together are more than `repeat.max`.
    """
    plain = kept.with_columns(stage=pl.lit(""), replays=pl.lit([], pl.List(pl.String)))
    if recipe.order.mode == "shuffled":
        return plain
    ordered = (pl.col("use") == "sft") & (pl.col("side") == "train")
    plain = plain.with_columns(stage=pl.when(ordered).then(_stage(recipe)).otherwise(pl.lit("")))
    return _replayed(plain, recipe) if recipe.order.mode == "staged" else plain


def _stage(recipe: Recipe) -> pl.Expr:
    stages = recipe.order.stages
    own = {stage: [n for n, b in recipe.behaviours.items() if b.stage == stage] for stage in STAGES}
    safe, rare = mask(SAFETY), mask(LONG_TAIL)
    return (
        pl.when(pl.col("risk") | shows_any((*SAFETY, *own["safety"])))
        .then(pl.lit(stage_of(safe, stages)))
        .when(shows_any((*LONG_TAIL, *own["long_tail"])))
        .then(pl.lit(stage_of(rare, stages)))
        .otherwise(pl.lit(stage_of(0, stages)))
    )


def _replayed(kept: pl.DataFrame, recipe: Recipe) -> pl.DataFrame:
    """Draw the replays of every stage but the first.

    Each stage turns the draw by its own name, so that not the same examples come again in all.
    """
    stages = recipe.order.stages
    rows = dict(kept.group_by("stage").agg(pl.col("copies").sum()).iter_rows())
    for place, stage in enumerate(stages[1:], 1):
        wanted = replays_wanted(int(rows.get(stage, 0)), recipe)
        turn = pl.lit(xxhash.xxh3_64_intdigest(stage.encode()), pl.UInt64)
        written = pl.col("copies") + pl.col("replays").list.len()
        may = pl.col("stage").is_in(stages[:place]) & (pl.col("copies") > 0)
        may &= written < recipe.repeat.max
        drawn = (
            kept.filter(may)
            .select("number", turn=pl.col("sample_key") ^ turn)
            .sort("turn", "number")
            .head(wanted)
        )
        again = pl.col("number").is_in(drawn["number"].implode())
        more = pl.col("replays").list.concat(pl.lit([stage], pl.List(pl.String)))
        kept = kept.with_columns(replays=pl.when(again).then(more).otherwise("replays"))
    return kept


def replays_wanted(own: int, recipe: Recipe) -> int:
    """Return how many replayed rows a later stage of `own` rows asks for (S18), rounded up."""
    return ceil(exact(recipe.order.replay) * own)


def replay_results(kept: pl.DataFrame, recipe: Recipe) -> tuple[TargetResult, ...]:
    """Compare the replays with `order.replay`: `repeat.max` may leave no room for all of them.

    One result where the recipe's order is `staged`, else none.

    Args:
        kept: stage, copies, replays, as `staged` returns them.
        recipe: what was wanted.
    """
    if recipe.order.mode != "staged":
        return ()
    rows = dict(kept.group_by("stage").agg(pl.col("copies").sum()).iter_rows())
    wanted = sum(replays_wanted(int(rows.get(s, 0)), recipe) for s in recipe.order.stages[1:])
    got = int(kept["replays"].list.len().sum())
    return (TargetResult(key="order.replay", rule="S18", least=True, wanted=wanted, rows=got),)


def with_replays(kept: pl.DataFrame) -> pl.DataFrame:
    """Return `kept` with replays counted among its copies: every row that is written."""
    return kept.with_columns(copies=pl.col("copies") + pl.col("replays").list.len())


def leaving_room(
    kept: pl.DataFrame,
    recipe: Recipe,
    planned: Recipe,
    asked: Sequence[Target],
    wanted: Sequence[Target],
) -> tuple[Recipe, Sequence[Target], bool]:
    """Return the recipe and the targets to plan with so that they hold with replays, too.

    Args:
        kept: the columns of the rules, with copies, stage and replays, as they came out.
        recipe: what must hold.
        planned: what it came out with, as a recipe.
        asked: what must hold, as targets.
        wanted: what it came out with, as targets.

    Returns:
        The two, and whether they differ from what was planned with: a floor that is missed because
        of replays is raised by as much as these add, a ceiling or a size that they break is
        lowered. What is out of reach without replays, too, is unchanged: a floor raised in vain
        would work against the others, because each of their rows lowers its share.
    """
    once = kept.filter((pl.col("stage") != "") & (pl.col("copies") > 0))
    train = with_replays(once)
    own, rows = int(once["copies"].sum()), int(train["copies"].sum())
    if own == rows:
        return planned, wanted, False

    def counted(of: pl.Expr) -> tuple[int, int]:
        return tuple(int(some.filter(of)["copies"].sum()) for some in (once, train))  # pyright: ignore

    found: list[Target] = []
    for target, before in zip(asked, wanted, strict=True):
        least, most = exact(target.min), exact(target.max)
        without, got = counted(shows(target))
        low, high = before.min, before.max
        if got < ceil(least * rows) and without >= ceil(least * own):
            more = before.min + (ceil(least * rows) - got) / own
            low = min(_up(max(more, target.min * rows / own)), target.max)
        if got > floor(most * rows) and without <= floor(most * own):
            high = max(_down(before.max - (got - floor(most * rows)) / own), low)
        found.append(replace(before, min=low, max=high))
    smaller = _smaller(recipe, planned, counted, rows - own)
    return smaller, found, smaller != planned or tuple(found) != tuple(wanted)


def _smaller(
    recipe: Recipe, planned: Recipe, counted: Callable[[pl.Expr], tuple[int, int]], replays: int
) -> Recipe:
    """Return the recipe to plan with, its sizes lowered where replays break them."""
    core = is_core(recipe)
    _, most = recipe.rows_wanted()
    sizes = (
        ("total", most, pl.lit(True)),
        ("core", recipe.core.max if recipe.core else None, core),
        ("diverse", recipe.diverse.max, ~core),
    )
    for name, limit, of in sizes:
        without, got = counted(of)
        if limit is None or got <= limit:
            continue
        less = replays if name == "total" else got - without
        part = getattr(planned, name).model_copy(update={"max": max(1, limit - less)})
        planned = planned.model_copy(update={name: part})
    return planned


def _up(share: float) -> float:
    """Return the next millionth, the finest that a share may be."""
    return ceil(share * 10**FINEST) / 10**FINEST


def _down(share: float) -> float:
    return floor(share * 10**FINEST) / 10**FINEST


def soft_key(seed: int, row: str, stage: int) -> int:
    """Return the sort key of a row in soft order; `stage` is its stage's place, 0 first.

    key = `WIDTH` * stage + `SPREAD` * (a + b - `WIDTH`), where a and b are the halves of a hash of
    seed and row id, each uniform below `WIDTH`. Their sum makes a triangle around the stage: the
    odds of a later stage against an earlier one only rise from the file's beginning to its end.
    """
    draw = sample_key(seed, f"order {row}")
    return WIDTH * stage + SPREAD * ((draw >> 32) + draw % WIDTH - WIDTH)
