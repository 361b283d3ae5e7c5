"""The answers of a comparison, pair by pair before a judge, and what its opinions come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from goldleaf.backend.judge import Opinion, pair_requests
from goldleaf.core.record_hash import candidate_id
from goldleaf.core.records import Comparison, Record, Verdict
from goldleaf.core.screen_verdicts import JUDGE
from goldleaf.generation.generator import Request

Pair = tuple[int, int]
"""The places of two candidates."""


def texts_of(record: Record) -> tuple[str, ...]:
    """Return the answers that a judge reads, () where it reads none of this record.

    Two or more answers, each one turn of text.
    """
    if not isinstance(record, Comparison) or not record.context:
        return ()
    texts = tuple(each.turns[-1].content for each in record.candidates if len(each.turns) == 1)
    called = any(turn.tool_calls for each in record.candidates for turn in each.turns)
    whole = len(texts) == len(record.candidates) >= 2 and all(text.strip() for text in texts)
    return texts if whole and not called else ()


def requests_of(record: Comparison, texts: Sequence[str]) -> dict[Pair, tuple[Request, Request]]:
    """Return what to ask of every pair of answers, in both orders."""
    return {
        (one, other): pair_requests(record.context, texts[one], texts[other])
        for one, other in combinations(range(len(texts)), 2)
    }


def verdict_on(record: Comparison, opinions: Mapping[Pair, Opinion], judge: str) -> Verdict:
    """Return what a judge's opinions on all pairs come to.

    `order` (or `tie`) where the two orders of every pair agree and the pairs do not contradict each
    other, `best` where that holds of one answer against all others, else `undecided`, and `unread`
    where no verdict could be read. `score` is the share of pairs whose orders agree.

    Args:
        record: the comparison.
        opinions: by pair, for every pair.
        judge: its name and version.
    """
    ids = [candidate_id(each) for each in record.candidates]
    agreed = [each for each in opinions.values() if each.outcome == "agreed"]
    share = len(agreed) / len(opinions)
    places = _order(len(ids), opinions)
    if places is not None:
        groups = ["=".join(ids[place] for place in group) for group in places]
        return Verdict(JUDGE, "order" if len(groups) > 1 else "tie", judge, ">".join(groups), share)
    best = [place for place in range(len(ids)) if _beats_all(place, opinions)]
    if best:
        return Verdict(JUDGE, "best", judge, ids[best[0]], share)
    unread = all(each.outcome == "unread" for each in opinions.values())
    return Verdict(JUDGE, "unread" if unread else "undecided", judge, "", share)


def _order(count: int, opinions: Mapping[Pair, Opinion]) -> list[list[int]] | None:
    """Return the places in groups of equals, best first; None where the pairs make no order."""
    points = [0.0] * count
    for (one, other), opinion in opinions.items():
        if opinion.outcome != "agreed":
            return None
        points[one] += {"one": 1.0, "tie": 0.5}.get(opinion.better or "", 0.0)
        points[other] += {"other": 1.0, "tie": 0.5}.get(opinion.better or "", 0.0)
    for (one, other), opinion in opinions.items():
        said = {"one": points[one] > points[other], "other": points[one] < points[other]}
        if not said.get(opinion.better or "", points[one] == points[other]):
            return None
    levels = sorted(set(points), reverse=True)
    return [[place for place in range(count) if points[place] == level] for level in levels]


def _beats_all(place: int, opinions: Mapping[Pair, Opinion]) -> bool:
    return all(
        opinion.better == ("one" if place == one else "other")
        for (one, other), opinion in opinions.items()
        if place in (one, other)
    )
