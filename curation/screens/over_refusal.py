"""Answers that refuse a harmless prompt: they teach a model to refuse what it should answer (S12).

Only full refusals are judged (`refusal_detector`), and only by their prompt
(`prompt_harm`); one that lacks the means, such as live data or a tool, is none
(`missing_means`). A finding is work for the refusal kind, where a person decides;
it is never a refusal that counts.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from goldleaf.core.screen_verdicts import OVER_REFUSAL
from goldleaf.curation.meaning.embedder import embedder
from goldleaf.curation.refusals.missing_means import lacks_means
from goldleaf.curation.refusals.prompt_harm import HARMLESS_BELOW, judge_prompt, seeds
from goldleaf.curation.refusals.refusal_detector import refuses
from goldleaf.curation.refusals.risk_words import suggest_risks
from goldleaf.curation.screens.screen import FINDINGS

NAME = OVER_REFUSAL
VERSION = "3"
TWINS = {"record": pl.String, "of": pl.String, "score": pl.Float64}
"""A harmless record, the refused one that it looks like, and how much (cosine, -1 to 1)."""
NEAREST = 16
"""Questions that are judged at a time of those nearest to a refused one."""
_REFUSED = 64
"""Refused questions whose nearest ones are looked for together."""
MOST_CANDIDATES = 20_000
"""Answered records that are compared (1 ms each): those with words of risk first, then by id."""


def screen(records: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
    """Return a finding for every record whose answer refuses a harmless question.

    `score`: how likely the question is harmless, 0 to 1.
    """
    asked = _asked(records)
    refused = asked.filter(_refuses(asked))
    able = [not lacks_means(answer or "") for answer in refused["answer"]]
    refused = refused.filter(pl.Series(able, dtype=pl.Boolean))
    found = _judged(refused).filter(pl.col("harm") < HARMLESS_BELOW)
    return found.select(
        "row",
        pl.lit(NAME).alias("verdict"),
        pl.lit("refuses a question that looks harmless").alias("reason"),
        pl.lit(None, pl.String).alias("field"),
        pl.lit(None, pl.Int32).alias("start"),
        pl.lit(None, pl.Int32).alias("end"),
        pl.lit(None, pl.String).alias("of"),
        (1 - pl.col("harm")).round(3).alias("score"),
    ).cast(FINDINGS)  # pyright: ignore[reportArgumentType]


def twin_candidates(frame: pl.DataFrame) -> pl.DataFrame:
    """Return for each refused harmful question the answered harmless one nearest to it (`TWINS`).

    Args:
        frame: `record`, `question`, `answer` and, where the question is empty, `prompt`; `refuses`
            where it is known.
    """
    asked = _asked(frame).sort("record")
    refusing = _refuses(asked)
    refused = _judged(asked.filter(refusing)).filter(pl.col("harm") >= HARMLESS_BELOW)
    if refused.is_empty():
        return pl.DataFrame(schema=TWINS)
    answered = _candidates(asked.filter(~refusing))
    if answered.is_empty():
        return pl.DataFrame(schema=TWINS)
    questions = answered["asked"].to_list()
    encoder = embedder([prompt for prompt, _ in seeds()])
    near = encoder.embed(refused["asked"].to_list()) @ encoder.embed(questions).T
    best = _nearest_harmless(near, questions)
    if best is None:
        return pl.DataFrame(schema=TWINS)
    return pl.DataFrame(
        {
            "record": answered["record"].gather(best),
            "of": refused["record"],
            "score": np.round(near[np.arange(len(best)), best].astype(np.float64), 3),
        },
        schema=TWINS,
    )


def _nearest_harmless(
    near: NDArray[np.float32], questions: Sequence[str]
) -> NDArray[np.int64] | None:
    """Return the nearest question to each refused one that is harmless, None where none is.

    Only those are judged that would be the nearest.

    Args:
        near: (refused, questions); of questions that turn out to be harmful it becomes -inf.
        questions: that were answered.
    """
    judged, harmful = (np.zeros(len(questions), np.bool_) for _ in range(2))
    best = np.zeros(len(near), np.int64)
    most = min(NEAREST, len(questions))
    for start in range(0, len(near), _REFUSED):
        rows = near[start : start + _REFUSED]
        rows[:, harmful] = -np.inf
        left = np.arange(len(rows))
        while len(left):
            nearest = np.argpartition(rows[left], -most, axis=1)[:, -most:]
            # Of questions equally near any may be among those; the first is the one that counts.
            nearest = np.union1d(nearest, rows[left].argmax(axis=1))
            new = nearest[~judged[nearest]]
            judged[new] = True
            harm = judge_prompt([questions[int(place)] for place in new])
            harmful[new] = harm >= HARMLESS_BELOW
            if harmful.all():
                return None
            rows[:, harmful] = -np.inf
            best[start + left] = rows[left].argmax(axis=1)
            left = left[~judged[best[start + left]]]
    return best


def _asked(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with `asked`: the user's last turn, else all that was asked."""
    question = pl.col("question").fill_null("")
    prompt = pl.col("prompt").fill_null("") if "prompt" in frame.columns else pl.lit("")
    return frame.with_columns(
        pl.when(question != "").then(question).otherwise(prompt).alias("asked")
    ).filter(pl.col("asked") != "")


def _judged(frame: pl.DataFrame) -> pl.DataFrame:
    harm = judge_prompt(frame["asked"].to_list())
    return frame.with_columns(pl.Series("harm", harm, pl.Float64))


def _refuses(frame: pl.DataFrame) -> pl.Series:
    """Return which answers refuse fully: read anew only where the frame does not say it."""
    if "refuses" in frame.columns:
        return frame["refuses"]
    answers = frame["answer"].fill_null("")
    return pl.Series("refuses", [refuses(answer) for answer in answers], pl.Boolean)


def _candidates(answered: pl.DataFrame) -> pl.DataFrame:
    """Return the records that may be a twin, of each question one: with words of risk first."""
    risky = pl.Series([bool(suggest_risks(text)) for text in answered["asked"]], dtype=pl.Boolean)
    order = answered.with_columns(risky.alias("risky")).sort(
        "risky", "record", descending=[True, False]
    )
    # Of equal questions the first is the twin: the others would be judged for nothing.
    return order.head(MOST_CANDIDATES).unique("asked", keep="first", maintain_order=True)
