"""Several answers to one prompt, shown in a shuffled order, and texts of a person's own above them.

Shared by the kinds that compare: which records they take, the order on the screen, and what an edit
of an answer, or an answer written anew, becomes.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, TypeAlias

from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import list_or_empty, object_or_empty
from goldleaf.core.record_hash import record_id
from goldleaf.core.records import Candidate, Comparison, Record, Strength, Turn
from goldleaf.core.text_comparison import edit_distance, same_text
from goldleaf.label_configs.display_check import check_shown, imported_record

Decision: TypeAlias = Literal["a_much", "a", "tie", "b", "b_much", "both_bad"]
"""Which of two answers is better, and by how much."""
BEST_A_FIRST = ("a_much", "a", "tie", "b", "b_much")
"""The decisions in their order; `both_bad` is none of them."""
STRENGTHS: Mapping[Decision, Strength] = {
    "a_much": "strong",
    "a": "slight",
    "tie": "tie",
    "b": "slight",
    "b_much": "strong",
    "both_bad": "tie",
}


def comparison_of_texts(record: Record) -> Comparison:
    """Return a record as a comparison whose answers are each one turn of text.

    Raises:
        BadRow: `not_a_comparison`, `no_prompt` or `needs_tool_screen`.
    """
    if not isinstance(record, Comparison):
        raise BadRow("not_a_comparison", "this kind compares answers to one prompt")
    if not any(turn.content.strip() for turn in record.context):
        raise BadRow("no_prompt", "there is no prompt to answer")
    for candidate in record.candidates:
        if len(candidate.turns) != 1 or candidate.turns[0].tool_calls:
            raise BadRow("needs_tool_screen", "an answer must be one turn of text")
    return record


def shuffled_order(record: Comparison) -> list[int]:
    """Return the places of the candidates in the order shown: the same for the same content."""
    order = list(range(len(record.candidates)))
    random.Random(record_id(record)).shuffle(order)
    return order


def shown_comparison(
    task: Mapping[str, Any],
    kind: str,
    render: Callable[[Comparison, list[int]], Mapping[str, Any]],
) -> tuple[Comparison, tuple[Candidate, ...]]:
    """Return the comparison that a task was made from, and its answers in the order shown.

    Args:
        task: the task's data.
        kind: name and version of the kind that reads it.
        render: what makes the task data of a comparison and an order.

    Raises:
        BadRow: `unknown_version`, or `bad_task` when the data is not ours or does not show what its
            record says.
    """
    record = imported_record(task)
    if not isinstance(record, Comparison):
        raise BadRow("bad_task", "the task data no longer holds the comparison it was made from")
    given = list_or_empty(object_or_empty(task.get("goldleaf")).get("order"))
    order = [place for place in given if type(place) is int]
    if given != order or sorted(order) != list(range(len(record.candidates))):
        raise BadRow("bad_task", "the task data no longer holds the order of its answers")
    if any(len(candidate.turns) != 1 for candidate in record.candidates):
        raise BadRow("bad_task", "the task data no longer holds the answers it was made from")
    check_shown(task, record, kind, lambda: render(record, order))
    return record, tuple(record.candidates[place] for place in order)


def edited_answer(answer: Candidate, text: str, draft: str) -> Candidate | None:
    """Return an answer as edited, rank 1; None where the text is empty or the same to a reader.

    Args:
        answer: as it was shown.
        text: what its box holds.
        draft: what its box held when the screen opened; a text left so is not the annotator's own
            (origin `accepted`).
    """
    if not text.strip() or same_text(text, answer.turns[0].content):
        return None
    turns = (replace(answer.turns[0], content=text),)
    origin = "accepted" if same_text(text, draft) else "edited"
    return replace(answer, turns=turns, rank=1, acceptable=True, score=None, origin=origin)


def own_answer(text: str, draft: str) -> Candidate | None:
    """Return an answer of the annotator's own, rank 1; None where there is none.

    The arguments are those of `edited_answer`.
    """
    if not text.strip():
        return None
    origin = "accepted" if same_text(text, draft) else "human"
    return Candidate((Turn("assistant", text),), rank=1, acceptable=True, origin=origin)


def placed_below(best: Sequence[Candidate], ranked: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Return all answers, those of `best` on the first rank and the others a rank lower."""
    if not best:
        return tuple(ranked)
    return (*best, *(replace(each, rank=(each.rank or 1) + 1) for each in ranked))


def distance_of(edit: Candidate | None, answer: Candidate) -> int | None:
    """Return how many characters an edit changed, 0 where it is a draft's; None for no edit."""
    if edit is None or edit.origin == "human":
        return None
    if edit.origin == "accepted":
        return 0
    return edit_distance(answer.turns[0].content, edit.turns[0].content)


def decided(
    decision: Decision,
    answers: tuple[Candidate, Candidate],
    left: tuple[str, str, str],
    drafted: tuple[str, str, str],
) -> tuple[tuple[Candidate, ...], int | None]:
    """Return what a decision between two answers ranks, and the edit distance of its edit.

    The candidates are the answers in the order shown, a text of the annotator's before them as rank
    1; the distance is None where there is no edit. A box that does not belong to the decision is
    ignored.

    Args:
        decision: which answer is better.
        answers: A and B as they were shown.
        left: what the boxes hold: A edited, B edited, an answer of the annotator's own.
        drafted: what they held when the screen opened.
    """
    a, b = answers
    match decision:
        case "a_much" | "a":
            a, b = replace(a, rank=1), replace(b, rank=2)
            best = edited_answer(a, left[0], drafted[0])
        case "b_much" | "b":
            a, b = replace(a, rank=2), replace(b, rank=1)
            best = edited_answer(b, left[1], drafted[1])
        case "tie":
            a, b = replace(a, rank=1), replace(b, rank=1)
            best = own_answer(left[2], drafted[2])
        case "both_bad":
            a, b = replace(a, rank=1, acceptable=False), replace(b, rank=1, acceptable=False)
            best = own_answer(left[2], drafted[2])
    distance = distance_of(best, min(a, b, key=lambda each: each.rank or 0))
    return placed_below([best] if best else [], (a, b)), distance
