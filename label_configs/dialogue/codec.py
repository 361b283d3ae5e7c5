"""Codec of the dialogue kind: each answer judged and edited, two last ones compared (S4, S15)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import goldleaf.label_configs.several_answers as several
from goldleaf.core.errors import BadRow
from goldleaf.core.record_hash import candidate_id
from goldleaf.core.records import (
    Candidate,
    Comparison,
    Demonstration,
    Provenance,
    Record,
)
from goldleaf.core.records_jsonl import to_plain
from goldleaf.label_configs.dialogue.answer import BEHAVIOURS, Answer, PairAnswer, TurnAnswer
from goldleaf.label_configs.dialogue.edited_dialogue import EditedDialogue, as_context, turns_of
from goldleaf.label_configs.dialogue.exchanges import (
    answer_html,
    continuation_html,
    prompt_html,
    shown_turns,
)
from goldleaf.label_configs.display_check import check_shown, imported_record, with_shown_hash
from goldleaf.label_configs.response_edit import provenance_of

VERSION = 1
TITLES = {"en": "Dialogue: is every answer right?", "zh": "多轮对话：每一轮都答对了吗？"}

SHOWS = Demonstration | Comparison

__all__ = ["BEHAVIOURS", "Answer", "PairAnswer", "TurnAnswer", "to_records", "to_task"]


def to_task(record: Record) -> dict[str, Any]:
    """Return the task data for a dialogue, or for one whose last turn offers two continuations.

    Its fields are `shown_prompt`, `turns` and `pairs` for the screen, and the texts of both sides,
    `prompt` and `answer`, for the table of tasks and for models that learn.
    A dialogue that ends with the user gets an empty box for the answer.

    Raises:
        BadRow: `not_a_demonstration`, `no_prompt`, `not_two_answers`, `needs_tool_screen` (a
            continuation that calls) or `bad_unicode`.
    """
    if isinstance(record, Comparison):
        pair = several.comparison_of_texts(record)
        return with_shown_hash(_data(pair, several.shuffled_order(pair)), pair)
    if not isinstance(record, Demonstration):
        raise BadRow("not_a_demonstration", "this kind shows a dialogue")
    if not any(turn.role == "user" and turn.content.strip() for turn in record.context):
        raise BadRow("no_prompt", "there is no prompt to answer")
    return with_shown_hash(_data(record, []), record)


def _data(record: Demonstration | Comparison, order: list[int]) -> dict[str, Any]:
    turns = turns_of(record)
    asked = [turn.content for turn in turns if turn.role == "user"]
    answered = [turn.content for turn in turns if turn.role == "assistant"]
    data: dict[str, Any] = {
        "prompt": "\n\n".join(asked),
        "answer": "\n\n".join(answered),
        "shown_prompt": prompt_html(record, turns),
        "turns": shown_turns(turns),
        "pairs": [],
        "goldleaf": {"kind": f"dialogue/{VERSION}", "record": to_plain(record)},
    }
    if isinstance(record, Comparison):
        if len(order) != 2:
            raise BadRow("not_two_answers", f"{len(order)} answers; the kind takes two")
        a, b = (record.candidates[place].turns[0] for place in order)
        pair = {"shown": continuation_html(turns), "a": a.content, "b": b.content}
        data["pairs"] = [{**pair, "shown_a": answer_html(a), "shown_b": answer_html(b)}]
        data["goldleaf"]["order"] = order
    return data


def to_records(
    task: Mapping[str, Any], answer: Answer, provenance: Provenance, draft: Answer | None = None
) -> tuple[Record, ...]:
    """Return the dialogue as it stands, a comparison for each edit and pair, and what is bad.

    The demonstration holds the edited answers and is trained on all but those called bad and left
    as they were; it ends with the last answer to learn. Each answer that was replaced gives a
    comparison of the edit over what was shown, after the dialogue as it stands; two continuations
    give one of theirs. An answer called bad and not repaired is a judgement, thumb down. Of a
    dialogue that is unusable the judgements alone are left.

    Raises:
        BadRow: `no_decision`, `nothing_learned` (unusable or without an answer, and no turn is
            called bad), `unknown_version`, or `bad_task` when the task data is not ours or does not
            show what its record says.
    """
    if answer.verdict is None:
        raise BadRow("no_decision", "no verdict was given")
    shown, continuations = _shown(task)
    began = draft or Answer()
    done = EditedDialogue(shown, answer, began, provenance_of(shown, provenance))
    made: list[Record] = []
    if answer.verdict == "usable":
        made += [*done.demonstration(), *done.pairs]
        if isinstance(shown, Comparison):
            made.append(_continued(shown, continuations, done, answer, began))
    made += done.rejected
    if not made:
        raise BadRow("nothing_learned", "no turn is to be learned, and none was called bad")
    return tuple(made)


def _shown(task: Mapping[str, Any]) -> tuple[Demonstration | Comparison, tuple[Candidate, ...]]:
    """Return the dialogue that a task was made from, and its continuations in the order shown."""
    kind, record = f"dialogue/{VERSION}", imported_record(task)
    if isinstance(record, Demonstration):
        check_shown(task, record, kind, lambda: _data(record, []))
        return record, ()
    return several.shown_comparison(task, kind, _data)


def _continued(
    shown: Comparison,
    answers: tuple[Candidate, ...],
    done: EditedDialogue,
    answer: Answer,
    began: Answer,
) -> Comparison:
    """Return the comparison of two continuations, after the dialogue as it stands."""
    said = answer.pairs[0] if answer.pairs else PairAnswer()
    before = began.pairs[0] if began.pairs else PairAnswer()
    if said.better is None:
        raise BadRow("no_decision", "neither continuation was chosen")
    first, second = answers
    candidates, distance = several.decided(
        said.better,
        (first, second),
        (said.edit_a, said.edit_b, said.own),
        (before.edit_a, before.edit_b, before.own),
    )
    order = tuple(candidate_id(each) for each in answers)
    parent = replace(done.annotation, order_shown=order, edit_distance=distance)
    return replace(
        shown,
        context=as_context(done.turns),
        candidates=candidates,
        strength=several.STRENGTHS[said.better],
        tags=done.tags,
        parents=(parent,),
    )
