"""One answer shown, perhaps drafted, and corrected: the final text and the preference pair.

Three texts may differ: the answer that came with the task, the draft that a model put in its place,
and the text that the annotator left. Who wrote the last is computed by comparing them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from goldleaf.core.errors import BadRow
from goldleaf.core.record_hash import candidate_id
from goldleaf.core.records import (
    JUDGED,
    UNSETTLED,
    Candidate,
    Comparison,
    Demonstration,
    Judgement,
    Origin,
    Provenance,
    Record,
    Strength,
    Tags,
    Turn,
)
from goldleaf.core.records_jsonl import to_plain
from goldleaf.core.text_comparison import edit_distance, same_text
from goldleaf.label_configs.display_check import check_shown, imported_record, with_shown_hash
from goldleaf.label_configs.safe_html import to_safe_html
from goldleaf.label_configs.shown_provenance import prompt_html


def response_task(record: Record, kind: str, **more: str) -> dict[str, Any]:
    """Return the task data for one prompt with one answer, or none (the answer is then "").

    Its fields are `prompt`, `answer`, both as text, `shown_prompt`, `shown_answer`, both as safe
    HTML, `goldleaf` (kind, record and hash), and `more`.

    Args:
        record: what to show.
        kind: name and version of the kind that shows it.
        **more: further fields that its screen shows.

    Raises:
        BadRow: `not_a_demonstration`, `no_prompt`, `needs_dialogue_screen`, `needs_tool_screen`,
            `needs_reasoning_screen` or `bad_unicode`.
    """
    if not isinstance(record, Demonstration):
        raise BadRow("not_a_demonstration", "this kind shows one prompt with one answer, or none")
    check_one_answer(record)
    if any(turn.reasoning for turn in record.response):
        raise BadRow("needs_reasoning_screen", "this screen does not show reasoning")
    answer = _text(record.response)
    data = {
        "prompt": record.context[-1].content,
        "answer": answer,
        "shown_prompt": prompt_html(record, record.context),
        "shown_answer": to_safe_html(answer),
        "goldleaf": {"kind": kind, "record": to_plain(record)},
    }
    return with_shown_hash({**data, **more}, record)


def check_one_answer(record: Demonstration | Judgement) -> None:
    """Raise BadRow unless a record is one prompt with one answer of text, or none.

    Raises:
        BadRow: `no_prompt`, `needs_dialogue_screen` or `needs_tool_screen`.
    """
    if not record.context or record.context[-1].role != "user":
        raise BadRow("no_prompt", "the conversation does not end with a user's turn")
    if not record.context[-1].content.strip():
        raise BadRow("no_prompt", "there is no prompt to answer")
    if len(record.response) > 1 or any(turn.role != "assistant" for turn in record.response):
        raise BadRow("needs_dialogue_screen", "the answer must be one turn of the assistant")
    if any(turn.tool_calls for turn in record.response):
        raise BadRow("needs_tool_screen", "the answer must be text")


def demonstration_of(
    task: Mapping[str, Any], kind: str, to_task: Callable[[Record], Mapping[str, Any]]
) -> Demonstration:
    """Return the demonstration that a task was made from.

    Args:
        task: the task's data.
        kind: name and version of the kind that reads it.
        to_task: what makes the task data of a record.

    Raises:
        BadRow: `unknown_version`, or `bad_task`: the data is not ours, or does not show what its
            record says; or what `goldleaf.core.records_jsonl.from_plain` raises.
    """
    record = imported_record(task)
    if not isinstance(record, Demonstration) or not record.context:
        raise BadRow("bad_task", "the task data no longer holds what it was made from")
    shown = (task.get("prompt"), task.get("answer"))
    if shown != (record.context[-1].content, _text(record.response)):
        raise BadRow("bad_task", "what was shown is not what the task was made from")
    check_shown(task, record, kind, lambda: to_task(record))
    return record


def provenance_of(shown: Record, provenance: Provenance) -> Provenance:
    """Return the provenance of an annotation, with the source, place and licence of its row.

    Source, file, line, licence and consent come from the first parent of `shown`; they are empty
    where it has none.
    """
    given = shown.parents[0] if shown.parents else Provenance()
    return replace(
        provenance,
        source=given.source,
        file=given.file,
        line=given.line,
        licence=given.licence,
        consent=given.consent,
    )


@dataclass(frozen=True, slots=True)
class ResponseEdit:
    """The original answer of a task, the draft put over it, and the text the annotator left.

    `draft` and `left` are "" for none; `parent` is the annotation's provenance, whose origin is
    `unknown` where the draft cannot be read, and else says whether the drafted controls were left
    as they were.
    """

    shown: Demonstration
    draft: str
    left: str
    parent: Provenance

    @property
    def original(self) -> str:
        """The answer as it came, "" for a prompt alone."""
        return _text(self.shown.response)

    @property
    def final(self) -> str:
        """The text to learn from; a box left empty, or as it was, leaves the answer as it came."""
        return edited_or_original(self.original, self.left)

    @property
    def changed(self) -> bool:
        """Whether the final text is another than the answer as it came."""
        return not same_text(self.final, self.original)

    @property
    def kept_original(self) -> bool:
        """Whether the final text is the original answer, or a draft's cleaned-up copy of it.

        A draft that keeps the lines or most of the characters of an answer does what the answer
        did: all its lines are in there, or it differs in fewer characters than half of the answer
        has. Where that was wrong, leaving such a draft corrects nothing; an edit does.
        """
        if not self.changed:
            return True
        if self.origin not in ("accepted", "unknown"):
            return False
        lines = [line.strip() for line in self.final.splitlines() if line.strip()]
        if all(line in self.original for line in lines):
            return True
        return 2 * edit_distance(self.final, self.original) < len(self.original)

    @property
    def origin(self) -> Origin:
        """Origin of the final text: accepted, edited, human or unknown.

        `accepted` where it was there before, `edited` where it replaces something, `human` where
        there was nothing, `unknown` where the draft can no longer be read.
        """
        if self.parent.origin == "unknown":
            return "unknown"
        before = [text for text in (self.draft, self.original) if text.strip()]
        if not before:
            return "human"
        return "accepted" if any(same_text(self.final, text) for text in before) else "edited"

    @property
    def provenance(self) -> Provenance:
        """Provenance of a record with the final text.

        An accepted text under a choice that was drafted and overruled is an edited answer.
        """
        overruled = self.origin == "accepted" and self.parent.origin == "edited"
        distance = None
        if self.origin == "edited":
            before = self.draft if self.draft.strip() else self.original
            distance = edit_distance(before, self.final)
        elif self.origin == "accepted" and self.changed:
            distance = 0
        origin = "edited" if overruled else self.origin
        return replace(
            self.parent, origin=origin, edit_distance=distance, order_shown=self._shown()
        )

    @property
    def original_provenance(self) -> Provenance:
        """Provenance of a record with the original answer, whatever was drafted over it.

        As `provenance`, but without an edit distance.
        """
        return replace(self.provenance, edit_distance=None)

    def _shown(self) -> tuple[str, ...]:
        """Return the name of the answer on the screen: as it came, or as drafted where none did."""
        if self.original.strip():
            return (candidate_id(Candidate(self.shown.response)),)
        return (candidate_id(Candidate(self.turns(self.draft))),) if self.draft.strip() else ()

    def turns(self, text: str) -> tuple[Turn, ...]:
        """Return a text as a response: one turn, with all else of the original answer's turn."""
        first = self.shown.response[0] if self.shown.response else Turn("assistant")
        return (replace(first, content=text),)

    def rejected(
        self,
        response: tuple[Turn, ...],
        reasons: tuple[str, ...],
        tags: Tags,
        provenance: Provenance,
    ) -> Judgement:
        """Return the thumb down (`good` false) for an answer to the prompt shown, and why."""
        return Judgement(
            self.shown.context,
            response,
            self.shown.tools,
            good=False,
            reasons=reasons,
            tags=tags,
            parents=(provenance,),
        )

    def pair(self, strength: Strength, acceptable: bool | None) -> Comparison | None:
        """Return the pair of the final text over what it replaced; None if nothing was replaced.

        A draft and the answer as it came, both replaced, are tied: they were not compared.

        Args:
            strength: how much better the final text is.
            acceptable: whether the answer as it came would do.
        """
        below: list[Candidate] = []
        drafter = self.parent.drafted_by
        if self.draft.strip() and not same_text(self.draft, self.final):
            below.append(Candidate(self.turns(self.draft), rank=2, drafted_by=drafter))
        if self.original.strip() and self.changed and not same_text(self.original, self.draft):
            model = self.shown.parents[0].drafted_by if self.shown.parents else ""
            below.append(
                Candidate(self.shown.response, rank=2, acceptable=acceptable, drafted_by=model)
            )
        if not below:
            return None
        best = Candidate(
            self.turns(self.final),
            rank=1,
            acceptable=True,
            drafted_by=drafter if self.draft.strip() and self.changed else "",
            origin=self.origin,
        )
        return Comparison(self.shown.context, (best, *below), self.shown.tools, strength)


def edited_or_original(original: str, left: str) -> str:
    """Return the text left in the edit box, or the original where the box changes nothing.

    A box that is empty, or holds the same to a reader (`same_text`), changes nothing: then even the
    original's white space is kept.
    """
    return left if left.strip() and not same_text(left, original) else original


def judged_as_shown(shown: str, draft: str, left: str) -> tuple[str, str]:
    """Return the draft and the text left beside a text that was judged, both "" where untouched.

    A verdict is about the text as it was shown, so a draft that was left beside it was neither
    taken nor turned down. Where nothing was shown, the verdict can only be about the draft.
    """
    untouched = bool(shown.strip()) and same_text(draft, left)
    return ("", "") if untouched else (draft, left)


def merge_behaviours(
    imported: tuple[str, ...], shown: tuple[str, ...], ticked: tuple[str, ...]
) -> tuple[str, ...]:
    """Return the behaviours after an annotator has seen them: imported, then ticked, each once.

    Boxes that were ticked already and left so are no decision, and what was imported stays. Once a
    box was changed, what was cleared is gone, and of the names in `JUDGED`, and `UNSETTLED`, only
    those ticked are kept; other imported behaviours stay. A name in `JUDGED` always replaces
    `UNSETTLED`.

    Args:
        imported: what the record came with.
        shown: the boxes that were ticked when the screen opened.
        ticked: those that are ticked now.
    """
    if set(shown) != set(ticked):
        taken_back = {*shown, *JUDGED, UNSETTLED}.difference(ticked)
        imported = tuple(name for name in imported if name not in taken_back)
    stands = merge_tags(imported, ticked)
    if {*JUDGED}.isdisjoint(stands):
        return stands
    return tuple(name for name in stands if name != UNSETTLED)


def merge_tags(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    """Return both lists of tags merged, each name once, in order of first appearance."""
    return tuple(dict.fromkeys((*one, *other)))


def _text(response: tuple[Turn, ...]) -> str:
    return response[0].content if response else ""
