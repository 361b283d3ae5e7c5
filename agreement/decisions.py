"""What an annotator decided about a record, and who wrote its text: for the ledger and `why`.

A click writes no text, and a thumb down accepts nothing: `Provenance.origin` is about all controls,
choices too, so the origin of the text is found from the record itself.
"""

from __future__ import annotations

from goldleaf.core.record_hash import candidate_id
from goldleaf.core.records import Candidate, Comparison, Judgement, Provenance, Record
from goldleaf.core.text_comparison import same_text

SHOWN = "shown"
"""The origin of a text that was judged as it was shown; the annotator did not change it."""

DRAFTED = "drafted"
"""The origin of a text that a model drafted and a person left as it was."""

_TEXT = ("edited", "human")


def decision_of(record: Record, parent: Provenance) -> str:
    """Return what an annotator decided about a record: a key of the translations `decided`, or "".

    `good`, `bad` or `steps` of a judgement; `kept` of an example that a person left unchanged;
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


SIDES = (
    "",
    "a",
    "tie",
    "b",
    "both_bad",
    "kept",
    "fixed",
    "bad",
    "refuse",
    "safe_complete",
    "comply",
)
"""What two annotators of one task may say differently, "" where it is none of these."""


def side_of(record: Record, parent: Provenance) -> int:
    """Return what an annotator decided, as a place in `SIDES`, however strongly.

    Which of two answers, as they stood on the screen; that the answer shown is good as it is
    (`kept`), better with an edit (`fixed`) or `bad`; what is right for the prompt, where it was
    asked (`refuse`...).
    """
    right = record.tags.right_behaviour
    if right and right in SIDES:
        found = right
    else:
        found = decision_of(record, parent).removesuffix("_strong").removesuffix("_slight")
        found = _ALIKE.get(found.removesuffix("_unknown"), found)
    if found == "kept" and text_origin(record, parent) in ("edited", "human"):
        found = "fixed"
    return SIDES.index(found) if found in SIDES else 0


_ALIKE = {"good": "kept", "corrected": "fixed"}


def text_origin(record: Record, parent: Provenance) -> str:
    """Return the origin of a record's text: a value of `Origin`, `SHOWN` or `DRAFTED`.

    A text as it was imported is never `edited`, even if choices next to it were changed; another
    one is never `accepted` or `SHOWN`.
    """
    if not parent.kind or parent.origin == "unknown":
        return parent.origin
    if isinstance(record, Comparison) and len(parent.order_shown) != 1:
        return _of_the_best(record, parent)
    if parent.edit_distance:
        return "edited"
    if parent.edit_distance == 0:
        return parent.origin if parent.origin == "human" else DRAFTED
    if isinstance(record, Judgement):
        return SHOWN
    if parent.grown_from or parent.origin not in _TEXT:
        return parent.origin
    left = (
        min(record.candidates, key=_rank)
        if isinstance(record, Comparison)
        else Candidate(record.response)
    )
    return "accepted" if candidate_id(left) in parent.order_shown else parent.origin


def _of_the_best(record: Comparison, parent: Provenance) -> str:
    """Return the origin of the best answer, where several were shown or none."""
    best = min(record.candidates, key=_rank)
    shown = [each for each in record.candidates if candidate_id(each) in parent.order_shown]
    if any(_same(best, each) for each in shown):
        return SHOWN
    if best.origin == "accepted" and shown:
        return DRAFTED
    return best.origin if best.origin in _TEXT else SHOWN


def _same(one: Candidate, other: Candidate) -> bool:
    pairs = zip(one.turns, other.turns, strict=False)
    return len(one.turns) == len(other.turns) and all(
        same_text(a.content, b.content) for a, b in pairs
    )


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
    corrected = parent.kind and len(parent.order_shown) == 1
    return f"{'corrected' if corrected else 'better'}_{_strength(record.strength)}"


def _side(a: Candidate, b: Candidate, strength: str) -> str:
    if a.rank == b.rank:
        return "both_bad" if a.acceptable is False and b.acceptable is False else "tie"
    return f"{'a' if _rank(a) < _rank(b) else 'b'}_{_strength(strength)}"


def _strength(strength: str) -> str:
    return strength if strength in ("strong", "slight") else "unknown"


def _rank(candidate: Candidate) -> float:
    return float("inf") if candidate.rank is None else candidate.rank
