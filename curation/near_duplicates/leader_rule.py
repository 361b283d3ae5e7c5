"""Which rows stay: the best of those that are alike, whatever the order they come in.

Rows are taken from the best to the worst, and a row goes if it is alike to one that stays. So what
goes is always alike to something that stays; of a, b, c where only neighbours are alike, c stays.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from goldleaf.curation.near_duplicates.band_kernels import PROMPT, ROW

Edge = tuple[int, int, float]
"""Two ranks and how alike they are."""


def followers(edges: Iterable[Edge]) -> dict[int, tuple[int, float]]:
    """Return of each that goes the best that stays and is alike to it, and how alike.

    Args:
        edges: pairs of ranks; the lower rank is the better.

    >>> followers([(1, 0, 0.9), (2, 1, 0.8)])
    {1: (0, 0.9)}
    """
    better: dict[int, list[tuple[int, float]]] = {}
    for one, other, score in edges:
        better.setdefault(max(one, other), []).append((min(one, other), score))
    found: dict[int, tuple[int, float]] = {}
    for rank in sorted(better):
        staying = [each for each in better[rank] if each[0] not in found]
        if staying:
            found[rank] = min(staying)
    return found


def duplicate_verdicts(rows: pl.DataFrame, alike: pl.DataFrame) -> pl.DataFrame:
    """Return the verdicts on rows.

    Args:
        rows: `goldleaf.curation.near_duplicates.text_forms.LEADERS`.
        alike: `goldleaf.curation.near_duplicates.pair_kernels.COMPARED`.
    """
    ranked = _ranked(rows)
    duplicates = _duplicates(ranked, alike.filter(pl.col("kind") == ROW))
    staying = ranked.join(duplicates, on="rank", how="anti")
    asked = _same_prompts(staying, ranked, alike.filter(pl.col("kind") == PROMPT, "same"))
    found = pl.concat([duplicates, asked])
    names = ranked.select("rank", "record")
    return (
        found.join(names, on="rank")
        .join(names.rename({"rank": "best", "record": "of"}), on="best")
        .select("record", "verdict", "of", "score", "reason")
        .sort("record")
    )


def open_pairs(rows: pl.DataFrame, alike: pl.DataFrame) -> pl.DataFrame:
    """Return pairs that are worth comparing after a first round (`ESTIMATED`).

    In a large group not each pair was compared: a row whose better neighbours all go, because they
    are alike to better ones still, may be alike to these too.
    """
    alike = alike.filter(pl.col("kind") == ROW)
    ends = pl.concat([alike["a"], alike["b"]]).unique()
    ranks = _ranked(rows.filter(pl.col("key").is_in(ends.implode()))).select("key", "rank")
    edges = _edges(alike, ranks)
    gone = followers(edges)
    found = {
        (max(one, other), gone[min(one, other)][0])
        for one, other, _ in edges
        if max(one, other) not in gone and min(one, other) in gone
    }
    frame = pl.DataFrame(sorted(found), schema={"one": pl.Int64, "other": pl.Int64}, orient="row")
    keyed = frame.join(ranks.rename({"rank": "one", "key": "first"}), on="one").join(
        ranks.rename({"rank": "other", "key": "second"}), on="other"
    )
    return keyed.select(
        pl.lit(ROW, pl.Int32).alias("kind"),
        pl.min_horizontal("first", "second").alias("a"),
        pl.max_horizontal("first", "second").alias("b"),
        pl.lit(1000, pl.Int32).alias("equal"),
    ).sort("kind", "a", "b")


def _ranked(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows from the best to the worst, numbered (`rank`)."""
    ranked = rows.sort("preference", "record", descending=[True, False]).with_row_index("rank")
    return ranked.with_columns(pl.col("rank").cast(pl.Int64))


def _duplicates(ranked: pl.DataFrame, alike: pl.DataFrame) -> pl.DataFrame:
    """Return `rank`, `best`, `score`, `verdict`, `reason` of the rows that go."""
    ranks = ranked.select("key", "rank")
    edges = _edges(alike, ranks)
    gone = [(rank, best, score) for rank, (best, score) in followers(edges).items()]
    near = pl.DataFrame(gone, schema=_FOLLOWERS, orient="row")
    same = (
        ranked.filter(pl.col("key") != pl.col("leader"))
        .select("rank", pl.col("leader").alias("key"))
        .join(ranks.rename({"rank": "first"}), on="key")
        .join(near, left_on="first", right_on="rank", how="left")
        .select(
            "rank",
            pl.coalesce("best", "first").alias("best"),
            pl.coalesce("score", pl.lit(1.0)).alias("score"),
            pl.col("score").is_null().alias("exact"),
        )
    )
    near = near.with_columns(pl.lit(False).alias("exact"))
    percent = (pl.col("score") * 100).round().cast(pl.Int64).cast(pl.String)
    return pl.concat([near, same]).select(
        "rank",
        "best",
        "score",
        pl.lit("duplicate").alias("verdict"),
        pl.when("exact")
        .then(pl.lit("same text up to case, spaces and punctuation"))
        .otherwise(pl.concat_str(percent, pl.lit(" % of the character 5-grams are equal")))
        .alias("reason"),
    )


def _same_prompts(staying: pl.DataFrame, ranked: pl.DataFrame, alike: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that stay and ask what a better one asks, as `_duplicates` does."""
    asking = staying.filter(pl.col("prompt") != 0)
    best = asking.group_by("prompt").agg(pl.col("rank").min().alias("first"))
    # A pair of prompts names rows that have them; what is compared is the best rows that stay.
    firsts = ranked.join(best, on="prompt").select("key", pl.col("first").alias("rank"))
    gone = followers(_edges(alike, firsts))
    led = pl.DataFrame(
        [(first, leader, score) for first, (leader, score) in gone.items()],
        schema={"first": pl.Int64, "leader": pl.Int64, "score": pl.Float64},
        orient="row",
    )
    return (
        asking.join(best, on="prompt")
        .join(led, on="first", how="left")
        .filter((pl.col("rank") != pl.col("first")) | pl.col("leader_right").is_not_null())
        .select(
            "rank",
            pl.coalesce("leader_right", "first").alias("best"),
            pl.coalesce("score", pl.lit(1.0)).alias("score"),
            pl.lit("same_prompt").alias("verdict"),
            pl.lit("nearly the same prompt, another answer").alias("reason"),
        )
    )


_FOLLOWERS = {"rank": pl.Int64, "best": pl.Int64, "score": pl.Float64}


def _edges(alike: pl.DataFrame, ranks: pl.DataFrame) -> list[Edge]:
    """Return pairs of keys as pairs of ranks."""
    return (
        alike.join(ranks.rename({"key": "a", "rank": "one"}), on="a")
        .join(ranks.rename({"key": "b", "rank": "other"}), on="b")
        .filter(pl.col("one") != pl.col("other"))
        .select("one", "other", "score")
        .rows()
    )
