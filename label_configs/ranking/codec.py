"""Codec of the ranking kind: three to eight answers ranked, the best edited or outdone (S5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from string import ascii_lowercase
from typing import Any, Literal, TypeAlias, get_args

import goldleaf.label_configs.several_answers as several
from goldleaf.core.errors import BadRow
from goldleaf.core.record_hash import candidate_id
from goldleaf.core.records import Candidate, Comparison, Provenance, Record
from goldleaf.core.records_jsonl import to_plain
from goldleaf.label_configs.control_types import choice_list, repeated, single_choice, text_box
from goldleaf.label_configs.display_check import with_shown_hash
from goldleaf.label_configs.judge_opinion import opinion_html, opinion_in_letters
from goldleaf.label_configs.response_edit import merge_tags, provenance_of
from goldleaf.label_configs.safe_html import to_safe_html
from goldleaf.label_configs.shown_provenance import prompt_html

VERSION = 1
TITLES = {
    "en": "Ranking: in which order are the answers good?",
    "zh": "回答排序：哪个最好，哪个最差？",
}

SHOWS = Comparison

FEWEST, MOST = 3, 8
"""Answers on one screen: two are the preference kind's; nobody keeps more than eight in mind."""
Rank: TypeAlias = Literal["1", "2", "3", "4", "5", "6", "7", "8", "bad"]
"""1 is best, equal ranks are a tie; `bad` is below all ranks, and not acceptable."""
NOTICED = ("refuses", "empty", "language", "truncated", "same")
"""What can be seen of an answer without judging, so what a rule may draft."""
REASONS = ("correct", "complete", "follows", "safe", "honest", "clear", "concise")
"""Why the best answer is best: the annotator's own word."""


@dataclass(frozen=True, slots=True)
class AnswerRank:
    """What is said of one answer.

    `rank` None is a draft or an unfinished answer; `edit` is the whole text of the box beside an
    answer of rank 1, "" where nothing was written. A box beside any other is ignored.
    """

    rank: Rank | None = single_choice(get_args(Rank), required=True, ordered=get_args(Rank))
    noticed: tuple[str, ...] = choice_list(NOTICED, draftable=True)
    edit: str = text_box(draftable=True, visible_when=("rank", ("1",)))


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything the screen can say; `own` is the annotator's own answer, "" for none."""

    answers: tuple[AnswerRank, ...] = repeated(AnswerRank, over="answers")
    reasons: tuple[str, ...] = choice_list(REASONS, extensible=True)
    own: str = text_box(draftable=True)
    note: str = text_box()


def to_task(record: Record) -> dict[str, Any]:
    """Return the task data for a comparison of three to eight answers, in an order of its own.

    The same record is always shown in the same order; ranks and scores that it has already are not
    shown.

    Raises:
        BadRow: `not_a_comparison`, `too_few_answers`, `too_many_answers`, `needs_tool_screen`,
            `no_prompt` or `bad_unicode`.
    """
    whole = several.comparison_of_texts(record)
    count = len(whole.candidates)
    if count < FEWEST:
        raise BadRow("too_few_answers", f"{count} answers; this kind ranks {FEWEST} to {MOST}")
    if count > MOST:
        raise BadRow("too_many_answers", f"{count} answers; this kind ranks {FEWEST} to {MOST}")
    return with_shown_hash(_data(whole, several.shuffled_order(whole)), whole)


def _data(record: Comparison, order: list[int]) -> dict[str, Any]:
    texts = [record.candidates[place].turns[0].content for place in order]
    opinion = opinion_in_letters(record, order)
    return {
        "prompt": record.context[-1].content,
        "shown_prompt": prompt_html(record, record.context) + opinion_html(opinion),
        "answers": [{"text": text, "shown": to_safe_html(text)} for text in texts],
        **({"judge": opinion} if opinion else {}),
        "goldleaf": {"kind": f"ranking/{VERSION}", "record": to_plain(record), "order": order},
    }


def to_records(
    task: Mapping[str, Any], answer: Answer, provenance: Provenance, draft: Answer | None = None
) -> tuple[Comparison]:
    """Return one comparison: the ranks closed up, edits and an own answer above the rest.

    The candidates are the annotator's own texts, then the answers in the order shown. Those called
    bad share the last rank and are not acceptable; where all are, none is. What was noticed becomes
    an issue with the letter of its answer (`b_refuses`), as the screen shows it.

    Raises:
        BadRow: `no_decision` (an answer has no rank), `unknown_version`, or `bad_task` when the
            task data is not ours or does not show what its record says.
    """
    began = draft or Answer()
    shown, answers = several.shown_comparison(task, f"ranking/{VERSION}", _data)
    said = answer.answers
    for letter, each in zip(ascii_lowercase, said, strict=False):
        if each.rank is None:
            raise BadRow("no_decision", f"answer {letter.upper()} has no rank")
    if len(said) != len(answers):
        raise BadRow("bad_task", "the task data no longer holds the answers it was made from")
    drafted = [each.edit for each in began.answers] or [""] * len(answers)
    edits = [
        several.edited_answer(candidate, each.edit, before) if each.rank == "1" else None
        for candidate, each, before in zip(answers, said, drafted, strict=True)
    ]
    own = several.own_answer(answer.own, began.own)
    best = [text for text in (own, *edits) if text]
    distances = [several.distance_of(edit, c) for edit, c in zip(edits, answers, strict=True)]
    known = [distance for distance in distances if distance is not None]
    parent = replace(
        provenance_of(shown, provenance),
        order_shown=tuple(candidate_id(candidate) for candidate in answers),
        edit_distance=sum(known) if known else several.distance_of(own, answers[0]),
    )
    seen = tuple(
        f"{letter}_{name}"
        for letter, each in zip(ascii_lowercase, said, strict=False)
        for name in each.noticed
    )
    tags = replace(
        shown.tags,
        issues=merge_tags(shown.tags.issues, seen),
        reasons=merge_tags(shown.tags.reasons, answer.reasons),
        note=answer.note or shown.tags.note,
    )
    ranked = _ranked(answers, said)
    tied = len({candidate.rank for candidate in ranked}) == 1
    return (
        replace(
            shown,
            candidates=several.placed_below(best, ranked),
            strength="tie" if tied else "unknown",
            tags=tags,
            parents=(parent,),
        ),
    )


def _ranked(answers: Sequence[Candidate], said: Sequence[AnswerRank]) -> tuple[Candidate, ...]:
    """Return the answers with their ranks without gaps: 1, 1, 4, bad becomes 1, 1, 2, 3."""
    order = get_args(Rank)
    given = sorted({order.index(each.rank) for each in said if each.rank})
    return tuple(
        replace(
            candidate,
            rank=given.index(order.index(each.rank)) + 1,
            acceptable=each.rank != "bad",
        )
        for candidate, each in zip(answers, said, strict=True)
        if each.rank
    )
