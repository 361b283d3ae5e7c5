"""Codec of the tool_use kind: the call, JSON or SQL that is right, or the words instead (S13)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias, get_args

from goldleaf.core.errors import BadRow
from goldleaf.core.records import UNSETTLED, Demonstration, Provenance, Record, Tags, Turn
from goldleaf.core.records_jsonl import to_plain
from goldleaf.core.text_comparison import same_text
from goldleaf.label_configs.control_types import choice_list, single_choice, text_box
from goldleaf.label_configs.display_check import check_shown, imported_record, with_shown_hash
from goldleaf.label_configs.response_edit import ResponseEdit, merge_tags, provenance_of
from goldleaf.label_configs.safe_html import conversation_html, to_safe_html
from goldleaf.label_configs.shown_provenance import prompt_html
from goldleaf.label_configs.tool_use.call_text import parse_turn, turn_text
from goldleaf.label_configs.tool_use.check_output import check_calls, check_plain, check_structured
from goldleaf.label_configs.tool_use.tools_html import code_html, tools_html

VERSION = 1
TITLES = {"en": "Tool use: which call is right?", "zh": "工具调用：怎样调用才对？"}

SHOWS = Demonstration

Decision: TypeAlias = Literal["call", "structured", "no_tool", "ask", "cannot", "bad"]
"""What is right here, and so how the box is read: the annotator's final word.

A call; JSON or SQL; words, because no tool is needed, something must be asked for first, or no
tool there is can do it. `bad`: what came is wrong and is left.
"""
NOTICED = ("empty", "broken", "undeclared", "misfit", "as_text")
"""What a program sees of the output as it came: there is none; it cannot be parsed; it calls what
is not declared; arguments do not fit their schema; a call stands in the text."""
ISSUES = ("wrong_tool", "wrong_values", "invented", "missing_call", "needless", "unsafe")
"""What is wrong with the output as it came: the annotator's own word."""

_TEACHES: dict[Decision, str] = {
    "call": "tool_call",
    "structured": "structured_output",
    "no_tool": "no_tool",
    "ask": "no_tool",
    "cannot": "beyond_tools",
}
_TAUGHT = frozenset(_TEACHES.values())


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything the screen can say; `decision` None is a draft or an unfinished answer.

    `output` holds the whole text of the box: calls as JSON, JSON, SQL, or words; "" where nothing
    was written: the output shown then counts.
    """

    decision: Decision | None = single_choice(get_args(Decision), required=True)
    output: str = text_box(draftable=True)
    noticed: tuple[str, ...] = choice_list(NOTICED, draftable=True, extensible=True)
    issues: tuple[str, ...] = choice_list(ISSUES, extensible=True)
    note: str = text_box()


def to_task(record: Record) -> dict[str, Any]:
    """Return the task data for a conversation: its last call, or where it has none its last answer.

    A prompt without an answer is shown with an empty box. What followed the call stays visible
    below it. Fields: `prompt`, `output` as text; `shown_prompt`, `shown_tools`, `shown_output` as
    safe HTML; `goldleaf`.

    Raises:
        BadRow: `not_a_demonstration`, `no_prompt`, `role_order`, `needs_reasoning_screen` or
            `bad_unicode`.
    """
    if not isinstance(record, Demonstration):
        raise BadRow("not_a_demonstration", "this kind shows one conversation")
    shown, after = _cut(record)
    if not any(turn.role == "user" and turn.content.strip() for turn in shown.context):
        raise BadRow("no_prompt", "there is no prompt to answer")
    if any(turn.role != "assistant" for turn in shown.response):
        raise BadRow("role_order", "the answer must be a turn of the assistant")
    if any(turn.reasoning for turn in shown.response):
        raise BadRow("needs_reasoning_screen", "this screen does not show reasoning")
    asked = next(turn for turn in reversed(shown.context) if turn.role == "user")
    data = {
        "prompt": asked.content,
        "output": _output(shown),
        "shown_prompt": prompt_html(record, shown.context),
        "shown_tools": tools_html(record.tools),
        "shown_output": _shown_output(shown, after),
        "goldleaf": {"kind": f"tool_use/{VERSION}", "record": to_plain(record)},
    }
    return with_shown_hash(data, record)


def to_records(
    task: Mapping[str, Any], answer: Answer, provenance: Provenance, draft: Answer | None = None
) -> tuple[Record, ...]:
    """Return what was decided: a demonstration, with a pair if the output was corrected.

    An output that the annotator calls wrong, or that is a call where words are right, and that was
    left, is a judgement: thumb down. A call that was left keeps what followed it; one that was
    changed ends the conversation, because what followed answered another call.

    Raises:
        BadRow: `no_decision`; `no_answer`; `contradicts_itself`; what is wrong with the box:
            `call_json`, `no_tools`, `tool_unknown`, `args_schema`, `output_form`,
            `tool_call_inline`; or `bad_task` and `unknown_version`.
    """
    if answer.decision is None:
        raise BadRow("no_decision", "nothing was chosen")
    whole = _record_of(task)
    shown, _ = _cut(whole)
    given = _OutputEdit(
        shown,
        _same_or(shown, draft.output if draft else ""),
        _same_or(shown, answer.output),
        provenance_of(shown, provenance),
        answer.decision == "call",
    )
    left_call = answer.decision not in ("call", "bad") and _calls(shown) and not given.changed
    if answer.decision == "bad" or left_call:
        return (_rejected(given, answer),)
    if not given.final.strip():
        raise BadRow("no_answer", "there is no answer, neither shown nor written")
    final = _checked(given, answer.decision)
    tags = _tags(given, answer)
    parents = (given.provenance,)
    if not given.changed:
        return (replace(whole, tags=tags, parents=parents),)
    example = replace(shown, response=final, tags=tags, parents=parents)
    wrong = bool(answer.issues or answer.noticed) or _other_form(shown, answer.decision)
    pair = given.pair("strong" if wrong else "slight", False if wrong else None)
    return (example,) if pair is None else (example, replace(pair, tags=tags, parents=parents))


@dataclass(frozen=True, slots=True)
class _OutputEdit(ResponseEdit):
    """An output as text; with `calls` the final text holds calls, whatever came."""

    calls: bool = False

    @property
    def original(self) -> str:
        return _output(self.shown)

    @property
    def changed(self) -> bool:
        """Whether the final output is another, or a call that came written out is made one."""
        made_one = self.calls and bool(self.shown.response) and not _calls(self.shown)
        return made_one or not same_text(self.final, self.original)

    def turns(self, text: str) -> tuple[Turn, ...]:
        """Return the turn of a text: of the final one with calls or in words, as was decided.

        Any other text, a draft, makes calls if they can be read from it and tools are declared.
        """
        before = self.shown.response[0] if self.shown.response else Turn("assistant")
        if text == self.final:
            if not self.changed:
                return self.shown.response
            if self.calls:
                return (parse_turn(text, before),)
        elif self.shown.tools:
            try:
                return (parse_turn(text, before),)
            except BadRow:
                pass  # a draft in words
        return (Turn("assistant", text, train=before.train),)


def _cut(record: Demonstration) -> tuple[Demonstration, tuple[Turn, ...]]:
    """Return a record that ends with the turn to judge, and the turns after that one."""
    turns = (*record.context, *record.response)
    calling = [place for place, turn in enumerate(turns) if turn.tool_calls]
    place = calling[-1] if calling else len(turns) - 1 if record.response else len(turns)
    cut = replace(record, context=turns[:place], response=turns[place : place + 1])
    return cut, turns[place + 1 :]


def _output(shown: Demonstration) -> str:
    return turn_text(shown.response[0]) if shown.response else ""


def _calls(shown: Demonstration) -> bool:
    return any(turn.tool_calls for turn in shown.response)


def _shown_output(shown: Demonstration, after: Sequence[Turn]) -> str:
    found = [to_safe_html(turn.content) for turn in shown.response]
    if _calls(shown):
        found.append(code_html(_output(replace(shown, response=_silent(shown.response)))))
    if after:
        follows = conversation_html(after)
        found.append(f'<details class="gl-after"><summary></summary>{follows}</details>')
    return "".join(found)


def _silent(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    return tuple(replace(turn, content="") for turn in turns)


def _record_of(task: Mapping[str, Any]) -> Demonstration:
    """Return the record that a task was made from; BadRow if it does not show that record."""
    record = imported_record(task)
    if not isinstance(record, Demonstration) or not record.context:
        raise BadRow("bad_task", "the task data no longer holds what it was made from")
    if task.get("output") != _output(_cut(record)[0]):
        raise BadRow("bad_task", "what was shown is not what the task was made from")
    check_shown(task, record, f"tool_use/{VERSION}", lambda: to_task(record))
    return record


def _same_or(shown: Demonstration, text: str) -> str:
    """Return a text, or the output as it came where the text says and calls the same.

    Calls are compared by what they call, not by how their JSON is laid out.
    """
    if not text.strip() or not _calls(shown):
        return text
    try:
        turn = parse_turn(text, shown.response[0])
    except BadRow:
        return text
    came = shown.response[0]
    same = turn.tool_calls == came.tool_calls and same_text(turn.content, came.content)
    return _output(shown) if same else text


def _checked(given: _OutputEdit, decision: Decision) -> tuple[Turn, ...]:
    """Return the final output as turns; BadRow if it is not what was decided."""
    turns = given.turns(given.final)
    match decision:
        case "call":
            check_calls(turns[0].tool_calls, given.shown.tools)
        case "structured":
            check_structured(given.final)
        case _:
            check_plain(given.final, given.shown.tools)
    return turns


def _other_form(shown: Demonstration, decision: Decision) -> bool:
    """Return whether a call was right and words came, or the other way round."""
    return bool(shown.response) and _calls(shown) != (decision == "call")


def _rejected(given: _OutputEdit, answer: Answer) -> Record:
    """Return the thumb down for an output that is wrong and was left."""
    if not given.original.strip():
        raise BadRow("no_answer", "there is no answer, neither shown nor written")
    if given.changed and given.origin != "accepted":
        raise BadRow("contradicts_itself", "called wrong and left, but the box was edited")
    why = () if answer.decision in ("bad", None) else (answer.decision,)
    faults = merge_tags(merge_tags(why, answer.noticed), answer.issues)
    tags = given.shown.tags
    tags = replace(tags, issues=merge_tags(tags.issues, faults), note=answer.note or tags.note)
    return given.rejected(given.shown.response, faults, tags, given.original_provenance)


def _tags(given: _OutputEdit, answer: Answer) -> Tags:
    """Return the tags; what was wrong is an issue of an output that was kept, or why it was not.

    What the output teaches is told anew. A refusal that nobody has judged is judged by `cannot`,
    and is gone with the text that refused.
    """
    tags = given.shown.tags
    settled = given.changed or answer.decision == "cannot"
    kept = [
        name
        for name in tags.behaviours
        if name not in _TAUGHT and not (settled and name == UNSETTLED)
    ]
    taught = _TEACHES.get(answer.decision, "") if answer.decision else ""
    found = merge_tags(answer.noticed, answer.issues)
    return replace(
        tags,
        behaviours=merge_tags(tuple(kept), (taught,) if taught else ()),
        issues=tags.issues if given.changed else merge_tags(tags.issues, found),
        reasons=merge_tags(tags.reasons, found) if given.changed else tags.reasons,
        note=answer.note or tags.note,
    )
