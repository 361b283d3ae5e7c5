"""Usable; what forgets is bad, every 5th dialogue's last answer is edited, pairs are chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from goldleaf.label_configs.demo_script import polished
from goldleaf.label_configs.dialogue.codec import Answer, PairAnswer, TurnAnswer


def answer(data: Mapping[str, Any], draft: Answer, place: int) -> Answer:
    """Return the demo annotator's answer: the longer continuation is better.

    A last answer that knows nothing is bad, and at every 11th task the whole dialogue is unusable.
    """
    texts = [turn["text"] for turn in data["turns"]]
    turns = list(draft.turns or (TurnAnswer(),) * len(texts))
    if "don't know" in texts[-1] or "不知道" in texts[-1] or place % 11 == 0:
        turns[-1] = replace(turns[-1], verdict="bad", issues=("forgets",))
    elif place % 5 == 0:
        turns[-1] = replace(turns[-1], edit=polished(turns[-1].edit or texts[-1]))
    pairs = tuple(
        PairAnswer("a_much" if len(pair["a"]) > len(pair["b"]) else "b_much")
        for pair in data["pairs"]
    )
    verdict = "unusable" if place % 11 == 0 else "usable"
    return replace(draft, verdict=verdict, quality=4, turns=tuple(turns), pairs=pairs)


def second_opinion(answer: Answer) -> Answer | None:
    """Return the answer of one who calls the last turn bad, None where the first did so, too."""
    if not answer.turns or answer.turns[-1].verdict == "bad":
        return None
    last = TurnAnswer("bad", ("style",))
    pairs = tuple(PairAnswer("tie") for _ in answer.pairs)
    return Answer("usable", turns=(*answer.turns[:-1], last), pairs=pairs)
