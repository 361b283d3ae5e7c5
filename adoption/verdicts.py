"""What an annotator said of the one answer: good or bad, faults, reasons, a remark."""

from __future__ import annotations

from collections.abc import Sequence

from goldleaf.adoption.task_texts import TaskTexts
from goldleaf.core.errors import BadRow
from goldleaf.core.records import Tags

_QUALITY_STARS = 5
"""`Tags.quality` has this scale; a rating on another one is a signal alone."""


def verdict(texts: TaskTexts) -> bool | None:
    """Return good or bad, as the verdict says or else the faults do; None where neither does.

    One fault is bad. Where no verdict was given, the absence of every fault that was asked for is
    good.

    Raises:
        BadRow: `ambiguous_choice` or `bad_rating`.
    """
    reading = texts.reading
    said = texts.said(reading.verdict)
    if (good := verdict_of(texts, said)) is not None:
        return good
    if any(has_fault(texts, name) for name in reading.faults):
        return False
    all_asked = bool(reading.faults) and all(texts.said(name) for name in reading.faults)
    return True if all_asked and not said else None


def verdict_of(texts: TaskTexts, said: Sequence[str]) -> bool | None:
    """Return good or bad for what the control of the verdict says, None where it says neither.

    Raises:
        BadRow: `ambiguous_choice` or `bad_rating`.
    """
    reading, control = texts.reading, texts.reading.verdict or ""
    if len(said) > 1:
        raise BadRow("ambiguous_choice", f"{control} says {', '.join(said)}")
    if not said:
        return None
    good, bad = (
        {texts.alias(control, str(name)) for name in names} for names in (reading.good, reading.bad)
    )
    tag = texts.config.find(control)
    if tag and tag.highest:
        stars = _stars(said[0])
        if not 1 <= stars <= tag.highest:
            raise BadRow("bad_rating", f"{control} says {said[0]!r}, not 1 to {tag.highest}")
        if not good and not bad:
            middle = (tag.highest + 1) / 2
            return None if stars == middle else stars > middle
    if said[0] in good:
        return True
    return False if said[0] in bad else None


def has_fault(texts: TaskTexts, control: str) -> bool:
    """Return whether a control says that its fault is there."""
    faulty = {texts.alias(control, name) for name in texts.reading.faults[control]}
    return not faulty.isdisjoint(texts.said(control))


def tags_of(texts: TaskTexts) -> Tags:
    """Return faults and reasons, the remark, and a rating as quality (of five stars) and signal."""
    reading = texts.reading
    reasons = [name for name in reading.faults if has_fault(texts, name)]
    reasons += [text for name in reading.reasons for text in texts.said(name)]
    control = reading.verdict or ""
    tag = texts.config.find(control)
    stars = _stars((*texts.said(control), "")[0]) if tag and tag.highest else 0
    return Tags(
        reasons=tuple(dict.fromkeys(reasons)),
        note="\n".join(texts.said(reading.note)),
        quality=stars if tag and tag.highest == _QUALITY_STARS and stars in range(1, 6) else None,
        signals={control: float(stars)} if stars else {},
    )


def _stars(text: str) -> int:
    """Return a number of stars, 0 for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0
