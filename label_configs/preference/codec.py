"""Codec of the preference kind: two answers compared, the winner edited or rewritten (S5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args

from goldleaf.core.criteria import CRITERIA, deciding, reasons_of
from goldleaf.core.errors import BadRow
from goldleaf.core.record_hash import candidate_id
from goldleaf.core.records import Comparison, Provenance, Record
from goldleaf.core.records_jsonl import to_plain
from goldleaf.label_configs.control_types import choice_list, single_choice, text_box
from goldleaf.label_configs.display_check import with_shown_hash
from goldleaf.label_configs.judge_opinion import opinion_html, opinion_in_letters
from goldleaf.label_configs.response_edit import merge_tags, provenance_of
from goldleaf.label_configs.safe_html import to_safe_html
from goldleaf.label_configs.several_answers import (
    BEST_A_FIRST,
    STRENGTHS,
    Decision,
    comparison_of_texts,
    decided,
    shown_comparison,
    shuffled_order,
)
from goldleaf.label_configs.shown_provenance import prompt_html

VERSION = 1
TITLES = {"en": "Preference: which answer is better?", "zh": "偏好排序：哪个回答更好？"}

SHOWS = Comparison

NOTICED = ("both_refuse", "a_refuses", "b_refuses", "a_empty", "b_empty", "identical", "language")
"""What can be seen without judging, so what a rule may draft."""
GOOD = tuple(name for name, criterion in CRITERIA.items() if criterion.screen == "preference")
"""What is good about an answer: the annotator's own word."""
BAD = tuple(CRITERIA[name].fault for name in GOOD)
"""What is bad about it, in the same order."""
REASONS = ("correct", "complete", "follows", "safe", "honest", "clear", "concise")
"""Why the better answer is better, as screens asked before they asked of each answer."""

_SIDES: dict[Decision, tuple[str, str]] = {
    "a_much": ("a", "b"),
    "a": ("a", "b"),
    "b": ("b", "a"),
    "b_much": ("b", "a"),
}
"""The better answer's letter and the worse one's."""


def _said_of_one(choices: tuple[str, ...]) -> Any:
    """Declare what is said of one answer; it is shown once there is a decision."""
    shown = ("decision", get_args(Decision))
    return choice_list(choices, extensible=True, added=True, visible_when=shown)


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything the screen can say; `decision` None is a draft or an unfinished answer.

    `good_a` to `bad_b` say of each answer what is good and what is bad; `reasons`, of older
    screens, why the better one is better. `edit_a` and `edit_b` hold the whole text of the box
    below the winner, `own` the answer written after a tie or two bad ones; "" where there is none.
    A box that does not belong to the decision is ignored.
    """

    decision: Decision | None = single_choice(
        get_args(Decision), required=True, ordered=BEST_A_FIRST
    )
    good_a: tuple[str, ...] = _said_of_one(GOOD)
    bad_a: tuple[str, ...] = _said_of_one(BAD)
    good_b: tuple[str, ...] = _said_of_one(GOOD)
    bad_b: tuple[str, ...] = _said_of_one(BAD)
    edit_a: str = text_box(draftable=True, visible_when=("decision", ("a_much", "a")))
    edit_b: str = text_box(draftable=True, visible_when=("decision", ("b_much", "b")))
    own: str = text_box(draftable=True, visible_when=("decision", ("tie", "both_bad")))
    noticed: tuple[str, ...] = choice_list(NOTICED, draftable=True)
    reasons: tuple[str, ...] = choice_list(REASONS, extensible=True, retired=True)
    note: str = text_box()


def to_task(record: Record) -> dict[str, Any]:
    """Return the task data for a comparison of two answers, shuffled by its own identity.

    The same record is always shown in the same order; ranks that it has already are not shown.

    Raises:
        BadRow: `not_a_comparison`, `not_two_answers`, `needs_tool_screen`, `no_prompt` or
            `bad_unicode`.
    """
    pair = comparison_of_texts(record)
    return with_shown_hash(_data(pair, shuffled_order(pair)), pair)


def _data(record: Comparison, order: list[int]) -> dict[str, Any]:
    if len(order) != 2:
        raise BadRow("not_two_answers", f"{len(order)} answers; the kind takes two")
    a, b = (record.candidates[index].turns[0].content for index in order)
    opinion = opinion_in_letters(record, order)
    return {
        "prompt": record.context[-1].content,
        "shown_prompt": prompt_html(record, record.context) + opinion_html(opinion),
        "answer_a": a,
        "answer_b": b,
        "shown_a": to_safe_html(a),
        "shown_b": to_safe_html(b),
        **({"judge": opinion} if opinion else {}),
        "goldleaf": {"kind": f"preference/{VERSION}", "record": to_plain(record), "order": order},
    }


def to_records(
    task: Mapping[str, Any], answer: Answer, provenance: Provenance, draft: Answer | None = None
) -> tuple[Comparison]:
    """Return one comparison: ranks from the decision, an edit or own answer above the rest.

    The candidates are the answers in the order shown, a text of the annotator's before them, as
    rank 1. A text that was drafted and left as it was is not the annotator's own: its origin is
    `accepted`. What was said of each answer is in the parent's `reasons`; what of it speaks for the
    better answer shown, or against the other, in the tags'.

    Raises:
        BadRow: `no_decision`, `unknown_version`, or `bad_task` when the task data is not ours or
            does not show what its record says.
    """
    if answer.decision is None:
        raise BadRow("no_decision", "nothing was chosen")
    began = draft or Answer()
    shown, answers = shown_comparison(task, f"preference/{VERSION}", _data)
    first, second = answers
    candidates, distance = decided(
        answer.decision,
        (first, second),
        (answer.edit_a, answer.edit_b, answer.own),
        (began.edit_a, began.edit_b, began.own),
    )
    reasons = (
        *answer.reasons,
        *reasons_of("a", answer.good_a, answer.bad_a),
        *reasons_of("b", answer.good_b, answer.bad_b),
    )
    better, worse = _SIDES.get(answer.decision, ("", ""))
    parent = replace(
        provenance_of(shown, provenance),
        reasons=reasons,
        order_shown=tuple(candidate_id(each) for each in answers),
        edit_distance=distance,
    )
    tags = replace(
        shown.tags,
        issues=merge_tags(shown.tags.issues, answer.noticed),
        reasons=merge_tags(shown.tags.reasons, deciding(reasons, better, worse)),
        note=answer.note or shown.tags.note,
    )
    return (
        replace(
            shown,
            candidates=candidates,
            strength=STRENGTHS[answer.decision],
            tags=tags,
            parents=(parent,),
        ),
    )
