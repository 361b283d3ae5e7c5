"""A dialogue after its annotation, turn by turn: what is learned, was replaced, or is bad."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from goldleaf.core.errors import BadRow
from goldleaf.core.records import (
    Comparison,
    Demonstration,
    Judgement,
    Provenance,
    Tags,
    Turn,
)
from goldleaf.label_configs.dialogue.answer import Answer, TurnAnswer
from goldleaf.label_configs.dialogue.exchanges import reply_places
from goldleaf.label_configs.response_edit import (
    ResponseEdit,
    judged_as_shown,
    merge_behaviours,
    merge_tags,
)


def turns_of(record: Demonstration | Comparison) -> tuple[Turn, ...]:
    """Return the turns that are shown one by one; after a last turn of the user an empty answer."""
    if isinstance(record, Comparison):
        return record.context
    turns = (*record.context, *record.response)
    return turns if turns and turns[-1].role == "assistant" else (*turns, Turn("assistant"))


class EditedDialogue:
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
        self.turns = list(turns_of(shown))
        self.pairs: list[Comparison] = []
        self.rejected: list[Judgement] = []
        places = reply_places(self.turns)
        if len(places) != len(answer.turns):
            raise BadRow("bad_task", "the task data no longer holds the answers it was made from")
        self.tags = _tags(shown.tags, answer, began)
        edits: list[ResponseEdit] = []
        for number, (place, said) in enumerate(zip(places, answer.turns, strict=True)):
            draft = began.turns[number].edit if number < len(began.turns) else ""
            left, reply = said.edit, self.turns[place]
            if said.verdict is not None:
                draft, left = judged_as_shown(reply.content, draft, left)
            response = (reply,) if reply.content.strip() or reply.tool_calls else ()
            before = Demonstration(as_context(self.turns[:place]), response, shown.tools)
            given = ResponseEdit(before, draft, left, parent)
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


def as_context(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """Return turns as the context of one answer: nothing in it is learned again."""
    return tuple(replace(t, train=False) if t.role == "assistant" else t for t in turns)


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
