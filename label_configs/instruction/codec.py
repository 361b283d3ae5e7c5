"""Codec of the instruction kind: an example refined, and the pair from an edit (S2-S4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias, get_args

from goldleaf.core.errors import BadRow
from goldleaf.core.prompt_normalization import normalize_prompt
from goldleaf.core.prototypes import prototypes
from goldleaf.core.records import BEHAVIOURS as VOCABULARY
from goldleaf.core.records import UNSETTLED, Demonstration, Provenance, Record, Tags
from goldleaf.core.text_comparison import edit_distance, same_text
from goldleaf.label_configs.control_types import choice_list, single_choice, stars, text_box
from goldleaf.label_configs.response_edit import (
    ResponseEdit,
    demonstration_of,
    edited_or_original,
    judged_as_shown,
    merge_behaviours,
    merge_tags,
    provenance_of,
    response_task,
)

VERSION = 1
TITLES = {"en": "Instruction: make the example right", "zh": "指令精修：把示例改好"}

SHOWS = Demonstration

Verdict: TypeAlias = Literal["good", "fixed", "unusable"]
"""Of the example as it was shown."""
NOTICED = ("empty", "refuses", "language", "truncated", "template", "markup", "repetition")
"""What can be seen of the answer without judging, so what a rule may draft."""
ISSUES = ("wrong", "incomplete", "off_topic", "unsafe", "style", "format", "bad_instruction")
"""What is wrong with the example as shown: the annotator's own word."""
BEHAVIOURS = tuple(name for name in VOCABULARY if name != UNSETTLED)
"""What the example teaches. A refusal is never ticked as unsettled: the annotator settles it."""
SPOILS = ("wrong", "unsafe")
"""Issues that no example may have that is called good as it is."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything the screen can say; `verdict` None is a draft or an unfinished answer.

    `instruction` and `answer` hold the whole text of their boxes, "" where nothing was written: the
    text shown then counts. `quality` is 1 to 5, None for no stars; 5 is one of the thousand rows
    that beat a hundred thousand poor ones (S10). `capability` is the ability that the example
    represents, a name of `core/prototypes.toml`, "" for none; `prototype` says it in own words, and
    counts before it.
    """

    verdict: Verdict | None = single_choice(
        get_args(Verdict), required=True, ordered=get_args(Verdict)
    )
    quality: int | None = stars(5)
    instruction: str = text_box(draftable=True)
    answer: str = text_box(draftable=True)
    behaviours: tuple[str, ...] = choice_list(BEHAVIOURS, draftable=True, extensible=True)
    noticed: tuple[str, ...] = choice_list(NOTICED, draftable=True, extensible=True)
    issues: tuple[str, ...] = choice_list(ISSUES, extensible=True)
    capability: str = single_choice(
        tuple(prototypes()), draftable=True, extensible=True, added=True
    )
    prototype: str = text_box(draftable=True)
    note: str = text_box()


def to_task(record: Record) -> dict[str, Any]:
    """Return the task data of the instruction kind for a demonstration, or for a prompt alone.

    Fields and errors (BadRow) are those of `response_task`; `prototype` is the record's tag, or "".
    """
    return response_task(record, f"instruction/{VERSION}", prototype=record.tags.prototype)


def to_records(
    task: Mapping[str, Any], answer: Answer, provenance: Provenance, draft: Answer | None = None
) -> tuple[Record, ...]:
    """Return the final demonstration, and the preference pair if the answer was edited.

    The verdict is about the example as it was shown, and what the annotator wrote counts: an answer
    that was rewritten is a demonstration whatever the verdict. Beside a text called good, a draft
    that was left counts for nothing. One that is unusable and was not
    rewritten is a judgement, unless the instruction itself is at fault: then it says nothing about
    the answer. An edited instruction gives no pair, because the answer shown replied to another
    question (letter case and spaces aside).

    Which behaviours stand is `goldleaf.label_configs.response_edit.merge_behaviours`.

    Raises:
        BadRow: `no_decision`, `no_answer`, `nothing_fixed`, `contradicts_itself` (called good, but
            one star or an issue of `SPOILS`), `bad_instruction`, `unknown_draft`, or what
            `demonstration_of` raises.
    """
    if answer.verdict is None:
        raise BadRow("no_decision", "no verdict was given")
    shown = demonstration_of(task, f"instruction/{VERSION}", to_task)
    began = draft or Answer()
    came = shown.response[0].content if shown.response else ""
    prompt = shown.context[-1].content
    text, instruction = (began.answer, answer.answer), (began.instruction, answer.instruction)
    if answer.verdict == "good":
        text = judged_as_shown(came, *text)
        instruction = judged_as_shown(prompt, *instruction)
    given = ResponseEdit(shown, *text, provenance_of(shown, provenance))
    behaviours = merge_behaviours(shown.tags.behaviours, began.behaviours, answer.behaviours)
    if not given.final.strip():
        raise BadRow("no_answer", "there is no answer, neither shown nor written")
    asked = edited_or_original(prompt, instruction[1])
    if answer.verdict == "unusable" and given.origin not in ("edited", "human"):
        return (_rejected(given, answer, behaviours),)
    spoilt = answer.quality == 1 or bool(set(answer.issues) & set(SPOILS))
    if answer.verdict == "good" and spoilt and given.origin not in ("edited", "human"):
        raise BadRow("contradicts_itself", "called good, and marked as wrong, unsafe or one star")
    if answer.verdict == "fixed" and not given.changed and same_text(asked, prompt):
        raise BadRow("nothing_fixed", "the verdict is that it was fixed, but nothing was changed")
    tags = _tags(given, answer, behaviours, corrected=given.changed)
    parent = _edited(given.provenance, shown, asked, instruction[0])
    example = replace(
        shown,
        context=(*shown.context[:-1], replace(shown.context[-1], content=asked)),
        response=given.turns(given.final),
        tags=tags,
        parents=(parent,),
    )
    unusable = answer.verdict == "unusable"
    pair = given.pair("strong" if unusable else "slight", False if unusable else None)
    if pair is None or normalize_prompt(asked) != normalize_prompt(prompt):
        return (example,)
    pair = replace(pair, context=example.context, tags=tags, parents=(parent,))
    return example, pair


def _edited(parent: Provenance, shown: Demonstration, asked: str, draft: str) -> Provenance:
    """Return the parent of an example, which is edited where only its instruction was.

    A first question that was changed is remembered as shown: the split must keep both together.
    The instruction may be one that was drafted (`draft`, "" for none) and left as it was.
    """
    prompt = shown.context[-1].content
    if same_text(asked, prompt):
        return parent
    first = all(turn.role != "user" for turn in shown.context[:-1])
    grown = (
        normalize_prompt(prompt)
        if first and normalize_prompt(asked) != normalize_prompt(prompt)
        else ""
    )
    distance = edit_distance(draft if draft.strip() else prompt, asked)
    by_hand = distance and parent.origin in ("accepted", "human")
    return replace(
        parent,
        origin="edited" if by_hand else parent.origin,
        edit_distance=distance + (parent.edit_distance or 0),
        grown_from=grown,
    )


def _rejected(given: ResponseEdit, answer: Answer, behaviours: tuple[str, ...]) -> Record:
    """Return the thumb down for an answer left uncorrected, cleaned up or not."""
    if "bad_instruction" in answer.issues:
        raise BadRow("bad_instruction", "the instruction itself is unusable")
    if given.origin == "unknown" and not given.kept_original:
        raise BadRow("unknown_draft", "the draft that was on the screen can no longer be read")
    return given.rejected(
        given.shown.response if given.kept_original else given.turns(given.final),
        merge_tags(answer.noticed, answer.issues),
        _tags(given, answer, behaviours, corrected=False),
        given.original_provenance if given.kept_original else given.provenance,
    )


def _tags(
    given: ResponseEdit, answer: Answer, behaviours: tuple[str, ...], *, corrected: bool
) -> Tags:
    """Return the tags; what was wrong is an issue of a kept text, or the reason for its edit.

    A quality that the row came with is the shown text's, not the one's that replaced it.
    """
    tags = given.shown.tags
    found = merge_tags(answer.noticed, answer.issues)
    return replace(
        tags,
        behaviours=behaviours,
        prototype=_prototype(tags.prototype, answer),
        quality=answer.quality or (None if corrected else tags.quality),
        issues=tags.issues if corrected else merge_tags(tags.issues, found),
        reasons=merge_tags(tags.reasons, found) if corrected else tags.reasons,
        note=answer.note or tags.note,
    )


def _prototype(imported: str, answer: Answer) -> str:
    """Return the ability: own words, else what was chosen from the list, else as imported.

    The box holds what was imported; left so, it says nothing.
    """
    own = answer.prototype.strip()
    return own if own and own != imported else answer.capability or imported
