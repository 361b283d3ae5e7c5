"""Does an answer come to the same as one that is known: a number, or one choice of several."""

from __future__ import annotations

from goldleaf.curation.answer_checks.final_answers import final_number
from goldleaf.curation.answer_checks.ground_truth import NUMBER, ground_truth


def agrees_with(answer: str, reference: str) -> bool | None:
    """Return whether an answer comes to what a reference comes to.

    None where the reference has no answer that a program can check. An answer in which none can be
    read does not agree.

    >>> agrees_with("3 and 4 make 7.", "#### 7"), agrees_with("No.", "Yes.")
    (True, False)
    >>> agrees_with("7", "Red.") is None
    True
    """
    known = ground_truth(reference)
    if known is None:
        return None
    verifier, truth = known
    if verifier != NUMBER:
        return ground_truth(answer) == known
    number = final_number(answer)
    found = ground_truth(f"#### {number}") if number is not None else None
    return found == (NUMBER, truth)
