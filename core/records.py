"""The record types: demonstrations (SFT), comparisons (DPO), judgements (KTO).

A record is frozen and holds only plain values. Its identity (`goldleaf.core.record_hash`) depends
on its content alone: tags and provenance may differ between two parents of the same record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from goldleaf.core.behaviours import BUILT_IN, in_group
from goldleaf.core.screen_verdicts import Action

Role: TypeAlias = Literal["system", "user", "assistant", "tool"]
Origin: TypeAlias = Literal["imported", "human", "accepted", "edited", "unknown"]
DraftOutcome: TypeAlias = Literal["accepted", "edited", "overruled", ""]
"""All that was drafted left as it was; a drafted text changed; only drafted choices answered
otherwise, or taken away."""
Strength: TypeAlias = Literal["strong", "slight", "tie", "unknown"]
Source: TypeAlias = Literal["S1", "S2", "S3", "S4", "S5", ""]

BEHAVIOURS = tuple(BUILT_IN)
"""The built-in behaviours (S11-S15); `Tags.behaviours` may hold a user's own, too."""

UNSETTLED = "refusal_unsettled"
"""A refusal that a detector saw and whose prompt was not judged: counted by no share (S12), because
a refusal of a harmless prompt, repeated, teaches over-refusal. A person's answer, or the data's own
label, settles it: then it is one of `JUDGED`."""
PERSON = "person:"
"""Prefix of a `Provenance.annotator` who is a person and not a script."""
JUDGED = in_group("safety")
"""Behaviours that say whether a prompt is harmful, and so how a record stands to refusing."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call of a tool; `arguments` is always an object here, never JSON text.

    `id` links the call to the `Turn.tool_call_id` of its result; "" where the data has none.
    """

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict[str, Any])
    id: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """One message. `content` is never null; `train` false means context only.

    `reasoning` is the thinking before the answer, without `<think>` tags. `tool_call_id` and `name`
    are for role `tool`: the call it answers, and the tool. `train` matters for role `assistant`
    alone.
    """

    role: Role
    content: str = ""
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""
    name: str = ""
    train: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a screen of `goldleaf curate` found of a record; nothing was dropped for it.

    `screen` and `verdict` as in `core/verdicts.toml`; `reason` is for people; `of` names the record
    or evaluation row that this one is like, or the group it belongs to; `score` is 0 to 1; `action`
    is what the profile of the record's source suggests, `profile` that profile's name, "" where it
    suggests nothing. A recipe decides (`screens:`).
    """

    screen: str
    verdict: str
    reason: str = ""
    of: str = ""
    score: float | None = None
    action: Action = "keep"
    profile: str = ""


@dataclass(frozen=True, slots=True)
class Tags:
    """What is known about a record beyond its text; "", () and None mean unknown.

    `behaviours` come from `BEHAVIOURS` or a user's own; `prototype` is the ability that the example
    represents; `language` a code as detected or given; `risk` a name of the refusal kind's
    `risks.toml`; `right_behaviour` is `refuse`, `safe_complete` or `comply`; `quality` 1 to 5, 5
    best; `issues` are faults of the text that was kept; `twin_of` is the prompt or id of its
    look-alike; `signals` map a name to a number, stored as read and never recomputed at export, and
    so are `verdicts`; records with nearly the same prompt share a `prompt_cluster`, and so a side
    of the split; `reasons` and `note` are the annotator's own.
    """

    behaviours: tuple[str, ...] = ()
    prototype: str = ""
    language: str = ""
    risk: str = ""
    right_behaviour: str = ""
    quality: int | None = None
    issues: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    note: str = ""
    twin_of: str = ""
    signals: Mapping[str, float] = field(default_factory=dict[str, float])
    verdicts: tuple[Verdict, ...] = ()
    prompt_cluster: str = ""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a record came from: a line of a file, or one state of one annotation.

    `source` is `S1` to `S5`; `project`, `task` and `annotation` are Label Studio's numbers;
    `updated_at` names the state of the annotation; `kind` has its version (`preference/1`);
    `config_hash` and `guide_hash` name the screen and guide used (`label_configs.kind.short_hash`);
    `drafted_by` is the model of the answer or draft. `origin` of the answer: `imported` (no
    annotator), `human` (written from nothing), `accepted` (left as it was shown), `edited`,
    `unknown` (the draft cannot be read).

    `annotator` is a keyed hash, prefixed `person:` or `script:`; `order_shown` names the answers on
    the screen in their order (`goldleaf.core.record_hash.candidate_id`), one where a single answer
    was shown; `edit_distance` counts characters (Levenshtein) between what was shown and what came
    back: None where the text as imported was kept, or there was none, 0 where a drafted text was
    left as it was; `grown_from` is the first question as it was shown, in the form of
    `goldleaf.core.prompt_normalization`, where the annotator changed it; `reasons` are what this
    annotation says of the answers (`goldleaf.core.criteria`): unlike those in `Tags`, each
    annotator's are kept where records are merged; `adjudicates` is `PROJECT/TASK` of the task whose
    contradictory answers this annotation settles (its own where it is marked as ground truth), ""
    for every other; `draft_outcome` is what an annotation made of the draft that it began from, all
    controls together, "" where there was none.
    """

    source: Source = ""
    file: str = ""
    line: int | None = None
    project: int | None = None
    task: int | None = None
    annotation: int | None = None
    updated_at: str = ""
    annotator: str = ""
    kind: str = ""
    config_hash: str = ""
    guide_hash: str = ""
    order_shown: tuple[str, ...] = ()
    drafted_by: str = ""
    origin: Origin = "imported"
    edit_distance: int | None = None
    grown_from: str = ""
    reasons: tuple[str, ...] = ()
    licence: str = ""
    consent: str = ""
    adjudicates: str = ""
    draft_outcome: DraftOutcome = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One answer among several.

    `rank` 1 is best and may tie, None is not ranked; `score` is on the scale of its file, higher is
    better; `acceptable` None means unknown; `drafted_by` names the model.
    """

    turns: tuple[Turn, ...]
    rank: int | None = None
    score: float | None = None
    acceptable: bool | None = None
    drafted_by: str = ""
    origin: Origin = "imported"


@dataclass(frozen=True, slots=True)
class Demonstration:
    """An answer to learn from (SFT); `response` is empty for a prompt still to be answered."""

    context: tuple[Turn, ...]
    response: tuple[Turn, ...]
    tools: tuple[Mapping[str, Any], ...] = ()
    tags: Tags = Tags()
    parents: tuple[Provenance, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two or more answers to one prompt, ranked or still to be ranked.

    Both bad = no candidate acceptable. Pairs are made at export, by policy; an edit of the winner
    is one more candidate, above it.
    """

    context: tuple[Turn, ...]
    candidates: tuple[Candidate, ...]
    tools: tuple[Mapping[str, Any], ...] = ()
    strength: Strength = "unknown"
    tags: Tags = Tags()
    parents: tuple[Provenance, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a response with its verdict; `good` None means not judged."""

    content: str
    good: bool | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """Thumbs up or down, a rejected answer, or verdicts step by step (KTO, stepwise).

    `good` judges the whole response, None where only its `steps` were judged. `reasons` say why.
    """

    context: tuple[Turn, ...]
    response: tuple[Turn, ...]
    tools: tuple[Mapping[str, Any], ...] = ()
    good: bool | None = None
    steps: tuple[Step, ...] = ()
    reasons: tuple[str, ...] = ()
    tags: Tags = Tags()
    parents: tuple[Provenance, ...] = ()


Record: TypeAlias = Demonstration | Comparison | Judgement
