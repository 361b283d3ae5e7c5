"""What one foreign answer means: comparisons, judgements, demonstrations.

What its controls cannot say stays unsaid: a Pairwise has no strength, items of one bucket are tied,
a rating in the middle is no verdict.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from goldleaf.adoption.comparisons import Ranked, chosen, ranked
from goldleaf.adoption.task_texts import TaskTexts
from goldleaf.adoption.verdicts import tags_of, verdict, verdict_of
from goldleaf.core.errors import BadRow
from goldleaf.core.record_hash import candidate_id
from goldleaf.core.records import (
    Candidate,
    Comparison,
    Demonstration,
    Judgement,
    Origin,
    Provenance,
    Record,
    Tags,
    Turn,
)
from goldleaf.core.text_comparison import same_text
from goldleaf.formats.read_messages import answer_of, check_context, check_order
from goldleaf.label_configs.response_edit import ResponseEdit


@dataclass(frozen=True, slots=True)
class ForeignAnswer:
    """One annotation: the texts of its task, what was drafted, and its provenance.

    `draft` is what the controls held before the annotator began; None where nothing did.
    """

    texts: TaskTexts
    draft: TaskTexts | None
    parent: Provenance

    def records(self) -> tuple[Record, ...]:
        """Return the records, () where the annotator said nothing.

        Raises:
            BadRow: with the reason why it cannot be used.
        """
        reading = self.texts.reading
        if reading.choice and reading.choice in self.texts.held:
            return (self._compared(chosen(self.texts, reading.choice)),)
        if reading.rank and reading.rank in self.texts.held:
            return (self._compared(ranked(self.texts, reading.rank)),)
        if (reading.choice or reading.rank) and not self.texts.said(reading.edited):
            return ()
        if reading.edited:
            return self._written()
        if reading.verdict or reading.faults:
            return self._judged_by_message() or self._judged()
        return self._conversed()

    # Several answers

    def _compared(self, decided: Ranked) -> Comparison:
        candidates, strength = decided
        if len(candidates) < 2:
            raise BadRow("not_two_answers", "not two answers to compare")
        texts = [candidate.turns[0].content for candidate in candidates]
        if all(same_text(texts[0], other) for other in texts[1:]):
            raise BadRow("identical_pair", "both answers are the same")
        shown = tuple(candidate_id(candidate) for candidate in candidates)
        parent = replace(self.parent, order_shown=shown)
        own = self._own_text()
        if own.strip() and not any(same_text(own, text) for text in texts):
            drafted = same_text(own, self._drafted())
            origin: Origin = "unknown" if self.texts.reading.assisted else "human"
            best = Candidate(
                (Turn("assistant", own),),
                rank=1,
                acceptable=True,
                origin="accepted" if drafted else origin,
            )
            below = (replace(c, rank=c.rank + 1) if c.rank else c for c in candidates)
            candidates = [best, *below]
        ranks = [candidate.rank for candidate in candidates if candidate.rank is not None]
        if len(set(ranks)) == 1 and len(ranks) > 1:
            strength = "tie"
        return Comparison(
            self.texts.context(),
            tuple(candidates),
            self.texts.tools(),
            strength=strength,
            tags=tags_of(self.texts),
            parents=(parent,),
        )

    def _own_text(self) -> str:
        edited = self.texts.reading.edited
        return self.texts.text(edited) if edited and self.texts.said(edited) else ""

    def _drafted(self) -> str:
        edited = self.texts.reading.edited
        return self.draft.text(edited) if edited and self.draft and self.draft.said(edited) else ""

    # One answer

    def _written(self) -> tuple[Record, ...]:
        """Return the text left, and its pair with what it replaced; a bad one as a judgement."""
        control = self.texts.reading.edited or ""
        context = self.texts.context()
        original = self._prefilled(control)
        left = self._own_text()
        original_turns = (Turn("assistant", original),) if original.strip() else ()
        shown = Demonstration(context, original_turns, self.texts.tools())
        edit = ResponseEdit(shown, self._drafted(), left, self._text_parent())
        good = verdict(self.texts)
        if control not in self.texts.held and good is None:
            return ()
        if not edit.final.strip():
            raise BadRow("empty_response", f"{control} is empty")
        text, tags, parent = edit.final, tags_of(self.texts), edit.provenance
        response = (Turn("assistant", answer_of(text, control)),)
        if good is False and not (edit.changed and original.strip()):
            return (self._judgement(context, response, good, tags, parent),)
        pair = edit.pair("unknown", False if good is False else None)
        taught = Demonstration(context, response, shown.tools, tags, (parent,))
        if pair is None:
            return (taught,)
        return taught, replace(pair, tags=tags, parents=(parent,))

    def _text_parent(self) -> Provenance:
        return (
            replace(self.parent, origin="unknown") if self.texts.reading.assisted else self.parent
        )

    def _prefilled(self, control: str) -> str:
        """Return the answer that was shown with the task: named as such, or filled into the box."""
        if self.texts.reading.choice or self.texts.reading.rank:
            return ""
        if self.texts.reading.answers:
            items = self.texts.items()
            if len(items) != 1:
                raise BadRow("not_two_answers", f"{len(items)} answers, and no choice of one")
            return items[0].candidate.turns[0].content
        tag = self.texts.config.find(control)
        return self.texts.text(tag.shows) if tag and tag.shows.startswith("$") else ""

    def _judged(self) -> tuple[Record, ...]:
        context, response = self._answer()
        good = verdict(self.texts)
        if good is None:
            controls = (self.texts.reading.verdict, *self.texts.reading.faults)
            if not any(self.texts.said(name) for name in controls):
                return ()
            raise BadRow("no_verdict", "neither good nor bad")
        return (self._judgement(context, response, good, tags_of(self.texts)),)

    def _judged_by_message(self) -> tuple[Record, ...]:
        """Return a judgement of each message of a Chat that was judged alone."""
        reading = self.texts.reading
        chat = self.texts.held.get(reading.turns or "")
        control = self.texts.held.get(reading.verdict or "")
        if not chat or not control or not control.by_region:
            return ()
        turns, found = self.texts.conversation(), list[Record]()
        first = len(turns) - len(chat.messages)
        for place, (region, _, _) in enumerate(chat.messages, first):
            said = control.by_region.get(region, ())
            good = verdict_of(self.texts, said)
            if good is None or turns[place].role != "assistant":
                continue
            reasons = tuple(
                reason
                for name in reading.reasons
                if name in self.texts.held
                for reason in self.texts.held[name].by_region.get(region, ())
            )
            check_context(turns[:place], self.texts.tools())
            tags = replace(tags_of(self.texts), reasons=reasons)
            found.append(self._judgement(turns[:place], turns[place : place + 1], good, tags))
        return tuple(found)

    def _judgement(
        self,
        context: tuple[Turn, ...],
        response: tuple[Turn, ...],
        good: bool,
        tags: Tags,
        parent: Provenance | None = None,
    ) -> Judgement:
        shown = (candidate_id(Candidate(response)),)
        parents = (parent or replace(self.parent, order_shown=shown),)
        reasons = tags.reasons
        return Judgement(
            context,
            response,
            self.texts.tools(),
            good=good,
            reasons=reasons,
            tags=tags,
            parents=parents,
        )

    def _answer(self) -> tuple[tuple[Turn, ...], tuple[Turn, ...]]:
        """Return what was asked and the one answer: shown alone, or last in the conversation."""
        if self.texts.reading.answers:
            items = self.texts.items()
            if len(items) != 1:
                raise BadRow("not_two_answers", f"{len(items)} answers, and one verdict")
            return self.texts.context(), items[0].candidate.turns
        turns = self.texts.conversation()
        if not turns or turns[-1].role != "assistant":
            raise BadRow("trailing_user", "the last turn has no answer")
        check_order(turns, self.texts.tools())
        check_context(turns[:-1], self.texts.tools())
        return turns[:-1], turns[-1:]

    def _conversed(self) -> tuple[Record, ...]:
        """Return a conversation that the annotator led as a demonstration."""
        reading = self.texts.reading
        if reading.turns not in self.texts.held:
            return ()
        context, response = self._answer()
        parent = replace(self.parent, origin="unknown")  # a model may have answered in the Chat
        tools, tags = self.texts.tools(), tags_of(self.texts)
        return (Demonstration(context, response, tools, tags, (parent,)),)
