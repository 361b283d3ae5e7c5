r"""Openings and closings that very many answers share: "Sure! Here is", "I hope this helps".

An opening is a template if the share of answers that begin with it is above a limit, and if it is
boilerplate: three words or six Chinese characters, or fewer that end in punctuation ("Sure!",
"当然，"). What just begins a sentence ("The"), an answer of yes or no, and the number of a list are
none. Of prefixes of one another the shortest counts, so an opening has one name, and an
export can keep the best few of each.
"""

from __future__ import annotations

import polars as pl

NAME = "template"
VERSION = "1"
VERDICTS = {
    "record": pl.String,
    "verdict": pl.String,
    "of": pl.String,
    "score": pl.Float64,
    "reason": pl.String,
}
LIMIT = 0.01
"""Share of the answers from which an opening or closing is a template."""
LEAST = 10
"""Answers that must share it, in small sets."""
_HEAD, _TAIL = 400, 400
"""Characters that are looked at."""
_CHINESE = "\u3005-\u9fff\uf900-\ufaff"
_TOKEN = rf"[{_CHINESE}]|[^\s{_CHINESE}\p{{P}}\p{{S}}]+(?:['’][^\s{_CHINESE}\p{{P}}\p{{S}}]+)?"
_CLAUSE = r"^[\s*#>\"“「]{0,8}([^\n,.!?:;，。！？：；、…]{1,40}[,!:.，。！：~～])"
_SENTENCE_END = r"[.!?。！？…][\"”」)*\s]{0,4}$"
_CLOSING = (
    r"(?:^|[.!?。！？\n…][\"”」)*]{0,3}\s{0,3})"
    r"([^.!?。！？\n…]{4,200}[.!?。！？…~～]{0,3}[\"”」)*\s]{0,4})$"
)
_OPENING_WEIGHT, _CLOSING_WEIGHT = 6, 8
"""A Chinese character weighs 1, a word 2."""
_MOST_TOKENS = 12
_NO_BOILERPLATE = frozenset(
    """yes no true false correct incorrect right wrong positive negative neutral
    是 是的 不 不是 对 错 否""".split()
)


def templates(rows: pl.DataFrame, limit: float = LIMIT) -> pl.DataFrame:
    """Return the verdicts (`VERDICTS`) on a set: `opening` and `frame`, ascending by record.

    `of` names the template, the same in every set; `score` is its share of the answers.

    Args:
        rows: columns `record`, `answer` and, if known, `structured` of `RECORDS`: answers that a
            program reads have no openings.
        limit: 0 to 1, of the answers that are not empty and not structured.
    """
    structured = (
        pl.col("structured").fill_null(False) if "structured" in rows.columns else pl.lit(False)
    )
    answers = rows.filter(~structured).select(
        "record", pl.col("answer").fill_null("").str.strip_chars()
    )
    answers = answers.filter(pl.col("answer") != "")
    least = max(LEAST, limit * answers.height)
    found = [
        _shared(answers, openings(answers), least, "opening"),
        _shared(answers, closings(answers), least, "frame"),
    ]
    return pl.concat(found).sort("record", "verdict")


def openings(answers: pl.DataFrame) -> pl.DataFrame:
    """Return the prefixes that may be a template: `record`, `length` in tokens, `name`."""
    head = pl.col("answer").str.head(_HEAD).str.to_lowercase()
    clauses = (
        answers.select("record", head.str.extract(_CLAUSE, 1).alias("clause"))
        .drop_nulls("clause")
        .with_columns(pl.col("clause").str.extract_all(_TOKEN).alias("tokens"))
        .select("record", pl.col("tokens").list.len().alias("length"), _name("tokens"))
        .filter(
            ~pl.col("name").is_in(list(_NO_BOILERPLATE)),
            ~pl.col("name").str.contains(r"^[\d\s]*$"),
            pl.col("length").is_between(1, _MOST_TOKENS),
        )
    )
    tokens = answers.select("record", head.str.extract_all(_TOKEN).alias("tokens"))
    return pl.concat([clauses, _prefixes(tokens, _OPENING_WEIGHT)])


def closings(answers: pl.DataFrame) -> pl.DataFrame:
    """Return the same of the last sentence, of answers that have more than one."""
    tail = pl.col("answer").str.tail(_TAIL).str.to_lowercase()
    sentence = tail.str.extract(_CLOSING, 1)
    last = (
        answers.with_columns(sentence.alias("sentence"))
        .drop_nulls("sentence")
        .filter(pl.col("sentence").str.len_chars() < pl.col("answer").str.len_chars() - 4)
        .filter(pl.col("sentence").str.contains(_SENTENCE_END))
    )
    tokens = pl.col("sentence").str.extract_all(_TOKEN).alias("tokens")
    return _prefixes(last.select("record", tokens), _CLOSING_WEIGHT)


def _name(tokens: str) -> pl.Expr:
    joined = pl.col(tokens).list.join(" ").str.slice(0, 120)
    between = rf"([{_CHINESE}]) ([{_CHINESE}])"
    # Once more for the characters that the first pass took as the second of a pair.
    for _ in range(2):
        joined = joined.str.replace_all(between, "$1$2")
    return joined.alias("name")


def _prefixes(tokens: pl.DataFrame, weight: int) -> pl.DataFrame:
    """Return the prefixes of `tokens` that are long enough to be no chance."""
    found: list[pl.DataFrame] = []
    for length in range(3, _MOST_TOKENS + 1):
        head = pl.col("tokens").list.head(length)
        # Words are written with their letters, a Chinese character is one.
        wide = head.list.eval(pl.element().str.contains(rf"^[{_CHINESE}]")).list.sum()
        rows = tokens.filter(pl.col("tokens").list.len() >= length, (2 * length - wide) >= weight)
        found.append(
            rows.select("record", pl.lit(length, pl.UInt32).alias("length"), head.alias("tokens"))
            .select("record", "length", _name("tokens"))
            .filter(~pl.col("name").str.contains(r"^[\d\s]*$"))
        )
    return pl.concat(found)


def _shared(
    answers: pl.DataFrame, prefixes: pl.DataFrame, least: float, verdict: str
) -> pl.DataFrame:
    """Return the verdicts on answers whose shortest prefix of enough rows is a template."""
    counted = prefixes.unique(["record", "name"]).with_columns(pl.len().over("name").alias("rows"))
    chosen = (
        counted.filter(pl.col("rows") >= least)
        .sort("record", "length", "name")
        .unique("record", keep="first", maintain_order=True)
    )
    share = (pl.col("rows") / max(1, answers.height)).alias("score")
    percent = (pl.col("rows") * 100 / max(1, answers.height)).round(1).cast(pl.String)
    where = "begin" if verdict == "opening" else "end"
    reason = pl.concat_str(percent, pl.lit(f" % of the answers {where} so"))
    return chosen.select(
        "record",
        pl.lit(verdict).alias("verdict"),
        pl.concat_str(pl.lit(f"{verdict}: "), "name").alias("of"),
        share.cast(pl.Float64),
        reason.alias("reason"),
    )
