"""What a recipe does with a task that annotators answer differently (`conflicts`).

Whose votes count is decided here, task by task, before all votes are counted (`settle`), so that
whatever the policy, no text is taught and rejected for one prompt.

Two annotators contradict each other in a task where they decide otherwise or leave another text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl
import xxhash

from goldleaf.agreement.dawid_skene import dawid_skene
from goldleaf.agreement.decisions import SIDES
from goldleaf.agreement.newest_states import repeated
from goldleaf.agreement.step_verdicts import disputed_steps
from goldleaf.agreement.votes import CLAIMS_AT_ONCE, IMPORTED, STEP_SIDES, TIED, kind_hash

if TYPE_CHECKING:
    from goldleaf.recipes.recipe import Recipe

DISAGREEMENT, OUTVOTED, NEEDS_ADJUDICATION = "disagreement", "outvoted", "needs_adjudication"
"""Why a record is left out: nobody's answer is settled; another's is; an adjudicator must say."""

NO_STANDING: dict[str, float] = {"n_annotators": 0, "agreement": 1.0, "soft_label": 1.0}
"""Of a pair that no annotator of a task is behind: it was imported."""

MODEL_PEOPLE, MODEL_TASKS = 3, 100
"""People, and tasks that two or more of them answered, from which a kind's decisions are modelled.

With fewer, the numbers that describe an annotator are guesses, and of two people nobody knows who
errs.
"""

_TASK = ["kind", "task"]
_TEXT = ["prompt", "text"]
_TIES = [SIDES.index("tie"), SIDES.index("both_bad")]


@dataclass(frozen=True)
class Ruling:
    """Votes after the policies.

    `votes`: those that count; `gone`: arrival and reason of records of which none does; `standings`
    : arrival, annotators, agreement and soft_label of the records of answered tasks.
    """

    votes: pl.DataFrame
    gone: pl.DataFrame
    standings: pl.DataFrame


def apply_policies(current: pl.DataFrame, claims: pl.DataFrame, recipe: Recipe) -> Ruling:
    """Return the votes that the recipe's policies leave.

    Args:
        current: votes that count (`goldleaf.agreement.newest_states`).
        claims: what the records behind them claim.
        recipe: `conflicts` and `seed`.
    """
    people = current.filter((pl.col("voter") != IMPORTED) & (pl.col("task") > 0))
    several = repeated(people, "task").filter(pl.col("voter").n_unique().over(_TASK) > 1)
    standings = _standings(people if recipe.conflicts.is_soft else people.clear())
    if not several.height:
        return Ruling(current, _nothing_gone(current), standings)
    parts = 1 + claims.height // CLAIMS_AT_ONCE
    of_parts = (several.filter(pl.col("task") % parts == part) for part in range(parts))
    stances = pl.concat(_stances(of_part, claims) for of_part in of_parts)
    verdicts = _verdicts(stances, _tasks(stances, recipe))
    lost = several.join(verdicts, on=[*_TASK, "voter"])
    left = current.join(lost, on=[*_TASK, "voter"], how="anti")
    gone = lost.join(left, on="arrival", how="anti").select("arrival", "why").sort("arrival", "why")
    gone = gone.unique("arrival", keep="first", maintain_order=True).rename({"why": "reason"})
    return Ruling(left, gone, standings)


def _nothing_gone(current: pl.DataFrame) -> pl.DataFrame:
    return current.select("arrival", reason=pl.lit("")).clear()


def outvoted(current: pl.DataFrame) -> pl.DataFrame:
    """Return the arrivals of votes against what more than half of a task's annotators decided."""
    people = repeated(current.filter(pl.col("voter") != IMPORTED), "task")
    sides = _sides(people)
    shares = sides.select(*_TASK, "side", "voter").with_columns(
        share=pl.len().over([*_TASK, "side"]) / pl.len().over(_TASK)
    )
    settled = shares.filter(pl.col("share") > 0.5).select(*_TASK, leading="side").unique()
    own = people.select("arrival", "voter", *_TASK).join(sides, on=[*_TASK, "voter"])
    found = own.join(settled, on=_TASK).filter(pl.col("side") != pl.col("leading"))
    return found.select("arrival").unique()


def _sides(people: pl.DataFrame) -> pl.DataFrame:
    """Return kind, task, voter and what that voter decided; records of one answer are one."""
    return people.group_by(*_TASK, "voter").agg(pl.col("side").max())


def _stances(several: pl.DataFrame, claims: pl.DataFrame) -> pl.DataFrame:
    """Return kind, task, voter, side and stance: the decision and the texts wanted, as one value.

    Where no text is wanted, those that are tied or rejected are part of it. What is said of a text
    more or less strongly makes no difference. Left out are those who only reject a text that nobody
    wants: whoever mends it agrees with them. Verdicts on steps are a part of it where others judge
    a step otherwise.
    """
    voter = [*_TASK, "voter"]
    said = several.select(*voter, "arrival").unique().join(claims, on="arrival")
    steps = disputed_steps(said, _TASK)
    said = said.filter(~pl.col("side").is_in(STEP_SIDES))
    wanted = pl.col("side") > TIED
    said = said.with_columns(
        wants=wanted.any().over(voter), sought=wanted.any().over([*_TASK, "prompt", "text"])
    )
    agrees = ~pl.col("wants") & ~(pl.col("sought") | (pl.col("side") == TIED)).any().over(voter)
    agreeing = said.filter(agrees).select(voter).unique().join(steps, on=voter, how="anti")
    code = pl.when(wanted).then(pl.lit("+")).otherwise(pl.col("side").cast(pl.String))
    texts = said.filter(wanted | ~pl.col("wants"))
    texts = pl.concat(
        [
            texts.select(*voter, *_TEXT, code=code),
            steps.select(*voter, *_TEXT, code=pl.col("side").cast(pl.String)),
        ]
    )
    texts = texts.with_columns(one=pl.format("{}{}/{}", "code", "prompt", "text"))
    each = texts.group_by(voter).agg(pl.col("one").unique().sort().str.join(" "))
    joined = _sides(several).join(each, on=voter, how="left").join(agreeing, on=voter, how="anti")
    stance = pl.format("{} {}", "side", pl.col("one").fill_null(""))
    return joined.with_columns(stance=stance).drop("one")


def _tasks(stances: pl.DataFrame, recipe: Recipe) -> pl.DataFrame:
    """Return the tasks with a contradiction: what leads (`side`, `stance`), and their policy."""
    contested = stances.filter(pl.col("stance").n_unique().over(_TASK) > 1)
    counted = contested.with_columns(
        people=pl.len().over(_TASK),
        with_side=pl.len().over(*_TASK, "side"),
        with_stance=pl.len().over(*_TASK, "stance"),
    )
    options = counted.drop("voter").unique()
    draws = [
        xxhash.xxh3_64_intdigest(f"{recipe.seed} {task} {stance}".encode())
        for task, stance in options.select("task", "stance").iter_rows()
    ]
    options = options.with_columns(draw=pl.Series(draws, dtype=pl.UInt64))
    order = ["with_side", "with_stance", "draw"]
    options = options.sort(*_TASK, *order, descending=[False, False, True, True, False])
    first = options.unique(_TASK, keep="first", maintain_order=True)
    tasks = first.join(_modelled(stances, recipe), on=_TASK, how="left")
    known = [(name, *recipe.conflicts.of_kind(name)) for name in recipe.conflicts.kinds]
    policy, least = recipe.conflicts.policy, recipe.conflicts.min_agreement
    by_kind = pl.DataFrame(
        [(kind_hash(name), own, limit) for name, own, limit in known],
        schema={"kind": pl.UInt64, "own": pl.String, "limit": pl.Float64},
        orient="row",
    )
    return tasks.join(by_kind, on="kind", how="left").with_columns(
        policy=pl.coalesce("own", pl.lit(policy)),
        least=pl.when(pl.col("own").is_null())
        .then(pl.lit(least, pl.Float64))
        .otherwise(pl.col("limit")),
    )


def _modelled(stances: pl.DataFrame, recipe: Recipe) -> pl.DataFrame:
    """Return kind, task, likeliest and confidence: the side, among those said, that is likeliest.

    Only of kinds that a recipe lets be modelled, with enough answers to tasks in common.
    """
    schema = {"kind": pl.UInt64, "task": pl.UInt64, "likeliest": pl.UInt8, "sure": pl.Float64}
    wanted = {name: recipe.conflicts.of_kind(name)[0] for name in recipe.conflicts.kinds}
    hashes = {kind_hash(name): policy for name, policy in wanted.items()}
    parts = [pl.DataFrame(schema=schema)]
    for (kind,), own in (
        stances.filter(pl.col("side") > 0)
        .sort(*_TASK, "voter")
        .group_by("kind", maintain_order=True)
    ):
        shared = own.filter(pl.len().over("task") > 1)
        enough = shared["voter"].n_unique() >= MODEL_PEOPLE
        enough = enough and shared["task"].n_unique() >= MODEL_TASKS
        if enough and hashes.get(int(str(kind)), recipe.conflicts.policy) == "model":
            parts.append(_likeliest(shared).with_columns(kind=pl.lit(kind, pl.UInt64)))
    return pl.concat([part.select(list(schema)) for part in parts])


def _likeliest(shared: pl.DataFrame) -> pl.DataFrame:
    known = sorted(shared["side"].unique())
    codes = {side: place for place, side in enumerate(known)}
    coded = shared.with_columns(
        item=pl.col("task").rank("dense") - 1,
        who=pl.col("voter").rank("dense") - 1,
        code=pl.col("side").replace_strict(codes, return_dtype=pl.UInt32),
    )
    item, who, code = (coded[name].to_numpy().astype(int) for name in ("item", "who", "code"))
    likely = dawid_skene(item, who, code, len(known)).classes
    coded = coded.with_columns(sure=pl.Series(likely[item, code], dtype=pl.Float64))
    said = coded.sort("task", "sure", "side", descending=[False, True, False])
    first = said.unique("task", keep="first", maintain_order=True)
    return first.select("task", "sure", likeliest="side")


def _verdicts(stances: pl.DataFrame, tasks: pl.DataFrame) -> pl.DataFrame:
    """Return kind, task, voter, why: the votes that the policies take out of contested tasks."""
    policy, least = pl.col("policy"), pl.col("least")
    modelled = (policy == "model") & pl.col("likeliest").is_not_null()
    behind = pl.when(modelled).then("sure").otherwise(pl.col("with_stance") / pl.col("people"))
    waits = policy == "adjudicate"
    unsettled = (policy == "drop") | (waits & least.is_null()) | (behind < least).fill_null(False)
    loses = (modelled & (pl.col("side") != pl.col("likeliest"))) | (
        (policy == "soft") & (pl.col("stance") != pl.col("leader"))
    )
    unsaid = pl.when(waits).then(pl.lit(NEEDS_ADJUDICATION)).otherwise(pl.lit(DISAGREEMENT))
    why = pl.when(unsettled).then(unsaid).when(loses).then(pl.lit(OUTVOTED)).otherwise(None)
    ruled = stances.join(tasks.drop("side").rename({"stance": "leader"}), on=_TASK)
    return ruled.with_columns(why=why).drop_nulls("why").select(*_TASK, "voter", "why")


def _standings(people: pl.DataFrame) -> pl.DataFrame:
    """Return arrival, n_annotators, agreement, soft_label, of the task most people answered."""
    sides = _sides(people)
    tied = pl.col("side").is_in(_TIES)
    counted = sides.with_columns(
        n_annotators=pl.len().over(_TASK),
        alike=pl.len().over(*_TASK, "side"),
        ties=tied.sum().over(_TASK),
    )
    half = pl.when(tied).then(0).otherwise(pl.col("ties") / 2)
    shares = counted.with_columns(
        agreement=(pl.col("alike") / pl.col("n_annotators")).round(6),
        soft_label=((pl.col("alike") + half) / pl.col("n_annotators")).round(6),
    ).drop("side", "alike", "ties")
    own = people.select("arrival", "voter", *_TASK).join(shares, on=[*_TASK, "voter"])
    order = ["n_annotators", "agreement", "soft_label"]
    best = own.sort("arrival", *order, descending=[False, True, True, True])
    first = best.unique("arrival", keep="first", maintain_order=True)
    return first.select("arrival", pl.col("n_annotators").cast(pl.Int64), "agreement", "soft_label")
