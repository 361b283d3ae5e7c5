"""How far annotators agree: for each control, and for each pair of people.

Choices and ratings by the share of equal answers and by Krippendorff's alpha, texts by how much of
them is equal (1 minus the edit distance over the longer length).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cpdist

from goldleaf.agreement.control_answers import SUBMITTED
from goldleaf.agreement.krippendorff_alpha import ROUNDS, bootstrap_mean, krippendorff_alpha
from goldleaf.core.text_comparison import canonical

_ITEM = ["task_hash", "place"]
_CONTROL = ["kind", "control", "scale"]

LONGEST = 4_000
"""Characters of a text that are compared; two whole novels would take minutes."""


def _measured() -> dict[str, Any]:
    number = pl.Float64
    return {
        **{"percent": number, "percent_low": number, "percent_high": number},
        **{"alpha": number, "alpha_low": number, "alpha_high": number, "alpha_nominal": number},
    }


def control_agreement_schema() -> dict[str, Any]:
    """Return the columns of `agreement_by_control`.

    `items`: tasks (places of a Repeater apart) with two answers or more; `answers`: to them;
    `annotators`: who gave them; `percent`: 0 to 1, of all pairs of answers to one item those that
    are equal, for texts their mean similarity; `alpha`: on the control's own scale, where values
    outside the order of an ordinal scale are left out; null for texts and where it is undefined;
    `alpha_nominal`: with all values, their order ignored; `low` and `high`: interval of 95 %.
    """
    return {
        **dict.fromkeys(_CONTROL, pl.String),
        **{"items": pl.Int64, "answers": pl.Int64, "annotators": pl.Int64},
        **_measured(),
    }


def pair_agreement_schema() -> dict[str, Any]:
    """Return the columns of `agreement_by_pair`: as by control, and `one` and `other`, sorted."""
    return {
        **dict.fromkeys([*_CONTROL, "one", "other"], pl.String),
        "items": pl.Int64,
        **_measured(),
    }


def agreement_by_control(
    answers: pl.DataFrame, *, seed: int = 7, rounds: int = ROUNDS
) -> pl.DataFrame:
    """Return a row for each control that two people or more answered for one task, sorted.

    Args:
        answers: those that count (`goldleaf.agreement.control_answers.current_answers`).
        seed: of the intervals.
        rounds: resamplings behind an interval; 0 for none.
    """
    shared = _shared(answers)
    pairs = _pairs(shared)
    rows: list[tuple[object, ...]] = []
    for key, own in _groups(shared, _CONTROL):
        both = pairs.filter(kind=key[0], control=key[1], scale=key[2])
        people = own["annotator"].n_unique()
        counts = (own.select(_ITEM).n_unique(), own.height, people)
        rows.append((*key, *counts, *_measures(own, both, seed, rounds)))
    return pl.DataFrame(rows, schema=control_agreement_schema(), orient="row")


def agreement_by_pair(
    answers: pl.DataFrame, *, seed: int = 7, rounds: int = ROUNDS
) -> pl.DataFrame:
    """Return a row for each control and pair of people with items in common, sorted.

    The arguments are those of `agreement_by_control`.
    """
    rows: list[tuple[object, ...]] = []
    for key, both in _groups(_pairs(_shared(answers)), [*_CONTROL, "one", "other"]):
        ends = [("value", "rank"), ("value_right", "rank_right")]
        own = pl.concat([both.select(*_ITEM, "scale", value=v, rank=r) for v, r in ends])
        rows.append((*key, both.height, *_measures(own, both, seed, rounds)))
    return pl.DataFrame(rows, schema=pair_agreement_schema(), orient="row")


def _shared(answers: pl.DataFrame) -> pl.DataFrame:
    """Return the answers to items that two people or more answered, one for each of them."""
    said = answers.filter((pl.col("state") == SUBMITTED) & (pl.col("control") != ""))
    said = said.sort("stamp", "annotation", "value", nulls_last=False)
    one = said.unique([*_CONTROL, *_ITEM, "annotator"], keep="last", maintain_order=True)
    many = one.filter(pl.len().over([*_CONTROL, *_ITEM]) > 1)
    return many.select(*_CONTROL, *_ITEM, "annotator", "value", "rank")


def _pairs(shared: pl.DataFrame) -> pl.DataFrame:
    """Return one row for each item and two people, with how equal their answers are, 0 to 1."""
    both = shared.join(shared, on=[*_CONTROL, *_ITEM])
    both = both.filter(pl.col("annotator") < pl.col("annotator_right"))
    both = both.rename({"annotator": "one", "annotator_right": "other"})
    both = both.with_columns(equal=(pl.col("value") == pl.col("value_right")).cast(pl.Float64))
    texts = both.filter(pl.col("scale") == "text")
    if texts.height:
        alike = texts.with_columns(equal=_similarity(texts["value"], texts["value_right"]))
        both = pl.concat([both.filter(pl.col("scale") != "text"), alike])
    return both.sort(*_CONTROL, "one", "other", *_ITEM)


def _similarity(one: pl.Series, other: pl.Series) -> pl.Series:
    ends = [[canonical(text).strip()[:LONGEST] for text in each.to_list()] for each in (one, other)]
    return pl.Series(cpdist(*ends, scorer=Levenshtein.normalized_similarity), dtype=pl.Float64)


def _groups(
    frame: pl.DataFrame, keys: list[str]
) -> Iterator[tuple[tuple[object, ...], pl.DataFrame]]:
    for own in frame.sort(keys, maintain_order=True).partition_by(keys, maintain_order=True):
        yield own.select(keys).row(0), own


def _measures(
    own: pl.DataFrame, both: pl.DataFrame, seed: int, rounds: int
) -> tuple[float | None, ...]:
    """Return the values of `_measured`: of the answers `own` and their pairs `both`."""
    by_item = both.group_by(_ITEM).agg(pl.col("equal").sum(), n=pl.len()).sort(_ITEM)
    equal, n = by_item["equal"].to_numpy(), by_item["n"].cast(pl.Float64).to_numpy()
    percent = float(equal.sum() / n.sum())
    interval = bootstrap_mean(equal, n, seed=seed, rounds=rounds) if rounds else (None, None)
    scale = own["scale"][0]
    if scale == "text":
        return percent, *interval, None, None, None, None
    nominal = krippendorff_alpha(*_codes(own, "value"), ordinal=False, seed=seed, rounds=0)
    if scale == "nominal":
        alpha = krippendorff_alpha(*_codes(own, "value"), ordinal=False, seed=seed, rounds=rounds)
    else:
        ranked = own.filter(pl.col("rank").is_not_null())
        alpha = krippendorff_alpha(*_codes(ranked, "rank"), ordinal=True, seed=seed, rounds=rounds)
    return percent, *interval, alpha.value, alpha.low, alpha.high, nominal.value


def _codes(own: pl.DataFrame, column: str) -> tuple[Any, Any]:
    """Return item and value of each answer as whole numbers, values in their order."""
    item = pl.struct(_ITEM).rle_id()
    codes = own.sort(_ITEM).select(item=item, value=pl.col(column).rank("dense"))
    return codes["item"].to_numpy(), codes["value"].to_numpy()
