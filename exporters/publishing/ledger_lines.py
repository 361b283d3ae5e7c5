"""The lines of a ledger, built as text columns: a million lines one by one would need minutes.

Every line is what `orjson` writes for the same values with sorted keys. Polars' own JSON writer
cannot do this: it writes null where a key is left out here, and `reasons`, `rows` and `stages` are
objects whose keys are data.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import orjson
import polars as pl

from goldleaf.exporters.ingest.contributors import contributor_fields

if TYPE_CHECKING:
    from goldleaf.exporters.ingest.contributors import Contributor
    from goldleaf.exporters.ingest.ingest import Ingested
    from goldleaf.exporters.planning.select import Selection


def record_rows(ingested: Ingested, selection: Selection, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the fate of every record (exported, held out, dropped), one sorted row each.

    Columns: record, fate, reason; and as JSON without its braces, null where there is nothing,
    `reasons` (with how often), `instead`, `redacted` (places and who decided, by what was found),
    `rows` (ids by file), `stages` (ids by stage).

    Args:
        ingested: what was read.
        selection: what became of it.
        rows: columns record, file, row: which row went where.
    """
    sides = selection.kept.group_by("record").agg(pl.col("side").first())
    of_stage = selection.kept.filter(pl.col("stage") != "").sort("record", "place")
    first = selection.why.sort("times", "reason", descending=[True, False])
    first = first.unique("record", keep="first", maintain_order=True).select("record", "reason")
    parts = (
        _by_name(selection.why, "reason", pl.col("times").cast(pl.String), "reasons"),
        _by_name(selection.instead, "reason", pl.format('"{}"', "instead"), "instead"),
        _redacted(selection.redacted),
        _listed(rows.select("record", "file", name="row").sort("name"), "file", "rows"),
        _listed(of_stage.select("record", "stage", name="id"), "stage", "stages"),
    )
    outcomes = ingested.records.select("record").join(sides, on="record", how="left")
    for part in (first, *parts):
        outcomes = outcomes.join(part, on="record", how="left")
    fates = {"train": "exported", "test": "held_out"}
    fate = pl.col("side").replace_strict(fates, default="dropped", return_dtype=pl.String)
    outcomes = outcomes.with_columns(fate=fate)
    reason = pl.when(pl.col("fate") == "dropped").then("reason").fill_null("")
    return outcomes.with_columns(reason=reason).drop("side").sort("record")


def answer_rows(ingested: Ingested, records: pl.DataFrame) -> pl.DataFrame:
    """Return the fate of every input answer (used, held out, rejected, dropped), sorted by key.

    Columns: key, fate, reason, detail, contributor, places, and `records` as JSON without its
    brackets.
    """
    outcomes = records.select("record", "fate", why="reason")
    linked = ingested.links.join(outcomes, on="record")
    several = pl.col("answer").is_duplicated()
    names = pl.format('"{}"', "record")
    alone = linked.filter(~several).select("answer", "fate", "why", records=names)
    best = pl.col("fate").replace_strict({"exported": 0, "held_out": 1, "dropped": 2})
    together = linked.filter(several).with_columns(names=names, best=best).sort("answer", "record")
    together = together.group_by("answer").agg(
        pl.col("fate").sort_by("best", maintain_order=True).first(),
        pl.col("why").first(),
        pl.col("names").str.join(",").alias("records"),
    )
    answers = ingested.answers.join(pl.concat([alone, together]), on="answer", how="left")
    rejected = pl.col("reason") != ""
    fate = pl.when(rejected).then(pl.lit("rejected")).otherwise("fate")
    fate = fate.replace({"exported": "used"})
    dropped = pl.col("fate") == "dropped"
    reason = pl.when(~rejected & dropped).then("why").otherwise("reason")
    return answers.with_columns(fate=fate, reason=reason).drop("why", "answer").sort("key")


def answer_lines(answers: pl.DataFrame, contributors: Sequence[Contributor]) -> str:
    """Return the ledger's JSON lines for some rows of `answer_rows`."""
    by = pl.DataFrame(
        {
            "contributor": range(len(contributors)),
            "by": [
                f',"by":{orjson.dumps(contributor_fields(one)).decode()}' for one in contributors
            ],
        },
        schema={"contributor": answers.schema["contributor"], "by": pl.String},
    )
    answers = answers.join(by, on="contributor", how="left", maintain_order="left")
    made, rejected = pl.col("records").is_not_null(), pl.col("fate") == "rejected"
    places = pl.struct(pl.col("places").str.split("\n").alias("from")).struct.json_encode()
    places = pl.format(",{}", places.str.strip_prefix("{").str.strip_suffix("}"))
    return _joined(
        answers,
        *('{"answer":', _json("key")),
        pl.when(made).then("by").otherwise(pl.lit("")),
        pl.when(rejected).then(pl.format(',"detail":{}', _json("detail"))).otherwise(pl.lit("")),
        *(',"fate":"', "fate", '"'),
        pl.when(pl.col("places") != "").then(places).otherwise(pl.lit("")),
        *(',"reason":', _few(answers["reason"])),
        *(',"records":[', pl.col("records").fill_null(""), "]}\n"),
    )


def record_lines(records: pl.DataFrame) -> str:
    """Return the ledger's JSON lines for some rows of `record_rows`."""
    return _joined(
        records,
        *('{"fate":"', "fate", '"', _braced("instead")),
        *(',"reason":', _few(records["reason"])),
        *(',"reasons":{', pl.col("reasons").fill_null("")),
        *('},"record":"', "record", '"', _braced("redacted")),
        *(',"rows":{', pl.col("rows").fill_null(""), "}"),
        *(_braced("stages"), "}\n"),
    )


def _braced(name: str) -> pl.Expr:
    """Return a key with its object, or nothing."""
    key = pl.lit(f',"{name}":{{')
    return pl.concat_str(key, name, pl.lit("}")).fill_null("")


def _joined(frame: pl.DataFrame, *parts: pl.Expr | str) -> str:
    """Return the rows of a frame as one text; a part that is not a column is a literal."""
    columns = set(frame.columns)
    spelled = [
        pl.lit(part) if isinstance(part, str) and part not in columns else part for part in parts
    ]
    return "".join(frame.select(pl.concat_str(spelled)).to_series())


def _json(name: str) -> pl.Expr:
    """Return a column of text as JSON."""
    whole = pl.struct(pl.col(name).alias("x")).struct.json_encode()
    return whole.str.strip_prefix('{"x":').str.strip_suffix("}")


def _few(column: pl.Series) -> pl.Expr:
    """Return a column of few different texts as JSON."""
    return pl.col(column.name).replace_strict(_quoted(column), return_dtype=pl.String)


def _quoted(texts: Iterable[str]) -> dict[str, str]:
    return {text: orjson.dumps(text).decode() for text in dict.fromkeys(texts)}


def _by_name(frame: pl.DataFrame, name: str, value: pl.Expr, into: str) -> pl.DataFrame:
    """Return record and its names with their values as JSON without braces: `"a":1,"b":2`."""
    frame = frame.unique(["record", name], keep="last", maintain_order=True).sort("record", name)
    text = pl.concat_str(_few(frame[name].unique()), pl.lit(":"), value)
    return frame.group_by("record").agg(text.str.join(",").alias(into))


def _redacted(found: pl.DataFrame) -> pl.DataFrame:
    """Return record and what was replaced in it, as JSON without braces."""
    by = pl.Series("by", found["by"].unique(), pl.String)
    # A name may hold braces, so it is no part of a format.
    value = pl.concat_str(
        pl.lit('{"by":'),
        _few(by),
        pl.lit(',"places":'),
        pl.col("places").cast(pl.String),
        pl.lit("}"),
    )
    return _by_name(found, "code", value, "redacted")


def _listed(frame: pl.DataFrame, by: str, into: str) -> pl.DataFrame:
    """Return record and its ids by file or stage as JSON without braces: `"f":["a","b"]`."""
    names = pl.format('"{}"', pl.col("name"))
    several = pl.col("record").is_duplicated()
    quoted = _few(frame[by].unique().alias(by))
    alone = frame.filter(~several).select("record", pl.format("{}:[{}]", quoted, names).alias(into))
    each = frame.filter(several).group_by("record", by, maintain_order=True)
    each = each.agg(names.str.join(",").alias("names")).sort("record", by)
    text = pl.format("{}:[{}]", quoted, "names")
    together = each.group_by("record").agg(text.str.join(",").alias(into))
    return pl.concat([alone, together])
