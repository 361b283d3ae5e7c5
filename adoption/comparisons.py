"""Several answers ranked: by a choice of one, or by a Ranker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

from goldleaf.adoption.held_values import LIST
from goldleaf.adoption.task_texts import TaskTexts
from goldleaf.core.errors import BadRow
from goldleaf.core.records import Candidate, Strength

Ranked: TypeAlias = tuple[list[Candidate], Strength]
"""The answers in the order shown, each with its rank (None where it was not ranked)."""


def chosen(texts: TaskTexts, control: str) -> Ranked:
    """Return the answers by the choice of one: it is first, all others are second.

    Raises:
        BadRow: `ambiguous_choice`, `no_decision` (a choice without a meaning) or `unknown_item`.
    """
    reading, said = texts.reading, texts.said(control)
    items = texts.items()
    if len(said) > 1:
        raise BadRow("ambiguous_choice", f"{control} says {', '.join(said)}")
    choice = next(iter(said), "")
    if texts.held[control].kind == "pairwise":
        meaning: int | str = ("left", "right").index(choice) + 1
    else:
        meanings = {texts.alias(control, name): each for name, each in reading.better.items()}
        if choice not in meanings:
            raise BadRow("no_decision", f"the reading gives no meaning to {choice!r}")
        meaning = meanings[choice]
    if meaning in ("tie", "bad"):
        bad = False if meaning == "bad" else None
        return [replace(each.candidate, rank=1, acceptable=bad) for each in items], "tie"
    if not isinstance(meaning, int) or not 1 <= meaning <= len(items):
        raise BadRow("unknown_item", f"{choice!r} names answer {meaning} of {len(items)}")
    strength: Strength = "unknown"
    if choice in {texts.alias(control, name) for name in reading.strong}:
        strength = "strong"
    elif choice in {texts.alias(control, name) for name in reading.slight}:
        strength = "slight"
    ranked = [
        replace(each.candidate, rank=1 if place == meaning else 2)
        for place, each in enumerate(items, 1)
    ]
    return ranked, strength


def ranked(texts: TaskTexts, control: str) -> Ranked:
    """Return the answers as a Ranker has them: by bucket, or by their order where it has none.

    Items of one bucket are tied, because Label Studio asks there which items belong together; items
    in no bucket are not ranked.

    Raises:
        BadRow: `unknown_item`, `bad_region` (an item twice), `nothing_said` (no item in a bucket),
            `untouched_ranking`: the order is that of the task, and Label Studio submits that for a
            list that nobody touched (measured on 1.23.2).
    """
    buckets, items = texts.held[control].buckets, texts.items()
    known = {item.key for item in items}
    said = [key for bucket in buckets.values() for key in bucket]
    for key in said:
        if key not in known:
            raise BadRow("unknown_item", f"{control} ranks {key!r}, which the task does not have")
    if len(said) != len(set(said)) or len(known) != len(items):
        raise BadRow("bad_region", f"{control} holds an item twice")
    tag = texts.config.find(control)
    if (tag and tag.buckets) or set(buckets) - {control, LIST}:
        ranks = _by_bucket(texts, buckets)
    else:
        order = buckets.get(control, ())
        if list(order) == [item.key for item in items]:
            detail = "the order is that of the task, which an untouched list has too"
            raise BadRow("untouched_ranking", detail)
        ranks = {key: (place, None) for place, key in enumerate(order, 1)}
    if not ranks:
        raise BadRow("nothing_said", "no answer was ranked")
    found = [
        replace(item.candidate, rank=ranks[item.key][0], acceptable=ranks[item.key][1])
        if item.key in ranks
        else item.candidate
        for item in items
    ]
    return found, "unknown"


def _by_bucket(
    texts: TaskTexts, buckets: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[int, bool | None]]:
    reading = texts.reading
    order = [name for name in reading.buckets if buckets.get(name)]
    return {
        key: (place, False if name in reading.bad_buckets else None)
        for place, name in enumerate(order, 1)
        for key in buckets[name]
    }
