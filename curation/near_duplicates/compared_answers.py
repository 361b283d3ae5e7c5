"""Which comparisons are alike in each of their answers, not only in the longest one.

Models are compared with one and the same opponent, so that most pairs of a set share an answer.
Read as one text, such pairs are nearly equal, whatever the other answers say; and a pair and its
opposite, which contradict each other, are too: even equal, where their answers differ in case and
marks alone. So comparisons of equal texts are parted by their answers, and all pairs are compared
answer by answer, each with those of the same place in the order; rankings of three and more too.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import polars as pl

from goldleaf.curation.engines.engine import PARTITION, Engine
from goldleaf.curation.engines.stages import Stages, content_hash, files_hash
from goldleaf.curation.near_duplicates.answer_kernels import (
    ANSWER_FORMS,
    ANSWERS,
    ANSWERS_VERSION,
    PAIRS,
    REGROUPED,
    AnswerForms,
    Answers,
    CompareAnswers,
    Regroup,
)
from goldleaf.curation.near_duplicates.band_kernels import ROW
from goldleaf.curation.near_duplicates.near_duplicates import Compared
from goldleaf.curation.near_duplicates.pair_kernels import COMPARE_VERSION, COMPARED
from goldleaf.curation.near_duplicates.placed_pairs import needed_texts, placed_together
from goldleaf.curation.near_duplicates.record_parts import partition_of, write_parts

_STANDING = 8
"""Records that stand for those of one content where these part: the most preferred ones."""


def alike_in_each_answer(
    found: Compared, parts: Sequence[Path], folder: Path, engine: Engine
) -> Compared:
    """Return the pairs without those whose answers differ, or whose orders contradict each other.

    Args:
        found: what comparing the whole texts gave.
        parts: Parquet files with `record`, `prompt` and `ranked_answers.COLUMNS`.
        folder: for stages that another run finds again.
        engine: runs the kernels.
    """
    paths = write_parts(parts, folder)
    inputs = files_hash(paths)
    source = engine.source(paths)

    def stages(read: Sequence[pl.Series]) -> Stages:
        numbers = content_hash(b"".join(each.to_numpy().tobytes() for each in read))
        configuration = {"screen": "compared_answers", "read": numbers}
        return Stages(folder, engine, inputs, configuration)

    rows = found.rows.sort("key")
    several = rows.filter(pl.len().over("leader") > 1)
    done: list[str] = []
    if several.height:
        places = pl.Series(PARTITION, partition_of(several["leader"].to_numpy()), pl.Int32)
        needed = several.select("record", "key").with_columns(places)
        own = stages([several[each] for each in ("key", "leader", "preference")])
        forms = partial(engine.map, source, AnswerForms(needed), ANSWER_FORMS)
        regroup = Regroup(several.select("key", "record", "preference", "leader"))
        files = own.exchange("answer_forms", forms, regroup, REGROUPED, ANSWERS_VERSION)
        leaders = own.collect(files, REGROUPED).rename({"leader": "own"})
        joined = rows.join(leaders, on="key", how="left", maintain_order="left")
        rows = joined.with_columns(leader=pl.coalesce("own", "leader")).drop("own")
        done += own.done
    alike = _of_all_leaders(found, rows)
    pairs = alike.filter(pl.col("kind") == ROW)
    if pairs.height:
        placed = placed_together(pairs.select("kind", "a", "b").with_columns(equal=pl.lit(1000)))
        needed = needed_texts(placed).select("key", PARTITION)
        needed = needed.join(rows.select("key", "record"), on="key")
        own = stages([pairs["a"], pairs["b"]])
        texts = partial(engine.map, source, Answers(needed), ANSWERS)
        compare = CompareAnswers(placed.select("a", "b", PARTITION))
        version = f"{ANSWERS_VERSION}.{COMPARE_VERSION}"
        files = own.exchange("answers", texts, compare, PAIRS, version)
        pairs = pairs.join(own.collect(files, PAIRS), on=["a", "b"], how="semi")
        done += own.done
    alike = pl.concat([alike.filter(pl.col("kind") != ROW), pairs]).sort("kind", "a", "b")
    return Compared(rows, alike, (*found.computed, *done))


def _of_all_leaders(found: Compared, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs (`COMPARED`), where one content now has several leaders of these too.

    Args:
        found: pairs of the leaders of whole contents.
        rows: `LEADERS`, parted by their answers.
    """
    leading = rows.filter(pl.col("key") == pl.col("leader"))
    content = found.rows.select("key", pl.col("leader").alias("content"))
    ordered = leading.join(content, on="key").sort(
        "content", "preference", "record", descending=[False, True, False]
    )
    number = pl.int_range(pl.len()).over("content")
    ordered = ordered.select("content", "key", number.alias("number"))
    standing = ordered.filter(pl.col("number") < _STANDING).select("content", "key")
    is_row = pl.col("kind") == ROW
    across = found.alike.filter(is_row)
    for side in ("a", "b"):
        named = standing.rename({"content": side, "key": f"{side}_key"})
        across = across.join(named, on=side).drop(side).rename({f"{side}_key": side})
    within = (
        ordered.join(standing.rename({"key": "other"}), on="content")
        .filter(pl.col("key") != pl.col("other"))
        .select(
            pl.lit(ROW, pl.Int32).alias("kind"),
            pl.col("key").alias("a"),
            pl.col("other").alias("b"),
            pl.lit(1.0).alias("score"),
            pl.lit(False).alias("same"),
        )
    )
    pairs = pl.concat([across.select(list(COMPARED)), within]).with_columns(
        pl.min_horizontal("a", "b").alias("a"), pl.max_horizontal("a", "b").alias("b")
    )
    kept = pairs.unique(["a", "b"], keep="any")
    return pl.concat([found.alike.filter(~is_row), kept]).sort("kind", "a", "b")
