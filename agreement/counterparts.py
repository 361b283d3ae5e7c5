"""The record that replaces or contradicts a dropped one, which `goldleaf why` names."""

from __future__ import annotations

import polars as pl

from goldleaf.agreement.votes import STEP_GOOD, STEP_SIDES

_REPLACED = (
    *("superseded", "adjudicated", "disagreement"),
    *("outvoted", "needs_adjudication", "outranked"),
)


def with_counterparts(
    gone: pl.DataFrame,
    kept: pl.DataFrame,
    votes: pl.DataFrame,
    current: pl.DataFrame,
    claims: pl.DataFrame,
) -> pl.DataFrame:
    """Return the dropped examples, each with the record that replaces or contradicts it.

    Columns: record, reason, instead (null for none), a row for each of `gone`. Only `superseded`,
    `adjudicated`, `outranked` and contradicted examples have such a record.

    An older state has the record of the newer one; what was contradicted has a record that claims
    the opposite of one of its texts or steps, else another answer to its task, else to its prompt.

    Args:
        gone: examples with their reason.
        kept: those that stay; they are named before others.
        votes: all votes.
        current: those that count.
        claims: of these, the ones about steps are read.
    """
    if not gone.height:
        return gone.select("record", "reason", instead=pl.lit(None, gone.schema["record"]))
    columns = ("record", "arrival", "use", "prompt", "answer", "other", "good")
    both = [kept.select(*columns, rank=pl.lit(0)), gone.select(*columns, rank=pl.lit(1))]
    everything = pl.concat(both)
    own = votes.join(gone.select("arrival", "record").unique(), on="arrival")
    theirs = current.join(everything.select("arrival", "record", "rank").unique(), on="arrival")
    texts, others = _roles(gone, claims), _roles(everything, claims)
    turned = others.with_columns(wanted=~pl.col("wanted"))
    newer = [["annotation"], ["voter", "task"]]
    tasks = own.filter(pl.col("shown"))
    prompts = own.filter(pl.col("right") > 0)
    found = [
        *(_first(own.filter(pl.col(keys[0]) > 0), theirs, keys) for keys in newer),
        _first(texts, turned, ["prompt", "text", "wanted"]),
        _first(tasks, theirs, ["task"]),
        _first(prompts, theirs.filter(pl.col("right") > 0), ["prompt"]),
    ]
    order = [each.with_columns(order=pl.lit(place)) for place, each in enumerate(found)]
    named = pl.concat(order)
    superseded = gone.filter(reason="superseded").select("record").unique()
    is_old = pl.col("record").is_in(superseded["record"].implode())
    named = named.filter(is_old == (pl.col("order") < len(newer)))
    named = named.sort("record", "order").unique("record", keep="first", maintain_order=True)
    may = pl.col("reason").is_in(_REPLACED)
    with_record = gone.select("record", "reason").join(named, on="record", how="left").drop("order")
    return with_record.with_columns(pl.when(may).then("instead").alias("instead"))


def _roles(examples: pl.DataFrame, claims: pl.DataFrame) -> pl.DataFrame:
    """Return record, rank, prompt, text (or the chain up to a step) and whether it is wanted."""
    rank = pl.col("rank") if "rank" in examples.columns else pl.lit(1)
    named = examples.select(
        "record", "arrival", "use", "prompt", "answer", "other", "good", rank=rank
    )
    bad = (pl.col("use") == "kto") & ~pl.col("good").fill_null(True)
    whole = named.filter(pl.col("use") != "stepwise")
    lost = pl.lit(value=False)
    said = claims.filter(pl.col("side").is_in(STEP_SIDES)).select("arrival", "text", "side")
    steps = named.filter(use="stepwise").join(said, on="arrival")
    columns = ("record", "rank", "prompt")
    return pl.concat(
        [
            whole.select(*columns, text="answer", wanted=~bad),
            whole.filter(use="dpo").select(*columns, text="other", wanted=lost),
            steps.select(*columns, "text", wanted=pl.col("side") == STEP_GOOD),
        ]
    )


def _first(own: pl.DataFrame, others: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Return record and instead: another record with the same keys, kept records first.

    Two of each key are enough: the first may be the record itself.
    """
    own = own.select("record", *keys).unique()
    others = others.join(own, on=keys, how="semi")
    best = others.select(*keys, "rank", instead="record").unique().sort("rank", "instead")
    two = best.unique([*keys, "instead"], keep="first", maintain_order=True)
    two = two.group_by(keys, maintain_order=True).head(2)
    joined = own.join(two, on=keys)
    joined = joined.filter(pl.col("record") != pl.col("instead"))
    joined = joined.sort("record", "rank", "instead")
    return joined.unique("record", keep="first", maintain_order=True).select("record", "instead")
