"""What an annotator can say of a dialogue: of each answer, of two continuations, of the whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import goldleaf.label_configs.several_answers as several
from goldleaf.core.records import BEHAVIOURS as VOCABULARY
from goldleaf.core.records import UNSETTLED
from goldleaf.label_configs.control_types import (
    choice_list,
    repeated,
    single_choice,
    stars,
    text_box,
)

Verdict: TypeAlias = Literal["usable", "unusable"]
"""Of the dialogue as a whole."""
TurnVerdict: TypeAlias = Literal["good", "bad"]
"""Of one answer as it was shown; an answer without one is good, because the whole is usable."""
ISSUES = ("wrong", "incomplete", "off_topic", "forgets", "unsafe", "style")
"""What is wrong with an answer called bad: the annotator's own word."""
BEHAVIOURS = tuple(name for name in VOCABULARY if name != UNSETTLED)
"""What the dialogue teaches. A refusal is never ticked as unsettled: the annotator settles it."""


@dataclass(frozen=True, slots=True)
class TurnAnswer:
    """What is said of one answer of the assistant; `edit` is the whole text of its box."""

    verdict: TurnVerdict | None = single_choice(get_args(TurnVerdict))
    issues: tuple[str, ...] = choice_list(ISSUES, visible_when=("verdict", ("bad",)))
    edit: str = text_box(draftable=True)


@dataclass(frozen=True, slots=True)
class PairAnswer:
    """What is said of two continuations: as in the preference kind."""

    better: several.Decision | None = single_choice(
        get_args(several.Decision), required=True, ordered=several.BEST_A_FIRST
    )
    edit_a: str = text_box(draftable=True, visible_when=("better", ("a_much", "a")))
    edit_b: str = text_box(draftable=True, visible_when=("better", ("b_much", "b")))
    own: str = text_box(draftable=True, visible_when=("better", ("tie", "both_bad")))


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything the screen can say; `verdict` None is a draft or an unfinished answer.

    `turns` holds one for each answer shown, `pairs` one where the last turn offers two
    continuations, else none. `quality` is 1 to 5, of the dialogue after the edits.
    """

    verdict: Verdict | None = single_choice(get_args(Verdict), required=True)
    quality: int | None = stars(5)
    turns: tuple[TurnAnswer, ...] = repeated(TurnAnswer, over="turns")
    pairs: tuple[PairAnswer, ...] = repeated(PairAnswer, over="pairs")
    behaviours: tuple[str, ...] = choice_list(BEHAVIOURS, draftable=True, extensible=True)
    note: str = text_box()
