"""What an instruction screen means: an example refined, and the pair that an edit gives (S2-S4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from goldleaf.core.errors import BadRow
from goldleaf.core.prompt_normalization import prompt_key
from goldleaf.core.records import BEHAVIOURS as VOCABULARY
from goldleaf.core.records import (
    UNSETTLED,
    Demonstration,
    Judgement,
    Provenance,
    Record,
    Tags,
)
from goldleaf.core.text_comparison import edit_distance, same
from goldleaf.label_configs.correction import (
    Correction,
    demonstration_of,
    judged,
    left_over,
    parent_of,
    task_of,
    united,
)
from goldleaf.label_configs.regions import Values
from goldleaf.label_configs.said import in_order, known_choice, one_text, rating, said

VERSION = 1
TITLES = {"en": "Instruction: make the example right", "zh": "指令精修：把示例改好"}

Verdict: TypeAlias = Literal["good", "fixed", "unusable"]
VERDICTS: tuple[Verdict, ...] = ("good", "fixed", "unusable")
"""Of the example as it was shown. The annotator's final word, never drafted."""
STARS = 5
"""The highest quality (S10: a thousand good rows beat a hundred thousand poor ones)."""
NOTICED = ("empty", "refuses", "language", "truncated", "template", "markup", "repetition")
"""What can be seen of the answer without judging, so what a rule may draft."""
ISSUES = ("wrong", "incomplete", "off_topic", "unsafe", "style", "format", "bad_instruction")
"""What is wrong with the example as shown: the annotator's own, never drafted."""
BEHAVIOURS = tuple(name for name in VOCABULARY if name != UNSETTLED)
"""What the example teaches. Nobody ticks that a refusal is unsettled: whoever looks, settles it."""
SPOILS = ("wrong", "unsafe")
"""Issues that no example may have that is called good as it is."""
FINAL = ("verdict", "quality", "issues", "note")
"""Controls that are never drafted; `behaviours`, `noticed`, `prototype` and the texts may be."""

OPEN = ("noticed", "issues", "behaviours")
"""Controls whose choices a project may change."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything the screen can say; `verdict` None is a draft or an unfinished answer.

    `instruction` and `answer` hold the whole text of their boxes, "" where nothing was written: the
    text shown then stands. `behaviours` come from `BEHAVIOURS`.
    """

    verdict: Verdict | None = None
    quality: int | None = None
    instruction: str = ""
    answer: str = ""
    behaviours: tuple[str, ...] = ()
    noticed: tuple[str, ...] = ()
    issues: tuple[str, ...] = ()
    prototype: str = ""
    note: str = ""


def show(record: Record) -> dict[str, Any]:
    """Return the task data for a demonstration, or for a prompt alone; see `task_of`."""
    return task_of(record, f"instruction/{VERSION}", prototype=record.tags.prototype)


def read(values: Values, task: Mapping[str, Any]) -> Answer:
    """Return the answer that the controls give.

    Raises:
        BadRow: `ambiguous_textarea`, `ambiguous_choice`, `unknown_choice` or `bad_rating`.
    """
    return Answer(
        verdict=known_choice(values, "verdict", VERDICTS),
        quality=rating(values, "quality", STARS),
        instruction=one_text(values, "instruction"),
        answer=one_text(values, "answer"),
        behaviours=in_order(values, "behaviours", BEHAVIOURS),
        noticed=in_order(values, "noticed", NOTICED),
        issues=in_order(values, "issues", ISSUES),
        prototype=one_text(values, "prototype"),
        note=one_text(values, "note"),
    )


def write(answer: Answer) -> Values:
    """Return what the controls say for an answer."""
    return said(
        verdict=answer.verdict,
        quality=answer.quality,
        instruction=answer.instruction,
        answer=answer.answer,
        behaviours=answer.behaviours,
        noticed=answer.noticed,
        issues=answer.issues,
        prototype=answer.prototype,
        note=answer.note,
    )


def records(
    task: Mapping[str, Any], answer: Answer, provenance: Provenance, draft: Answer | None = None
) -> tuple[Record, ...]:
    """Return the demonstration that stands, and the pair that an edit of the answer gives.

    The verdict is about the example as it was shown, and what the annotator wrote counts: an answer
    that was rewritten is a demonstration whatever the verdict. One that is unusable and was not
    rewritten is a judgement, unless the instruction itself is at fault: then it says nothing about
    the answer. An edited instruction gives no pair, because the answer shown replied to another
    question (letter case and spaces aside).

    Which behaviours stand is `goldleaf.label_configs.correction.judged`.

    Raises:
        BadRow: `no_decision`, `no_answer`, `nothing_fixed`, `bad_instruction`, `unknown_draft` or
            `bad_task` or `unknown_version`.
    """
    if answer.verdict is None:
        raise BadRow("no_decision", "no verdict was given")
    shown = demonstration_of(task, f"instruction/{VERSION}", show)
    given = Correction(
        shown, draft.answer if draft else "", answer.answer, parent_of(shown, provenance)
    )
    behaviours = judged(shown.tags.behaviours, draft.behaviours if draft else (), answer.behaviours)
    if not given.final.strip():
        raise BadRow("no_answer", "there is no answer, neither shown nor written")
    prompt = shown.context[-1].content
    asked = left_over(prompt, answer.instruction)
    if answer.verdict == "unusable" and given.origin not in ("edited", "human"):
        return (_rejected(given, answer, behaviours),)
    spoilt = answer.quality == 1 or bool(set(answer.issues) & set(SPOILS))
    if answer.verdict == "good" and spoilt and given.origin not in ("edited", "human"):
        raise BadRow("contradicts_itself", "called good, and marked as wrong, unsafe or one star")
    if answer.verdict == "fixed" and not given.changed and same(asked, prompt):
        raise BadRow("nothing_fixed", "the verdict is that it was fixed, but nothing was changed")
    tags = _tags(given, answer, behaviours, corrected=given.changed)
    parent = _edited(given.provenance, shown, asked, draft.instruction if draft else "")
    example = replace(
        shown,
        context=(*shown.context[:-1], replace(shown.context[-1], content=asked)),
        response=given.turns(given.final),
        tags=tags,
        parents=(parent,),
    )
    unusable = answer.verdict == "unusable"
    pair = given.pair("strong" if unusable else "slight", False if unusable else None)
    if pair is None or prompt_key(asked) != prompt_key(prompt):
        return (example,)
    pair = replace(pair, context=example.context, tags=tags, parents=(parent,))
    return example, pair


def _edited(parent: Provenance, shown: Demonstration, asked: str, draft: str) -> Provenance:
    """Return the parent of an example, which is edited where only its instruction was.

    A first question that was changed is remembered as shown: the split must keep both together.
    The instruction may be one that was drafted (`draft`, "" for none) and left as it was.
    """
    prompt = shown.context[-1].content
    if same(asked, prompt):
        return parent
    first = all(turn.role != "user" for turn in shown.context[:-1])
    grown = prompt_key(prompt) if first and prompt_key(asked) != prompt_key(prompt) else ""
    distance = edit_distance(draft if draft.strip() else prompt, asked)
    by_hand = distance and parent.origin in ("accepted", "human")
    return replace(
        parent,
        origin="edited" if by_hand else parent.origin,
        edit_distance=distance + (parent.edit_distance or 0),
        grown_from=grown,
    )


def _rejected(given: Correction, answer: Answer, behaviours: tuple[str, ...]) -> Judgement:
    """Return the thumb down for what stands unmended: the answer as it came, tidied or not."""
    if "bad_instruction" in answer.issues:
        raise BadRow("bad_instruction", "the instruction itself is unusable")
    if given.origin == "unknown" and not given.copied:
        raise BadRow("unknown_draft", "the draft that was on the screen can no longer be read")
    return Judgement(
        given.shown.context,
        given.shown.response if given.copied else given.turns(given.final),
        given.shown.tools,
        good=False,
        reasons=united(answer.noticed, answer.issues),
        tags=_tags(given, answer, behaviours, corrected=False),
        parents=(given.of_what_came if given.copied else given.provenance,),
    )


def _tags(
    given: Correction, answer: Answer, behaviours: tuple[str, ...], *, corrected: bool
) -> Tags:
    """Return the tags; what was wrong is an issue of what stands, or the reason for its mend."""
    tags = given.shown.tags
    found = united(answer.noticed, answer.issues)
    return replace(
        tags,
        behaviours=behaviours,
        prototype=answer.prototype.strip() or tags.prototype,
        quality=answer.quality or tags.quality,
        issues=tags.issues if corrected else united(tags.issues, found),
        reasons=united(tags.reasons, found) if corrected else tags.reasons,
        note=answer.note or tags.note,
    )
