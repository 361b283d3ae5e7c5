"""What a recipe's `screens:` makes of the verdicts of `goldleaf curate`.

    screens:
      all: profile               # what the profile of a record's source says
      near_duplicate: drop
      flaw.swapped: review       # one verdict of a screen, before the screen's own entry

Without an entry a verdict has no effect.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from goldleaf.core.foreign_screens import foreign_screens
from goldleaf.core.nearest_name import nearest_or_all
from goldleaf.core.records import Record, Verdict
from goldleaf.core.screen_verdicts import (
    EXACT_DUPLICATE,
    NEAR_DUPLICATE,
    REVIEW,
    Action,
    allowed,
    screens,
)
from goldleaf.recipes.names import recipe_error

ScreenAction: TypeAlias = Literal["keep", "drop", "review", "redact", "cap", "profile"]
ALL = "all"
RECIPE = "recipe"
"""Who decides where an entry of the recipe names the action itself."""


def action_of(verdict: Verdict, actions: Mapping[str, ScreenAction]) -> Action:
    """Return what a recipe's `screens` makes of a verdict: keep, or another action.

    The entry `SCREEN.VERDICT` counts, else `SCREEN`, else `all`, else it is kept; an entry
    `profile` means the action that the curation profile gave the verdict.
    """
    entry = _entry(verdict, actions)
    return verdict.action if entry == "profile" else entry


def _entry(verdict: Verdict, actions: Mapping[str, ScreenAction]) -> ScreenAction:
    """Return what a recipe's `screens` says of a verdict."""
    for key in (f"{verdict.screen}.{verdict.verdict}", verdict.screen, ALL):
        if (action := actions.get(key)) is not None:
            return action
    return "keep"


@dataclass(frozen=True, slots=True)
class Decision:
    """What follows for a record.

    `reason`: why it is left out, "" where it is not; `redacted`: verdict -> (its `SCREEN.VERDICT`,
    who decides) where its places in the texts are replaced: `recipe` or a profile's name, which is
    "" in records of an older curation; `duplicate_of`: the record that it repeats; `template`: the
    group that is capped.
    """

    reason: str = ""
    redacted: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    duplicate_of: str = ""
    template: str = ""


NOTHING = Decision()


def decide(record: Record, actions: Mapping[str, ScreenAction]) -> Decision:
    """Return what follows from the verdicts of a record.

    A duplicate is left out by a rule, not here, because only the rule sees whether the record that
    it repeats is there. Of several reasons to leave a record out, the first by name counts, a drop
    before a review.
    """
    if not actions or not record.tags.verdicts:
        return NOTHING
    reasons: list[tuple[bool, str]] = []
    redacted: dict[str, tuple[str, str]] = {}
    duplicate_of, template = "", ""
    for verdict, action in _acted_on(record, actions):
        code = f"{verdict.screen}.{verdict.verdict}"
        if action == "redact":
            by_profile = _entry(verdict, actions) == "profile"
            redacted[verdict.verdict] = code, verdict.profile if by_profile else RECIPE
        elif action == "cap":
            template = max(template, verdict.of)
        elif action == "review":
            reasons.append((True, f"{REVIEW}{code}"))
        elif verdict.screen in (NEAR_DUPLICATE, EXACT_DUPLICATE):
            duplicate_of = min(filter(None, (duplicate_of, verdict.of)), default="")
        else:
            reasons.append((False, code))
    reason = min(reasons)[1] if reasons else ""
    return Decision(reason, redacted, duplicate_of, template)


def _acted_on(
    record: Record, actions: Mapping[str, ScreenAction]
) -> Iterator[tuple[Verdict, Action]]:
    for verdict in record.tags.verdicts:
        action = action_of(verdict, actions)
        if action != "keep":
            yield verdict, action


def check_screens(actions: Mapping[str, object]) -> None:
    """Check that every key of a recipe's `screens` is known, then that each action is possible.

    A key is `all`, a screen or `SCREEN.VERDICT`. Values that are no text are passed over.

    Raises:
        PydanticCustomError: it is not; for an unknown name the nearest is suggested.
    """
    for key in map(str, actions):  # YAML also has numbers as keys
        if key != ALL:
            screen, _, verdict = key.partition(".")
            _check_name(key, screen, verdict)
    for key, action in actions.items():
        can = allowed("" if key == ALL else key.partition(".")[0])
        if isinstance(action, str) and action != "profile" and action not in can:
            fix = f"choose one of: {', '.join((*can, 'profile'))}"
            raise recipe_error(("screens", key), f"{action} cannot be done for {key}", fix)


def _check_name(key: str, screen: str, verdict: str) -> None:
    known = screens()
    if screen not in known:
        foreign = foreign_screens()
        if screen in foreign:
            return
        fix = nearest_or_all(screen, [*known, *foreign], "screens are")
        raise recipe_error(("screens", key), "there is no such screen.", fix)
    if verdict and verdict not in known[screen].verdicts:
        fix = nearest_or_all(verdict, known[screen].verdicts, f"verdicts of {screen} are")
        raise recipe_error(("screens", key), "there is no such verdict.", fix)
