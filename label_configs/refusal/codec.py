"""Codec of the refusal kind: the right behaviour, what the answer did, its correction (S12)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any, Literal, TypeAlias, get_args

from goldleaf.core.criteria import reasons_of
from goldleaf.core.errors import BadRow
from goldleaf.core.records import JUDGED, UNSETTLED, Demonstration, Provenance, Record, Tags
from goldleaf.label_configs.choice_lists import load_choices
from goldleaf.label_configs.control_types import choice_list, single_choice, text_box
from goldleaf.label_configs.response_edit import (
    ResponseEdit,
    demonstration_of,
    merge_tags,
    provenance_of,
    response_task,
)

VERSION = 1
TITLES = {"en": "Refusal: what is the right answer?", "zh": "拒答：怎样回答才对？"}

SHOWS = Demonstration

Decision: TypeAlias = Literal["harmful_refuse", "harmful_safe", "benign_safe", "benign_comply"]
"""Harmful prompt or harmless look-alike, and what is right: the annotator's final word."""
Did: TypeAlias = Literal["full_refusal", "partial_refusal", "safe_complete", "comply", "empty"]
"""What the answer shown did."""
SHOWN_BY_WORDING: tuple[Did, ...] = ("full_refusal", "partial_refusal", "empty")
"""What wording alone shows. That no refusal was found does not tell help from a safe completion."""
RISKS = load_choices(files("goldleaf.label_configs.refusal"), "risks.toml")
"""Names and titles of the risk taxonomy, in the order of the screen; extended in that file."""
NO_RISK = "none"
"""The risk of a prompt that does not even look harmful."""
ISSUES = ("leaks", "no_alternative", "untrue", "language")
"""What is wrong with the answer shown, beyond what it did: the annotator's own."""
STYLE = ("preachy", "curt", "evasive", "warm")
"""How the answer shown speaks; all but the last are faults."""
STYLE_WAS_ISSUE = ("preachy", "curt")
"""What older screens had among the issues."""
WARM = "warm"
AIMS = ("explain_why", "offer_alternative", "give_resources", "ask_intent")
"""What a good answer to this prompt does instead, or beside: the annotator's own word."""
SPOILS = ("leaks", "untrue")
"""Issues that spoil an answer whatever it did: left as it is, it is a bad example."""

_RIGHT: dict[Decision, tuple[str, Did]] = {
    "harmful_refuse": ("refuse", "full_refusal"),
    "harmful_safe": ("safe_complete", "safe_complete"),
    "benign_safe": ("safe_complete", "safe_complete"),
    "benign_comply": ("comply", "comply"),
}
"""What each decision means: `Tags.right_behaviour`, and what an answer that is right does."""
_TAUGHT = (*JUDGED, UNSETTLED)
"""The behaviours this kind decides on."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything the screen can say; `decision` None is a draft or an unfinished answer.

    `risk` is a name in `risks.toml` (or one that a project added), "" where nothing was chosen;
    `style` is how the answer shown speaks, `aims` what a good one does. `corrected` holds the whole
    text of its box; `twin` is the prompt (or the id) of the look-alike.
    """

    decision: Decision | None = single_choice(get_args(Decision), required=True)
    did: Did | None = single_choice(
        get_args(Did), required=True, draftable=True, rules_draft=SHOWN_BY_WORDING
    )
    risk: str = single_choice(tuple(RISKS), required=True, draftable=True, extensible=True)
    corrected: str = text_box(draftable=True)
    style: tuple[str, ...] = choice_list(STYLE, extensible=True, added=True)
    aims: tuple[str, ...] = choice_list(AIMS, extensible=True, added=True)
    issues: tuple[str, ...] = choice_list(ISSUES, extensible=True, retired_choices=STYLE_WAS_ISSUE)
    twin: str = text_box()
    note: str = text_box()


def to_task(record: Record) -> dict[str, Any]:
    """Return the task data of the refusal kind for a prompt with its answer or without one.

    Fields and errors (BadRow) are those of `response_task`; `twin` is the record's `twin_of`, or
    "".
    """
    return response_task(record, f"refusal/{VERSION}", twin=record.tags.twin_of)


def to_records(
    task: Mapping[str, Any], answer: Answer, provenance: Provenance, draft: Answer | None = None
) -> tuple[Record, ...]:
    """Return the records of a judged prompt and its answer: demonstration, pair or judgement.

    A corrected answer is a demonstration, and above the answer shown a pair. An answer that did the
    right thing and was left is a demonstration. One that did the wrong thing, or has an issue of
    `SPOILS`, and was left, or only tidied by a draft, is a judgement: KTO learns from it. What the
    answer did is `empty` for a prompt alone, whatever was chosen.

    Faults of style are issues of the answer like others, `aims` reasons of the prompt's tags; each
    annotator's own are in the parent's `reasons`.

    Raises:
        BadRow: `no_decision`, `no_answer`, or what `demonstration_of` raises.
    """
    if answer.decision is None:
        raise BadRow("no_decision", "the right behaviour was not chosen")
    shown = demonstration_of(task, f"refusal/{VERSION}", to_task)
    parent = replace(provenance_of(shown, provenance), reasons=_said(answer))
    given = ResponseEdit(shown, draft.corrected if draft else "", answer.corrected, parent)
    did = answer.did if given.original.strip() else "empty"
    if did is None:
        raise BadRow("no_decision", "what the answer did was not chosen")
    if not given.final.strip():
        raise BadRow("no_answer", "there is no answer, neither shown nor written")
    done = did == _RIGHT[answer.decision][1]
    right = done and not set(answer.issues) & set(SPOILS)
    if given.kept_original and not right:
        return (_rejected(given, answer, () if done else (did,)),)
    faults = () if done or did == "empty" else (did,)
    found = merge_tags(faults, _faults(answer))
    tags = _tags(given, answer)
    tags = replace(
        tags,
        behaviours=merge_tags(tags.behaviours, _behaviours(answer)),
        issues=tags.issues if given.changed else merge_tags(tags.issues, found),
        reasons=merge_tags(tags.reasons, found) if given.changed else tags.reasons,
        quality=None if given.changed else tags.quality,  # it was the other text's
    )
    example = replace(
        shown, response=given.turns(given.final), tags=tags, parents=(given.provenance,)
    )
    pair = given.pair("slight" if right else "strong", None if right else False)
    if pair is None:
        return (example,)
    return example, replace(pair, tags=tags, parents=(given.provenance,))


def _behaviours(answer: Answer) -> tuple[str, ...]:
    """Return what the right answer teaches.

    A harmless look-alike counts as a benign twin however much care its answer takes, never as a
    safe completion: that would make it a part of the refusal share. A prompt that does not even
    look harmful is neither.
    """
    match answer.decision:
        case "harmful_refuse":
            return ("refusal",)
        case "harmful_safe":
            return ("safe_completion",)
        case _:
            return () if answer.risk == NO_RISK else ("benign_twin",)


def _rejected(given: ResponseEdit, answer: Answer, did: tuple[Did, ...]) -> Record:
    """Return the thumb down for an answer that did the wrong thing, or badly, and was left."""
    faults = merge_tags(did, _faults(answer))
    tags = _tags(given, answer)
    return given.rejected(
        given.shown.response,
        faults,
        replace(tags, issues=merge_tags(tags.issues, faults)),
        given.original_provenance,
    )


def _tags(given: ResponseEdit, answer: Answer) -> Tags:
    """Return the tags of the prompt: none of the behaviours this kind decides on is left over."""
    tags = given.shown.tags
    decided = _RIGHT[answer.decision][0] if answer.decision else tags.right_behaviour
    return replace(
        tags,
        behaviours=tuple(name for name in tags.behaviours if name not in _TAUGHT),
        risk=answer.risk or tags.risk,
        right_behaviour=decided,
        twin_of=answer.twin.strip() or tags.twin_of,
        reasons=merge_tags(tags.reasons, answer.aims),
        note=answer.note or tags.note,
    )


def _faults(answer: Answer) -> tuple[str, ...]:
    """Return what is wrong with the answer shown, its style included."""
    return merge_tags(answer.issues, tuple(name for name in answer.style if name != WARM))


def _said(answer: Answer) -> tuple[str, ...]:
    """Return what the annotator says of the answer shown (A), and of a good one."""
    good = (WARM,) if WARM in answer.style else ()
    return (*reasons_of("a", good, _faults(answer)), *answer.aims)
