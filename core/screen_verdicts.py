"""The screens of `goldleaf curate` and their verdicts, read from `verdicts.toml`: names and titles.

A verdict on a record (`goldleaf.core.records.Verdict`) names one of them; recipes and profiles say
what follows from it, by `screen` or `screen.verdict`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, TypeAlias, get_args

Action: TypeAlias = Literal["keep", "drop", "review", "redact", "cap"]
ACTIONS: tuple[Action, ...] = get_args(Action)
"""What an export does with a record that has a verdict: nothing; leave it out; leave it out until a
person has looked; replace what was found by a placeholder; leave out all but the best few."""

LEFT_OUT: tuple[Action, ...] = ("drop", "review")
"""Actions that keep a record out of an export."""

EXACT_DUPLICATE, NEAR_DUPLICATE = "exact_duplicate", "near_duplicate"
"""Screens that name the record that one repeats."""
OVER_REFUSAL = "over_refusal"
"""The screen of answers that refuse a harmless prompt: settled by the prompt, no refusal (S12)."""
REDACTED = ("pii", "secret")
"""Screens whose findings have a place that can be replaced."""
CAPPED = ("template",)
"""Screens whose verdicts name a group that can be capped."""


JUDGE = "judge"
"""What a model says of the answers of a comparison (`goldleaf judge`): no screen of a curation,
which leaves it as it is. A verdict's `of` names the answers, best first: ids of candidates with `>`
between them or, where two are equal, `=`."""
ORDERED = ("order", "best", "tie")
"""Verdicts of `JUDGE` that are an opinion; the others say why there is none."""

FAILED = "failed"
"""The verdict of any screen on a record that it could not read."""
_FAILED = {"en": "could not be screened", "zh": "无法筛查"}


@dataclass(frozen=True, slots=True)
class ScreenTitles:
    """One screen: `titles` by language, and those of its `verdicts` by name and language.

    The languages are `en` and `zh`.
    """

    titles: Mapping[str, str]
    verdicts: Mapping[str, Mapping[str, str]]


@cache
def screens() -> Mapping[str, ScreenTitles]:
    """Return name -> titles of every built-in screen of `goldleaf curate` and of its verdicts.

    In the order of `verdicts.toml`; every call returns the same mapping, so do not change it.
    """
    text = files("goldleaf.core").joinpath("verdicts.toml").read_text("utf-8")
    return {
        name: ScreenTitles(entry["titles"], entry["verdicts"])
        for name, entry in tomllib.loads(text).items()
    }


def allowed(screen: str) -> tuple[Action, ...]:
    """Return the actions that a recipe may name for a screen, by its name.

    `redact` and `cap` only for those in `REDACTED` and `CAPPED`; an unknown screen has the others.
    """
    special = {"redact": REDACTED, "cap": CAPPED}
    return tuple(a for a in ACTIONS if a not in special or screen in special[a])


REVIEW = "needs_review_"
"""Prefix of the codes of what is left out until a person has looked."""


def titles_by_key(lang: str) -> Iterator[tuple[str, str]]:
    """Yield (translation key, text) for each screen, verdict and code in the ledger.

    Keys: `screen.pii`, `screen.pii.VERDICT`, `reason.pii.VERDICT` and
    `reason.needs_review_pii.VERDICT`, also for the verdict `FAILED`.

    Args:
        lang: `en` or `zh`.
    """
    review = "needs review: {}" if lang == "en" else "需要复核：{}"
    between = ": " if lang == "en" else "："
    for name, screen in screens().items():
        title = screen.titles[lang]
        yield f"screen.{name}", title
        for verdict, titles in {**screen.verdicts, FAILED: _FAILED}.items():
            text = f"{title}{between}{titles[lang]}"
            yield f"screen.{name}.{verdict}", titles[lang]
            yield f"reason.{name}.{verdict}", text
            yield f"reason.{REVIEW}{name}.{verdict}", review.format(text)
