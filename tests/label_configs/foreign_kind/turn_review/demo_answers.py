"""Every answer is good but the short ones."""

from dataclasses import replace

from turn_review.codec import TurnAnswer

SHORT = 20


def answer(data, draft, place):
    """Return an answer; every third conversation is of a middling quality."""
    turns = [TurnAnswer("bad" if len(r["shown"]) < SHORT else "good") for r in data["replies"]]
    return replace(draft, usable="yes", quality=2 if place % 3 == 0 else 3, turns=tuple(turns))


def second_opinion(answer):
    """Return a lower quality."""
    return replace(answer, quality=1)
