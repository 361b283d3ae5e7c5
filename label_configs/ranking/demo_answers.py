"""Refusals and empty answers are not acceptable, fuller answers come first, the best is edited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from goldleaf.label_configs.demo_script import polished
from goldleaf.label_configs.ranking.codec import MOST, Answer, AnswerRank, Rank

_RANKS: tuple[Rank, ...] = ("1", "2", "3", "4", "5", "6", "7", "8")


def answer(data: Mapping[str, Any], draft: Answer, place: int) -> Answer:
    """Return the demo annotator's ranks: by length, tens of characters apart; every 5th is edited.

    At every 11th task all answers are bad, and one is written.
    """
    texts = [each["text"] for each in data["answers"]]
    drafted = draft.answers or (AnswerRank(),) * len(texts)
    if place % 11 == 0:
        bad = tuple(replace(each, rank="bad") for each in drafted)
        return replace(draft, answers=bad, own=polished(data["prompt"]))
    weights = [
        -1 if {"refuses", "empty"} & set(each.noticed) else len(text) // 10
        for each, text in zip(drafted, texts, strict=True)
    ]
    order = sorted({weight for weight in weights if weight >= 0}, reverse=True)[:MOST]
    said = tuple(
        replace(each, rank="bad" if weight < 0 else _RANKS[order.index(weight)])
        for each, weight in zip(drafted, weights, strict=True)
    )
    if place % 5 == 0 and order:
        best = weights.index(order[0])
        edited = replace(said[best], edit=polished(texts[best]))
        said = (*said[:best], edited, *said[best + 1 :])
    return replace(draft, answers=said, reasons=("complete",))


def second_opinion(answer: Answer) -> Answer | None:
    """Return the ranks the other way round, None where nothing was ranked."""
    ranks: list[Rank] = [
        rank for rank in _RANKS if any(each.rank == rank for each in answer.answers)
    ]
    if len(ranks) < 2:
        return None
    turned: dict[Rank | None, Rank | None] = {}
    turned.update(zip(ranks, ranks[::-1], strict=True))
    return Answer(tuple(AnswerRank(turned.get(each.rank, each.rank)) for each in answer.answers))
