"""What somebody decided about a record, and whose its text is: for the ledger and `goldleaf why`.

A click writes no text, and a thumb down accepts nothing: on a judged record `Provenance.origin`
tells how the controls were set, so whose the text is comes from the record itself.
"""

from __future__ import annotations

from goldleaf.core.identity import candidate_id
from goldleaf.core.records import Candidate, Comparison, Judgement, Provenance, Record

SHOWN = "shown"
"""The origin of a text that was judged as it was shown: nobody wrote or changed one."""

_TEXT = ("edited", "human", "accepted")


def decision_of(record: Record, parent: Provenance) -> str:
    """Return what was decided, a key of the wording `decided`; empty where nothing was.

    `good`, `bad` or `steps` of a judgement; `kept` of an example that a person let stand;
    `a_strong`, `b_slight`, `tie`, `both_bad` of two answers shown; `corrected_strong` of one shown
    that was replaced; `better_strong` of a row that ranks answers which were not shown here.
    """
    match record:
        case Judgement():
            if record.good is None:
                return "steps" if record.steps else ""
            return "good" if record.good else "bad"
        case Comparison():
            return _compared(record, parent)
        case _:
            return "kept" if parent.kind else ""


def text_origin(record: Record, parent: Provenance) -> str:
    """Return whose the text is: a value of `Origin`, or `SHOWN`."""
    if not parent.kind or parent.origin == "unknown":
        return parent.origin
    match record:
        case Judgement():
            return parent.origin if parent.edit_distance else SHOWN
        case Comparison():
            best = min(record.candidates, key=_rank)
            return best.origin if best.origin in _TEXT else SHOWN
        case _:
            return parent.origin


def _compared(record: Comparison, parent: Provenance) -> str:
    if len(parent.order_shown) == 2:
        named = {candidate_id(each): each for each in record.candidates}
        a, b = (named.get(name) for name in parent.order_shown)
        if a is not None and b is not None:
            return _side(a, b, record.strength)
    ranks = [each.rank for each in record.candidates if each.rank is not None]
    if not ranks:
        return ""
    if len(ranks) > 1 and len(set(ranks)) == 1:
        bad = all(each.acceptable is False for each in record.candidates)
        return "both_bad" if bad else "tie"
    return f"{'corrected' if parent.kind else 'better'}_{_strength(record.strength)}"


def _side(a: Candidate, b: Candidate, strength: str) -> str:
    if a.rank == b.rank:
        return "both_bad" if a.acceptable is False and b.acceptable is False else "tie"
    return f"{'a' if _rank(a) < _rank(b) else 'b'}_{_strength(strength)}"


def _strength(strength: str) -> str:
    return strength if strength in ("strong", "slight") else "unknown"


def _rank(candidate: Candidate) -> float:
    return float("inf") if candidate.rank is None else candidate.rank
