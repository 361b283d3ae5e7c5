"""Confidence thresholds: how sure a model must be to draft, from its accuracy on unseen rows.

A model's own confidence is first calibrated: a line through its log-odds (Platt 1999), fitted to
the unseen rows with a weak prior, says how often it is right at each confidence. A control is
drafted from the lowest confidence at which, with 95 % certainty, at least the target share of the
drafts would be right, and no single draft, with the same certainty, is likelier wrong than
`SINGLE` times what the target allows. A choice of it is drafted only where its own share among
unseen rows reaches the target.

One line for all choices of a control proves with 50 rows what choice by choice takes 25 answers of
each without a mistake (`fewest_examples`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

TARGET = 0.9
"""Share of right answers that a draft must have. A wrong draft costs an annotator more than a
missing one, and pulls the answers of those in a hurry along."""
Z = 1.645
"""One-sided 95 %."""
SINGLE = 1.5
"""How many times what the target allows a single draft may be likely wrong. On XSTest at 50 labels,
twice of it without certainty gave 0.57 of the rows a draft, 0.942 of them right; this 0.45 and
0.963 (draws 20 to 49 of `benchmarks/drafts.py`, by which it was chosen), and on draws that it was
not chosen by 0.54 and 0.959 instead of 0.65 and 0.937."""
FEWEST_DRAFTED = 10
"""Unseen rows that must be above a threshold; of each choice that is drafted, half of them."""
PRIOR_SLOPE, PRIOR_SPREAD = 1.5, 0.5
"""Expected slope of the line, and its standard deviation (that of the intercept, too, around 0). A
regularised model of few labels is less sure than it could be: on five sets, English and Chinese,
slopes were mostly 1.1 to 3 at 50 and 200 labels."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a model said of a row that it had not seen.

    Attributes:
        choice: the likeliest choice.
        confidence: its probability as the model gives it, 0 to 1.
        right: whether a person said the same.
        generator: the model that wrote the text, "" for an unknown one.
    """

    choice: str
    confidence: float
    right: bool
    generator: str = ""


@dataclass(frozen=True, slots=True)
class Calibration:
    """From a model's confidence to the share of its answers that are right at that confidence.

    `variance` is that of (intercept, slope): three numbers, of the one, of both, of the other.
    """

    intercept: float = 0.0
    slope: float = 1.0
    variance: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def share_right(self, confidence: float) -> float:
        """Return the share of right answers at a confidence; never less at a higher one.

        >>> round(Calibration().share_right(0.7), 3)
        0.7
        """
        return _logistic(self.intercept + self.slope * _log_odds(confidence))

    def bound(self, confidences: Sequence[float]) -> float:
        """Return the share right among answers of these confidences that is sure to 95 %."""
        shares = [self.share_right(each) for each in confidences]
        mean = sum(shares) / len(shares)
        # The delta method: how the mean moves with the line, by the line's own variance.
        moves = [share * (1 - share) for share in shares]
        by_intercept = sum(moves) / len(moves)
        by_slope = sum(m * _log_odds(c) for m, c in zip(moves, confidences, strict=True))
        by_slope /= len(moves)
        one, both, other = self.variance
        spread = sqrt(
            max(
                0.0,
                by_intercept**2 * one + 2 * by_intercept * by_slope * both + by_slope**2 * other,
            )
        )
        return _logistic(_log_odds(mean) - Z * spread / max(mean * (1 - mean), 1e-9))


def calibrate(outcomes: Sequence[Outcome]) -> Calibration:
    """Return the line that fits the outcomes best (Newton's method, a normal prior).

    Its slope is never below 0: more confidence is never held against an answer.
    """
    rows = [(_log_odds(each.confidence), float(each.right)) for each in outcomes]
    tight = 1 / PRIOR_SPREAD**2
    a, b = 0.0, PRIOR_SLOPE
    variance = (1 / tight, 0.0, 1 / tight)
    for _ in range(50):
        h11, h12, h22 = tight, 0.0, tight
        g1, g2 = -tight * a, -tight * (b - PRIOR_SLOPE)
        for odds, right in rows:
            share = _logistic(a + b * odds)
            weight, error = share * (1 - share), right - share
            h11, h12, h22 = h11 + weight, h12 + weight * odds, h22 + weight * odds * odds
            g1, g2 = g1 + error, g2 + error * odds
        det = h11 * h22 - h12 * h12
        step = ((h22 * g1 - h12 * g2) / det, (h11 * g2 - h12 * g1) / det)
        a, b = a + step[0], b + step[1]
        variance = (h22 / det, -h12 / det, h11 / det)
        if abs(step[0]) + abs(step[1]) < 1e-9:
            break
    return Calibration(a, max(0.0, b), variance)


def thresholds(
    outcomes: Sequence[Outcome],
    line: Calibration,
    target: float = TARGET,
    single: float | None = None,
) -> dict[str, float]:
    """Return from which confidence (as the model gives it) on each choice is drafted.

    A choice that is missing is never drafted; too little evidence gives none at all.

    Args:
        outcomes: unseen rows, those for which "none of the others" was likeliest left out.
        line: their calibration.
        target: the share of right answers to be proved of all drafts together.
        single: the target that the limit of a single draft is taken from; None is `target`.

    >>> sure = [Outcome("a", 0.9, True)] * 60
    >>> doubtful = [Outcome("b", 0.4, n % 2 == 0) for n in range(40)]
    >>> thresholds([*sure, *doubtful], calibrate([*sure, *doubtful]))
    {'a': 0.9}
    """
    if len(outcomes) < fewest_examples(target):
        return {}
    ranked = sorted(outcomes, key=lambda each: -each.confidence)
    lowest = _lowest(ranked, line, target, target if single is None else single)
    if lowest is None:
        return {}
    found: dict[str, float] = {}
    for choice in sorted({each.choice for each in ranked}):
        mine = [each for each in ranked if each.choice == choice and each.confidence >= lowest]
        while len(mine) >= FEWEST_DRAFTED // 2:
            if (sum(each.right for each in mine) + target) / (len(mine) + 1) >= target:
                found[choice] = mine[-1].confidence
                break
            last = mine[-1].confidence
            mine = [each for each in mine if each.confidence > last]
    return found


def thresholds_elsewhere(outcomes: Sequence[Outcome], target: float = TARGET) -> dict[str, float]:
    """Return the thresholds for texts of a generator that a model has learned nothing of.

    Another generator may be harder than any that was learned from, so half the mistakes are
    allowed; and each generator by itself, left out of the training, must have reached the target.

    Args:
        outcomes: rows whose generator the model that judged them had not seen.
        target: the share of right answers to be proved.

    Returns:
        As `thresholds`; {} where fewer than two generators are known.
    """
    generators = {each.generator for each in outcomes}
    if len(generators) < 2:
        return {}
    found = thresholds(outcomes, calibrate(outcomes), 1 - (1 - target) / 2, target)
    for lowest in sorted({each.confidence for each in outcomes}) if found else ():
        raised = {choice: max(lowest, floor) for choice, floor in found.items()}
        shown = [each for each in outcomes if each.confidence >= raised.get(each.choice, 2.0)]
        if len(shown) < FEWEST_DRAFTED:
            return {}
        by = {name: [each.right for each in shown if each.generator == name] for name in generators}
        if all((sum(right) + target) / (len(right) + 1) >= target for right in by.values()):
            return raised
    return {}


def count_right(outcomes: Sequence[Outcome], floors: Mapping[str, float]) -> tuple[int, int]:
    """Return how many of the outcomes at or above their thresholds are right, and of how many."""
    shown = [each.right for each in outcomes if each.confidence >= floors.get(each.choice, 2.0)]
    return sum(shown), len(shown)


def _lowest(
    ranked: Sequence[Outcome], line: Calibration, target: float, single: float
) -> float | None:
    """Return the lowest confidence above which all three hold: bound, single draft, share seen."""
    right = [0]
    for each in ranked:
        right.append(right[-1] + each.right)
    confidences = [each.confidence for each in ranked]
    for count in range(len(ranked), FEWEST_DRAFTED - 1, -1):
        least = confidences[count - 1]
        if count < len(ranked) and confidences[count] == least:
            continue  # equal confidences are all drafted, or none of them
        if right[count] / count < target or line.bound([least]) < 1 - SINGLE * (1 - single):
            continue
        if line.bound(confidences[:count]) >= target:
            return least
    return None


def lower_bound(right: int, of: int) -> float:
    """Return the share that `right` of `of` proves at least, with 95 % certainty; 0 for none.

    Wilson 1927, one-sided.

    >>> round(lower_bound(25, 25), 3), round(lower_bound(42, 43), 3)
    (0.902, 0.902)
    """
    if not of:
        return 0.0
    share, square = right / of, Z * Z
    middle = share + square / (2 * of)
    spread = Z * sqrt(share * (1 - share) / of + square / (4 * of * of))
    # Rounding may leave a hair's breadth above a share of nothing.
    return min(share, max(0.0, (middle - spread) / (1 + square / of)))


def fewest_examples(target: float = TARGET) -> int:
    """Return the fewest answers from which anything is drafted.

    So many right ones in a row prove the target by themselves (`lower_bound`).

    >>> fewest_examples()
    25
    """
    of = 1
    while lower_bound(of, of) < target:
        of += 1
    return of


def _log_odds(share: float) -> float:
    clipped = min(max(share, 1e-4), 1 - 1e-4)
    return log(clipped / (1 - clipped))


def _logistic(odds: float) -> float:
    return 1 / (1 + exp(-odds)) if odds >= 0 else exp(odds) / (1 + exp(odds))
