"""Codec of the dialogue kind: each answer judged and edited, two last ones compared (S4, S15)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias, get_args

import goldleaf.label_configs.several_answers as several
from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import object_or_empty
from goldleaf.core.record_hash import candidate_id
from goldleaf.core.records import BEHAVIOURS as VOCABULARY
from goldleaf.core.records import (
    UNSETTLED,
    Candidate,
    Comparison,
    Demonstration,
    Judgement,
    Provenance,
    Record,
    Tags,
    Turn,
)
from goldleaf.core.records_jsonl import from_plain, to_plain
from goldleaf.label_configs.control_types import (
    choice_list,
    repeated,
    single_choice,
    stars,
    text_box,
)
from goldleaf.label_configs.dialogue.exchanges import (
    answer_html,
    continuation_html,
    prompt_html,
    reply_places,
    shown_turns,
)
from goldleaf.label_configs.display_check import check_shown, with_shown_hash
from goldleaf.label_configs.response_edit import (
    ResponseEdit,
    merge_behaviours,
    merge_tags,
    provenance_of,
)

VERSION = 1
TITLES = {"en": "Dialogue: is every answer right?", "zh": "多轮对话：每一轮都答对了吗？"}

SHOWS = Demonstration | Comparison

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

    better: several.Decision | None = single_choice(get_args(several.Decision), required=True)
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


def to_task(record: Record) -> dict[str, Any]:
    """Return the task data for a dialogue, or for one whose last turn offers two continuations.

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
    turns = _turns(record)
    data: dict[str, Any] = {
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


def _turns(record: Demonstration | Comparison) -> tuple[Turn, ...]:
    """Return the turns that are shown one by one; after a last turn of the user an empty answer."""
    if isinstance(record, Comparison):
        return record.context
    turns = (*record.context, *record.response)
    return turns if turns and turns[-1].role == "assistant" else (*turns, Turn("assistant"))


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
    done = _Edited(shown, answer, began, provenance_of(shown, provenance))
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
    kind, ours = f"dialogue/{VERSION}", object_or_empty(task.get("goldleaf"))
    record = from_plain(ours.get("record")) if ours else None
    if isinstance(record, Demonstration):
        check_shown(task, record, kind, lambda: _data(record, []))
        return record, ()
    return several.shown_comparison(task, kind, _data)


class _Edited:
    """A dialogue after its annotation, turn by turn.

    Attributes:
        turns: as they stand, `train` false where an answer is not to be learned.
        pairs: a comparison for each answer that was replaced.
        rejected: a judgement for each that is bad and was left.
        annotation: the provenance of the annotation.
        parent: the provenance of the dialogue as a whole.
        tags: of the dialogue as a whole.
    """

    def __init__(
        self,
        shown: Demonstration | Comparison,
        answer: Answer,
        began: Answer,
        parent: Provenance,
    ) -> None:
        self.shown = shown
        self.annotation = parent
        self.turns = list(_turns(shown))
        self.pairs: list[Comparison] = []
        self.rejected: list[Judgement] = []
        places = reply_places(self.turns)
        if len(places) != len(answer.turns):
            raise BadRow("bad_task", "the task data no longer holds the answers it was made from")
        self.tags = _tags(shown.tags, answer, began)
        edits: list[ResponseEdit] = []
        for number, (place, said) in enumerate(zip(places, answer.turns, strict=True)):
            draft = began.turns[number].edit if number < len(began.turns) else ""
            reply = self.turns[place]
            response = (reply,) if reply.content.strip() or reply.tool_calls else ()
            before = Demonstration(_context(self.turns[:place]), response, shown.tools)
            given = ResponseEdit(before, draft, said.edit, parent)
            edits.append(given)
            self._take(place, said, given)
        self.parent = _whole(parent, edits)

    def _take(self, place: int, said: TurnAnswer, given: ResponseEdit) -> None:
        """Put one answer as it stands into the dialogue; add its comparison or judgement."""
        (reply,) = given.turns(given.final)
        bad = said.verdict == "bad"
        tags = replace(self.tags, reasons=merge_tags(self.tags.reasons, said.issues))
        if bad and given.origin not in ("edited", "human"):
            self.turns[place] = replace(self.turns[place], train=False)
            if given.shown.response and given.kept_original:
                parent = given.original_provenance
                why = said.issues or ("bad",)
                self.rejected.append(given.rejected(given.shown.response, why, tags, parent))
            return
        learned = bool(reply.content.strip() or reply.tool_calls)
        self.turns[place] = replace(reply, train=learned and (reply.train or given.changed))
        pair = given.pair("strong" if bad else "slight", False if bad else None)
        if pair is not None:
            self.pairs.append(replace(pair, tags=tags, parents=(given.provenance,)))

    def demonstration(self) -> Iterator[Demonstration]:
        """Yield the dialogue up to its last answer to learn; nothing where there is none."""
        learned = [p for p in reply_places(self.turns) if self.turns[p].train]
        if learned:
            turns = tuple(self._masked(self.turns[: learned[-1] + 1]))
            yield Demonstration(turns[:-1], turns[-1:], self.shown.tools, self.tags, (self.parent,))

    def _masked(self, turns: Sequence[Turn]) -> Iterator[Turn]:
        """Yield turns; the calls before an answer that is not to be learned are not either."""
        places = reply_places(turns)
        for place, turn in enumerate(turns):
            reply = next((turns[p] for p in places if p >= place), turn)
            unlearned = turn.role == "assistant" and not reply.train
            yield replace(turn, train=False) if unlearned else turn


def _context(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """Return turns as the context of one answer: nothing in it is learned again."""
    return tuple(replace(t, train=False) if t.role == "assistant" else t for t in turns)


def _continued(
    shown: Comparison,
    answers: tuple[Candidate, ...],
    done: _Edited,
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
        context=_context(done.turns),
        candidates=candidates,
        strength=several.STRENGTHS[said.better],
        tags=done.tags,
        parents=(parent,),
    )


def _whole(parent: Provenance, edits: Sequence[ResponseEdit]) -> Provenance:
    """Return the provenance of the dialogue: edited where any answer was, distances summed."""
    parts = [edit.provenance for edit in edits]
    origins = {part.origin for part in parts}
    origin = parent.origin
    if "unknown" in origins:
        origin = "unknown"
    elif len(origins) > 1:
        origin = "edited"
    elif origins:
        (origin,) = origins
    distances = [part.edit_distance for part in parts if part.edit_distance is not None]
    return replace(
        parent,
        origin=origin,
        edit_distance=sum(distances) if distances else None,
        order_shown=tuple(name for part in parts for name in part.order_shown),
    )


def _tags(tags: Tags, answer: Answer, began: Answer) -> Tags:
    return replace(
        tags,
        behaviours=merge_behaviours(tags.behaviours, began.behaviours, answer.behaviours),
        quality=answer.quality or tags.quality,
        note=answer.note or tags.note,
    )
