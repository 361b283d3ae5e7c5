"""What a turn review means: the turns called good are trained on, the rest is context."""

from dataclasses import dataclass, replace
from typing import Literal, get_args

from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import object_or_empty
from goldleaf.core.records import Demonstration
from goldleaf.core.records_jsonl import from_plain, to_plain
from goldleaf.label_configs.control_types import (
    choice_list,
    repeated,
    single_choice,
    stars,
    text_box,
)
from goldleaf.label_configs.display_check import check_shown, with_shown_hash
from goldleaf.label_configs.response_edit import provenance_of
from goldleaf.label_configs.safe_html import to_safe_html

VERSION = 1
TITLES = {"en": "Turn review: which answers are good?", "zh": "逐轮评审：哪些回答是好的？"}
SHOWS = Demonstration
Verdict = Literal["good", "bad"]
TOPICS = ("work", "leisure")


@dataclass(frozen=True, slots=True)
class TurnAnswer:
    """What is said of one answer of the assistant."""

    verdict: Verdict | None = single_choice(get_args(Verdict), draftable=True)
    why: str = text_box()


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything the screen can hold."""

    usable: Literal["yes", "no"] | None = single_choice(("yes", "no"), required=True)
    quality: int | None = stars(3, visible_when=("usable", ("yes",)))
    topics: tuple[str, ...] = choice_list(TOPICS, draftable=True, extensible=True)
    turns: tuple[TurnAnswer, ...] = repeated(TurnAnswer, over="replies")


def to_task(record):
    """Return the task data for a conversation of at least one answer."""
    if not isinstance(record, Demonstration):
        raise BadRow("not_a_demonstration", "this kind shows a conversation")
    replies = [{"shown": to_safe_html(turn.content)} for turn in _replies(record)]
    if not replies:
        raise BadRow("no_answer", "there is no answer to judge")
    asked = "\n\n".join(turn.content for turn in record.context if turn.role != "assistant")
    ours = {"kind": f"turn_review/{VERSION}", "record": to_plain(record)}
    data = {"shown_asked": to_safe_html(asked), "replies": replies, "goldleaf": ours}
    return with_shown_hash(data, record)


def to_records(task, answer, provenance, draft=None):
    """Return the conversation, trained on where its answers are good."""
    if answer.usable is None:
        raise BadRow("no_decision", "nothing was chosen")
    ours = object_or_empty(task.get("goldleaf"))
    shown = from_plain(ours.get("record"))
    if not isinstance(shown, Demonstration):
        raise BadRow("bad_task", "the task data no longer holds what it was made from")
    check_shown(task, shown, f"turn_review/{VERSION}", lambda: to_task(shown))
    if answer.usable == "no":
        raise BadRow("bad_instruction", "the conversation is not usable")
    good = iter([turn.verdict != "bad" for turn in answer.turns])
    turns = [
        replace(turn, train=next(good)) if turn.role == "assistant" else turn
        for turn in (*shown.context, *shown.response)
    ]
    tags = replace(
        shown.tags,
        quality=answer.quality,
        signals={f"topic_{topic}": 1.0 for topic in answer.topics},
        note=" ".join(turn.why.strip() for turn in answer.turns).strip(),
    )
    cut = len(shown.context)
    changed = replace(shown, context=tuple(turns[:cut]), response=tuple(turns[cut:]), tags=tags)
    return (replace(changed, parents=(provenance_of(shown, provenance),)),)


def _replies(record):
    return [turn for turn in (*record.context, *record.response) if turn.role == "assistant"]
