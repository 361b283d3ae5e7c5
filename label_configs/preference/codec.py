"""Codec of the preference kind: two answers compared, the winner edited or rewritten (S5)."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias, get_args

from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import object_or_empty
from goldleaf.core.record_hash import candidate_id, record_id
from goldleaf.core.records import Candidate, Comparison, Provenance, Record, Strength, Turn
from goldleaf.core.records_jsonl import from_plain, to_plain
from goldleaf.core.text_comparison import edit_distance, same_text
from goldleaf.label_configs.control_types import choice_list, single_choice, text_box
from goldleaf.label_configs.display_check import check_shown, with_shown_hash
from goldleaf.label_configs.response_edit import merge_tags, provenance_of
from goldleaf.label_configs.safe_html import conversation_html, tags_html, to_safe_html

VERSION = 1
TITLES = {"en": "Preference: which answer is better?", "zh": "偏好排序：哪个回答更好？"}

SHOWS = Comparison

Decision: TypeAlias = Literal["a_much", "a", "tie", "b", "b_much", "both_bad"]
NOTICED = ("both_refuse", "a_refuses", "b_refuses", "a_empty", "b_empty", "identical", "language")
"""What can be seen without judging, so what a rule may draft."""
REASONS = ("correct", "complete", "follows", "safe", "honest", "clear", "concise")
"""Why the better answer is better: the annotator's own word."""

_STRENGTH: dict[Decision, Strength] = {
    "a_much": "strong",
    "a": "slight",
    "tie": "tie",
    "b": "slight",
    "b_much": "strong",
    "both_bad": "tie",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything the screen can say; `decision` None is a draft or an unfinished answer.

    `edit_a` and `edit_b` hold the whole text of the box below the winner, `own` the answer written
    after a tie or two bad ones; "" where there is none. A box that does not belong to the decision
    is ignored.
    """

    decision: Decision | None = single_choice(get_args(Decision), required=True)
    edit_a: str = text_box(draftable=True, visible_when=("decision", ("a_much", "a")))
    edit_b: str = text_box(draftable=True, visible_when=("decision", ("b_much", "b")))
    own: str = text_box(draftable=True, visible_when=("decision", ("tie", "both_bad")))
    noticed: tuple[str, ...] = choice_list(NOTICED, draftable=True)
    reasons: tuple[str, ...] = choice_list(REASONS, extensible=True)
    note: str = text_box()


def to_task(record: Record) -> dict[str, Any]:
    """Return the task data for a comparison of two answers, shuffled by its own identity.

    The same record is always shown in the same order; ranks that it has already are not shown.

    Raises:
        BadRow: `not_a_comparison`, `not_two_answers`, `needs_tool_screen`, `no_prompt` or
            `bad_unicode`.
    """
    if not isinstance(record, Comparison):
        raise BadRow("not_a_comparison", "this kind compares two answers to one prompt")
    if len(record.candidates) != 2:
        raise BadRow("not_two_answers", f"{len(record.candidates)} answers; the kind takes two")
    if not any(turn.content.strip() for turn in record.context):
        raise BadRow("no_prompt", "there is no prompt to answer")
    for candidate in record.candidates:
        if len(candidate.turns) != 1 or candidate.turns[0].tool_calls:
            raise BadRow("needs_tool_screen", "an answer must be one turn of text")
    order = [0, 1]
    random.Random(record_id(record)).shuffle(order)
    return with_shown_hash(_data(record, order), record)


def _data(record: Comparison, order: list[int]) -> dict[str, Any]:
    a, b = (record.candidates[index].turns[0].content for index in order)
    return {
        "prompt": record.context[-1].content,
        "shown_prompt": conversation_html(record.context) + tags_html(record.tags),
        "answer_a": a,
        "answer_b": b,
        "shown_a": to_safe_html(a),
        "shown_b": to_safe_html(b),
        "goldleaf": {"kind": f"preference/{VERSION}", "record": to_plain(record), "order": order},
    }


def to_records(
    task: Mapping[str, Any], answer: Answer, provenance: Provenance, draft: Answer | None = None
) -> tuple[Comparison]:
    """Return one comparison: ranks from the decision, an edit or own answer above the rest.

    The candidates are the answers in the order shown, a text of the annotator's before them, as
    rank 1. A text that was drafted and left as it was is not the annotator's own: its origin is
    `accepted`.

    Raises:
        BadRow: `no_decision`, `unknown_version`, or `bad_task` when the task data is not ours or
            does not show what its record says.
    """
    if answer.decision is None:
        raise BadRow("no_decision", "nothing was chosen")
    began = draft or Answer()
    shown, (first, second) = _shown(task)
    a, b, best = first, second, None
    match answer.decision:
        case "a_much" | "a":
            a, b = replace(a, rank=1), replace(b, rank=2)
            best = _edited(a, answer.edit_a, began.edit_a)
        case "b_much" | "b":
            a, b = replace(a, rank=2), replace(b, rank=1)
            best = _edited(b, answer.edit_b, began.edit_b)
        case "tie":
            a, b = replace(a, rank=1), replace(b, rank=1)
            best = _written(answer.own, began.own)
        case "both_bad":
            a, b = replace(a, rank=1, acceptable=False), replace(b, rank=1, acceptable=False)
            best = _written(answer.own, began.own)
    candidates = (a, b)
    if best:
        candidates = (best, *(replace(c, rank=(c.rank or 1) + 1) for c in candidates))
    parent = replace(
        provenance_of(shown, provenance),
        order_shown=(candidate_id(first), candidate_id(second)),
        edit_distance=_distance(best, (a, b)),
    )
    tags = replace(
        shown.tags,
        issues=merge_tags(shown.tags.issues, answer.noticed),
        reasons=merge_tags(shown.tags.reasons, answer.reasons),
        note=answer.note or shown.tags.note,
    )
    return (
        replace(
            shown,
            candidates=candidates,
            strength=_STRENGTH[answer.decision],
            tags=tags,
            parents=(parent,),
        ),
    )


def _shown(task: Mapping[str, Any]) -> tuple[Comparison, tuple[Candidate, Candidate]]:
    """Return the comparison a task was made from, and its answers in the order shown."""
    ours = object_or_empty(task.get("goldleaf"))
    if not ours:
        raise BadRow("bad_task", "this task was not imported by goldleaf")
    record = from_plain(ours.get("record"))
    order: object = ours.get("order")
    if not isinstance(record, Comparison) or order not in ([0, 1], [1, 0]):
        raise BadRow("bad_task", "the task data no longer holds the comparison it was made from")
    order = [0, 1] if order == [0, 1] else [1, 0]
    if len(record.candidates) != 2:
        raise BadRow("bad_task", "the task data no longer holds two answers")
    first, second = (record.candidates[index] for index in order)
    shown = [task.get("answer_a"), task.get("answer_b")]
    if [_text(first), _text(second)] != shown:
        raise BadRow("bad_task", "the answers shown are not those of the comparison")
    check_shown(task, record, f"preference/{VERSION}", lambda: _data(record, order))
    return record, (first, second)


def _text(candidate: Candidate) -> str:
    if len(candidate.turns) != 1:
        raise BadRow("bad_task", "an answer of the comparison is not one turn")
    return candidate.turns[0].content


def _edited(winner: Candidate, text: str, draft: str) -> Candidate | None:
    """Return the winner as edited, or None where the text is empty or the same to a reader."""
    if not text.strip() or same_text(text, winner.turns[0].content):
        return None
    turns = (replace(winner.turns[0], content=text),)
    origin = "accepted" if same_text(text, draft) else "edited"
    return replace(winner, turns=turns, rank=1, acceptable=True, score=None, origin=origin)


def _written(text: str, draft: str) -> Candidate | None:
    """Return an answer of the annotator's own, or None where there is none."""
    if not text.strip():
        return None
    origin = "accepted" if same_text(text, draft) else "human"
    return Candidate((Turn("assistant", text),), rank=1, acceptable=True, origin=origin)


def _distance(best: Candidate | None, shown: tuple[Candidate, Candidate]) -> int | None:
    """Return how many characters an edit changed, 0 where it is a draft's; None for no edit."""
    if best is None or best.origin == "human":
        return None
    if best.origin == "accepted":
        return 0
    winner = min(shown, key=lambda candidate: candidate.rank or 0)
    return edit_distance(winner.turns[0].content, best.turns[0].content)
