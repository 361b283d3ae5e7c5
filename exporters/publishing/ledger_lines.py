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
from goldleaf.exporters.publishing.tables import row_id

if TYPE_CHECKING:
    from goldleaf.exporters.ingest.contributors import Contributor
    from goldleaf.exporters.ingest.ingest import Ingested
    from goldleaf.exporters.planning.select import Selection


def record_fates(ingested: Ingested, selection: Selection) -> pl.DataFrame:
    """Return the fate of every record: exported, held out or dropped, and then why, else "".

    Columns: record (its number), fate, reason; in the order of numbers.
    """
    sides = selection.kept.group_by("arrival").agg(pl.col("side").first())
    first = selection.why.sort("times", "reason", descending=[True, False])
    first = first.unique("record", keep="first", maintain_order=True).select("record", "reason")
    outcomes = pl.DataFrame(
        {"record": pl.int_range(ingested.records.len(), dtype=pl.UInt32, eager=True)}
    )
    outcomes = outcomes.join(sides, left_on="record", right_on="arrival", how="left")
    outcomes = outcomes.join(first, on="record", how="left").sort("record")
    side, reason = pl.col("side"), pl.when(pl.col("side").is_null()).then("reason")
    fate = pl.when(side == "train").then(pl.lit(FATES[0])).when(side == "test")
    fate = fate.then(pl.lit(FATES[1])).otherwise(pl.lit(FATES[2]))
    return outcomes.select(
        "record",
        fate=fate.cast(pl.Enum(FATES)),
        reason=reason.fill_null("").cast(pl.Categorical),
    )


FATES = ("exported", "held_out", "dropped")
"""Of a record; of an answer with several the first that one of them has, `used` for `exported`."""


def record_rows(
    fates: pl.DataFrame, ids: pl.Series, selection: Selection, rows: pl.DataFrame
) -> pl.DataFrame:
    """Return what the ledger's lines say of some records that follow each other.

    Columns: record (its id), fate, reason; and as JSON without its braces, null where there is
    nothing, `reasons` (with how often), `instead`, `redacted` (places and who decided, by what was
    found), `rows` (ids by file), `stages` (ids by stage).

    Args:
        fates: of these records (`record_fates`).
        ids: of all records, by number.
        selection: what became of them.
        rows: columns arrival, file, id, copy: which row went where, in output order.
    """
    low, high = fates["record"][0], fates["record"][-1]

    def of_these(frame: pl.DataFrame, record: str = "record") -> pl.DataFrame:
        return frame.filter(pl.col(record).is_between(low, high))

    written = of_these(rows.select("arrival", "file", "id", "copy"), "arrival")
    named = written.select(pl.col("file").cast(pl.String), record="arrival", name=row_id())
    kept = of_these(selection.kept.select("arrival", "place", "stage", "id"), "arrival")
    kept = kept.filter(pl.col("stage") != "").sort("arrival", "place")
    stage, name = pl.col("stage").cast(pl.String), pl.col("id").bin.encode("hex")
    why = of_these(selection.why).cast({"reason": pl.String})
    instead = of_these(selection.instead)
    instead = instead.with_columns(instead=_spelled(ids, instead["instead"]))
    parts = (
        _by_name(why, "reason", pl.col("times").cast(pl.String), "reasons"),
        _by_name(instead, "reason", pl.format('"{}"', "instead"), "instead"),
        _redacted(of_these(selection.redacted)),
        _listed(named.sort("name"), "file", "rows"),
        _listed(kept.select(stage, record="arrival", name=name), "stage", "stages"),
    )
    outcomes = fates.cast({"fate": pl.String, "reason": pl.String})
    for part in parts:
        outcomes = outcomes.join(part, on="record", how="left")
    return outcomes.sort("record").with_columns(record=_spelled(ids, outcomes["record"]))


def _spelled(ids: pl.Series, numbers: pl.Series) -> pl.Series:
    """Return the ids of records as hex digits, by their numbers."""
    return ids.gather(numbers).bin.encode("hex")


def answer_fates(ingested: Ingested, fates: pl.DataFrame) -> pl.DataFrame:
    """Return answer, record, fate and why of every record of an answer, in this order.

    Args:
        ingested: what was read.
        fates: of all records (`record_fates`).
    """
    of = fates.select("fate", record="record", why="reason")
    found = ingested.links.rename({"arrival": "record"}).join(of, on="record")
    return found.sort("answer", "record")


def answer_rows(answers: pl.DataFrame, linked: pl.DataFrame, ids: pl.Series) -> pl.DataFrame:
    """Return the fate of some inputs (used, held out, rejected, dropped), in their order.

    Columns: key, fate, reason, detail, contributor, places, settles, and `records` as JSON without
    its brackets.

    Args:
        answers: of `Ingested.answers`.
        linked: of all answers with records (`answer_fates`).
        ids: of all records, by number.
    """
    if answers.height:
        low, high = answers["answer"][0], answers["answer"][-1]
        linked = linked.filter(pl.col("answer").is_between(low, high))
    names = pl.format('"{}"', _spelled(ids, linked["record"]))
    outcomes = (
        linked.with_columns(names=names)
        .group_by("answer", maintain_order=True)
        .agg(
            pl.col("fate").min().cast(pl.String),
            pl.col("why").first().cast(pl.String),
            pl.col("names").str.join(",").alias("records"),
        )
    )
    answers = answers.with_columns(pl.col("reason").cast(pl.String))
    answers = answers.join(outcomes, on="answer", how="left", maintain_order="left")
    rejected = pl.col("reason") != ""
    fate = pl.when(rejected).then(pl.lit("rejected")).otherwise("fate")
    fate = fate.replace({"exported": "used"})
    dropped = pl.col("fate") == "dropped"
    reason = pl.when(~rejected & dropped).then("why").otherwise("reason")
    return answers.with_columns(fate=fate, reason=reason).drop("why", "answer")


def answer_lines(answers: pl.DataFrame, contributors: Sequence[Contributor]) -> str:
    """Return the ledger's JSON lines for some rows of `answer_rows`."""
    known = [orjson.dumps(contributor_fields(one)).decode()[1:-1] for one in contributors]
    by = pl.Series(known, dtype=pl.String).gather(answers["contributor"]).alias("by")
    answers = answers.with_columns(by)
    # Both are members of one object, and either may be empty.
    members = pl.concat_str(
        pl.when(pl.col("by") != "").then("by"),
        pl.when(pl.col("settles") != "").then(_named_lines("adjudicates", "settles")),
        separator=",",
        ignore_nulls=True,
    )
    made, rejected = pl.col("records").is_not_null(), pl.col("fate") == "rejected"
    places = pl.concat_str(pl.lit(","), _named_lines("from", "places"))
    return _joined(
        answers,
        *('{"answer":', _json("key")),
        pl.when(made)
        .then(pl.format(',"by":{}{}{}', pl.lit("{"), members, pl.lit("}")))
        .otherwise(pl.lit("")),
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


def _json(value: str | pl.Expr) -> pl.Expr:
    """Return a column of text, or another value, as JSON."""
    value = pl.col(value) if isinstance(value, str) else value
    whole = pl.struct(value.alias("x")).struct.json_encode()
    return whole.str.strip_prefix('{"x":').str.strip_suffix("}")


def _named_lines(name: str, column: str) -> pl.Expr:
    """Return the lines of a text as a member of a JSON object: `"name":["a","b"]`."""
    return pl.concat_str(pl.lit(f'"{name}":'), _json(pl.col(column).str.split("\n")))


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
