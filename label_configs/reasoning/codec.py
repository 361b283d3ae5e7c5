"""Codec of the reasoning kind: steps judged, a chain corrected, a draft criticised and revised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias, get_args

from goldleaf.core.errors import BadRow
from goldleaf.core.records import Demonstration, Judgement, Provenance, Record, Step, Tags, Turn
from goldleaf.core.records_jsonl import to_plain
from goldleaf.core.text_comparison import same_text
from goldleaf.label_configs.control_types import choice_list, repeated, single_choice, text_box
from goldleaf.label_configs.display_check import check_shown, imported_record, with_shown_hash
from goldleaf.label_configs.reasoning.chain import (
    BETWEEN,
    Chain,
    chain_of,
    parse_turn,
    turn_of,
    turn_text,
)
from goldleaf.label_configs.response_edit import (
    ResponseEdit,
    check_one_answer,
    edited_or_original,
    merge_tags,
    provenance_of,
)
from goldleaf.label_configs.safe_html import raw_html, to_safe_html
from goldleaf.label_configs.shown_provenance import prompt_html

VERSION = 1
TITLES = {"en": "Reasoning: which step goes wrong?", "zh": "推理：哪一步出了错？"}

SHOWS = Demonstration | Judgement

MAX_STEPS = 60
"""Steps of one chain: no person judges more of them one by one, and each costs the page a row."""

Verdict: TypeAlias = Literal["good", "neutral", "bad"]
"""Of one step: it is right and gets on; it is right and does not; it is wrong."""
Decision: TypeAlias = Literal["right", "wrong"]
"""Of the chain as it came with its final answer: the annotator's final word."""
NOTICED = ("empty", "no_final", "slip")
"""What a program sees: there is no chain; no final answer is marked; an equation does not hold."""
ISSUES = ("arithmetic", "logic", "misread", "unsupported", "gap", "unclear")
"""What is wrong with the chain as it came: the annotator's own word."""


@dataclass(frozen=True, slots=True)
class StepAnswer:
    """What is said of one step; None for a step that was not marked."""

    verdict: Verdict | None = single_choice(get_args(Verdict), ordered=get_args(Verdict))


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything the screen can say; `decision` None is a draft or an unfinished answer.

    `chain` and `final` hold the whole text of their boxes, "" where nothing was written: what was
    shown then counts. `critique` says what is wrong with the draft and why; with a corrected chain
    it makes the answer a reflection.
    """

    steps: tuple[StepAnswer, ...] = repeated(StepAnswer, over="steps")
    decision: Decision | None = single_choice(get_args(Decision), required=True)
    chain: str = text_box(draftable=True)
    final: str = text_box(draftable=True)
    critique: str = text_box(draftable=True)
    noticed: tuple[str, ...] = choice_list(NOTICED, draftable=True, extensible=True)
    issues: tuple[str, ...] = choice_list(ISSUES, extensible=True)
    note: str = text_box()


def to_task(record: Record) -> dict[str, Any]:
    """Return the task data for a prompt with a chain of reasoning, or without one.

    Verdicts that its steps have already are not shown. Fields: `prompt`, `chain`, `final` as text;
    `shown_prompt`, `shown_final` and, in a fold, `shown_raw` as safe HTML; `steps`, a list of
    objects with `shown`; `goldleaf`.

    Raises:
        BadRow: `not_a_demonstration`, `no_prompt`, `needs_dialogue_screen`, `needs_tool_screen`,
            `too_many_steps` or `bad_unicode`.
    """
    if not isinstance(record, Demonstration | Judgement):
        raise BadRow("not_a_demonstration", "this kind shows one prompt with one answer, or none")
    check_one_answer(record)
    came = chain_of(record)
    if len(came.steps) > MAX_STEPS:
        raise BadRow("too_many_steps", f"{len(came.steps)} steps; the kind takes {MAX_STEPS}")
    data = {
        "prompt": record.context[-1].content,
        "chain": came.text,
        "final": came.final,
        "shown_prompt": prompt_html(record, record.context),
        "shown_final": to_safe_html(came.final),
        "shown_raw": raw_html(came.text) if came.text.strip() else "",
        "steps": [{"shown": to_safe_html(step)} for step in came.steps],
        "goldleaf": {"kind": f"reasoning/{VERSION}", "record": to_plain(record)},
    }
    return with_shown_hash(data, record)


def to_records(
    task: Mapping[str, Any], answer: Answer, provenance: Provenance, draft: Answer | None = None
) -> tuple[Record, ...]:
    """Return what was decided: step verdicts, the chain that stands, and the pair of a correction.

    A chain called right is a demonstration, its unmarked steps are good. One called wrong ends, as
    step verdicts, with the first wrong step unless later ones were marked too; corrected it is a
    demonstration and a pair, left it is a thumb down. Whatever stands has its reasoning apart, so
    that two annotators who disagree on a chain are seen to. A correction with a critique is a
    reflection: the demonstration thinks the draft, the critique and the revision. A revision or a
    critique that was drafted and left as it was, under a chain called right, counts for nothing,
    unless it stands beside a chain that was edited by hand.

    Raises:
        BadRow: `no_decision`, `no_answer`, `contradicts_itself`, `no_wrong_step`, or `bad_task` and
            `unknown_version`.
    """
    if answer.decision is None:
        raise BadRow("no_decision", "nothing was chosen")
    record = _record_of(task)
    came = chain_of(record)
    if answer.decision == "right" and draft:
        answer = _without_drafted_revision(answer, draft, came.text)
    left = edited_or_original(came.text, answer.chain)
    final = edited_or_original(came.final, answer.final)
    if not left.strip():
        raise BadRow("no_answer", "there is no answer, neither shown nor written")
    rewritten = not same_text(left, came.text)
    corrected = rewritten or bool(came.final.strip() and not same_text(final, came.final))
    wrong = _first_wrong(answer)
    if answer.decision == "right" and wrong:
        raise BadRow("contradicts_itself", f"called right, and step {wrong} is marked as wrong")
    if answer.decision == "wrong" and came.steps and not wrong and not corrected:
        raise BadRow("no_wrong_step", "called wrong, but no step is marked as wrong")
    given = _edit(record, came, (left, final, rewritten), provenance, draft)
    tags = _tags(given, answer, corrected=corrected and bool(came.steps))
    made: list[Record] = []
    if came.steps:
        made.append(_judged_steps(record, came, answer, given, wrong))
    if answer.decision == "wrong" and not corrected and came.steps:
        found = merge_tags(answer.noticed, answer.issues)
        made.append(given.rejected(given.shown.response, found, tags, given.original_provenance))
        return tuple(made)
    parents = (given.provenance,)
    response = given.turns(given.final)
    reflects = corrected and bool(came.steps) and bool(answer.critique.strip())
    if reflects:
        thought = (came.text.strip(), answer.critique.strip(), response[0].reasoning)
        response = (replace(response[0], reasoning="\n\n".join(filter(None, thought))),)
        tags = replace(tags, behaviours=merge_tags(tags.behaviours, ("reflection",)))
    made.append(replace(given.shown, response=response, tags=tags, parents=parents))
    pair = given.pair("strong" if wrong else "slight", False if wrong else None)
    if corrected and pair is not None:
        made.append(replace(pair, tags=tags, parents=parents))
    return tuple(made)


def _without_drafted_revision(answer: Answer, draft: Answer, came: str) -> Answer:
    """Return an answer without what a model would have had corrected, where nobody touched it.

    A final answer that was drafted without another chain is that of the chain as it came (`came`):
    it stays. With a chain that was edited by hand all stays: what was drafted is of that chain.
    """
    if answer.chain.strip() and not any(same_text(answer.chain, t) for t in (came, draft.chain)):
        return answer
    revised = bool(draft.chain.strip())
    left = {
        name: ""
        for name in ("chain", "final", "critique")
        if (drafted := str(getattr(draft, name))).strip()
        and same_text(drafted, getattr(answer, name))
        and (name != "final" or revised)
    }
    return replace(answer, **left)


class _ChainEdit(ResponseEdit):
    """A chain and its final answer as one text, the chain in a `<think>` block."""

    __slots__ = ()

    @property
    def original(self) -> str:
        return turn_text(self.shown.response[0]) if self.shown.response else ""

    def turns(self, text: str) -> tuple[Turn, ...]:
        """Return the turn of a text that holds a chain."""
        return (parse_turn(text),)


def _edit(
    record: Demonstration | Judgement,
    came: Chain,
    left: tuple[str, str, bool],
    provenance: Provenance,
    draft: Answer | None,
) -> _ChainEdit:
    """Return the edit of a chain; `left` is (its text, its final answer, whether it was rewritten).

    A final answer that was only filled in corrects nothing: it is that of the chain as it came. A
    draft counts as a text of its own where it rewrote the chain.
    """
    text, final, rewritten = left
    filled = final if not came.final.strip() and not rewritten else came.final
    response = (turn_of(came.text, filled),) if came.text.strip() else ()
    shown = Demonstration(record.context, response, record.tools, record.tags, record.parents)
    drafted = ""
    if draft and draft.chain.strip():
        drafted = turn_text(turn_of(draft.chain, draft.final or came.final))
    return _ChainEdit(
        shown, drafted, turn_text(turn_of(text, final)), provenance_of(shown, provenance)
    )


def _first_wrong(answer: Answer) -> int:
    """Return the number of the first wrong step, from 1; 0 for none."""
    verdicts = [step.verdict for step in answer.steps]
    return verdicts.index("bad") + 1 if "bad" in verdicts else 0


def _judged_steps(
    record: Demonstration | Judgement, came: Chain, answer: Answer, given: _ChainEdit, wrong: int
) -> Judgement:
    """Return the verdicts on the steps, up to the first one behind an error that was not marked.

    A neutral step is not wrong, so it is good; its number is kept among the signals.
    """
    verdicts: list[Verdict | None] = [step.verdict for step in answer.steps]
    count = len(came.steps)
    if wrong:
        behind = enumerate(verdicts[wrong:], wrong)
        count = next((place for place, verdict in behind if verdict is None), count)
    signals = {
        f"neutral_step_{n}": 1.0 for n, v in enumerate(verdicts[:count], 1) if v == "neutral"
    }
    if wrong:
        signals["first_wrong_step"] = float(wrong)
    tags = record.tags
    tags = replace(
        tags,
        signals={**tags.signals, **signals},
        issues=merge_tags(tags.issues, merge_tags(answer.noticed, answer.issues)),
        note=answer.note or tags.note,
    )
    judged = tuple(
        Step(text, verdict != "bad")
        for text, verdict in zip(came.steps[:count], verdicts, strict=False)
    )
    response = (Turn("assistant", BETWEEN.join(came.steps[:count])),)
    return Judgement(
        record.context, response, steps=judged, tags=tags, parents=(given.original_provenance,)
    )


def _record_of(task: Mapping[str, Any]) -> Demonstration | Judgement:
    """Return the record that a task was made from; BadRow if it does not show that record."""
    record = imported_record(task)
    if not isinstance(record, Demonstration | Judgement) or not record.context:
        raise BadRow("bad_task", "the task data no longer holds what it was made from")
    came = chain_of(record)
    if (task.get("chain"), task.get("final")) != (came.text, came.final):
        raise BadRow("bad_task", "what was shown is not what the task was made from")
    check_shown(task, record, f"reasoning/{VERSION}", lambda: to_task(record))
    return record


def _tags(given: _ChainEdit, answer: Answer, *, corrected: bool) -> Tags:
    """Return the tags; what was wrong is an issue of a kept chain, or the reason for its edit."""
    tags = given.shown.tags
    found = merge_tags(answer.noticed, answer.issues)
    note = answer.note if corrected else "\n".join(filter(None, (answer.note, answer.critique)))
    return replace(
        tags,
        behaviours=merge_tags(tags.behaviours, ("reasoning_chain",)),
        issues=tags.issues if corrected else merge_tags(tags.issues, found),
        reasons=merge_tags(tags.reasons, found) if corrected else tags.reasons,
        note=note or tags.note,
    )
