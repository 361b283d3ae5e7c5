"""Preference pairs made from a comparison, by policy.

The ranked candidates are in levels, best first; candidates of one level are tied.

`all` pairs each candidate with every candidate of every lower level; `adjacent` with those one
level below. `best_worst` makes one pair, top level over bottom level (of tied candidates the one
whose hash is least, which knows no order); but where a person's own text is the only best, it is
paired with every candidate of the level below it and of the bottom level. So:

    edited > chosen > rejected    edited > chosen, edited > rejected
    own > both bad answers        own > each
    own > two tied answers        own > each

A person's own text has the origin `edited` or `human`. It is better by its making, not by a
judgement: its pairs pass `min_strength` and carry the strength `unknown`. `edits: false` removes
own texts first. A candidate marked as not acceptable is never chosen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from goldleaf.core.record_hash import candidate_id
from goldleaf.core.records import Candidate, Comparison, Strength
from goldleaf.recipes.sections import Pairs

OWN = ("edited", "human")
"""Origins of a text that a person made."""

STRENGTHS: dict[Strength, int] = {"tie": 0, "unknown": 1, "slight": 1, "strong": 2}
"""How strong a judgement is; unknown counts as slight."""

Levels = list[list[Candidate]]
Couple = tuple[Candidate, Candidate]


def pairs_of(comparison: Comparison, policy: Pairs) -> tuple[list[Comparison], Counter[str]]:
    """Return the preference pairs of a comparison, and reason -> how many could not be made.

    A pair is a comparison of two candidates ranked 1 and 2, with the tags and parents of the whole.
    Reasons: `unranked`, `edits_left_out`, `not_two_answers`, `tie`, `none_acceptable`,
    `below_min_strength`.
    """
    reasons = Counter[str]()
    levels = _levels(comparison.candidates, policy, reasons)
    if len(levels) < 2:
        reasons[_why_no_levels(levels, reasons)] += 1
        return [], Counter({reason: n for reason, n in reasons.items() if reason})
    pairs: list[Comparison] = []
    least = STRENGTHS[policy.min_strength]
    for chosen, rejected in _COUPLES[policy.policy](levels):
        own = chosen.origin in OWN
        strength: Strength = "unknown" if own else comparison.strength
        if chosen.acceptable is False:
            reasons["none_acceptable"] += 1
        elif not own and STRENGTHS[strength] < least:
            reasons["below_min_strength"] += 1
        else:
            pairs.append(_pair(comparison, chosen, rejected, strength))
    return pairs, reasons


def _pair(
    whole: Comparison, chosen: Candidate, rejected: Candidate, strength: Strength
) -> Comparison:
    couple = (_placed(chosen, 1), _placed(rejected, 2))
    return Comparison(
        whole.context, couple, whole.tools, strength, tags=whole.tags, parents=whole.parents
    )


def _levels(candidates: Sequence[Candidate], policy: Pairs, reasons: Counter[str]) -> Levels:
    by_rank: dict[int, list[Candidate]] = {}
    for candidate in candidates:
        if candidate.rank is None:
            reasons["unranked"] += 1
        elif candidate.origin in OWN and not policy.edits:
            reasons["edits_left_out"] += 1
        else:
            by_rank.setdefault(candidate.rank, []).append(candidate)
    levels = (by_rank[rank] for rank in sorted(by_rank))
    return [sorted(level, key=candidate_id) if len(level) > 1 else level for level in levels]


def _why_no_levels(levels: Levels, reasons: Counter[str]) -> str:
    if not levels or len(levels[0]) < 2:
        return "" if reasons else "not_two_answers"
    unacceptable = all(candidate.acceptable is False for candidate in levels[0])
    return "none_acceptable" if unacceptable else "tie"


def _placed(candidate: Candidate, rank: int) -> Candidate:
    if candidate.rank == rank and candidate.acceptable is None:
        return candidate
    return replace(candidate, rank=rank, acceptable=None)


def _best_worst(levels: Levels) -> Iterator[Couple]:
    best = levels[0]
    if len(best) == 1 and best[0].origin in OWN:
        below = levels[1] if len(levels) == 2 else levels[1] + levels[-1]
        yield from ((best[0], candidate) for candidate in below)
    else:
        yield best[0], levels[-1][0]


def _adjacent(levels: Levels) -> Iterator[Couple]:
    for upper, lower in pairwise(levels):
        yield from ((one, other) for one in upper for other in lower)


def _all(levels: Levels) -> Iterator[Couple]:
    for index, upper in enumerate(levels):
        for lower in levels[index + 1 :]:
            yield from ((one, other) for one in upper for other in lower)


_COUPLES = {"best_worst": _best_worst, "adjacent": _adjacent, "all": _all}
