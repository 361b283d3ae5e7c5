r"""Verdicts on the steps of an answer, for TRL's PRM trainer and axolotl's `stepwise_supervised`.

    {"prompt": "2+2*3?\n", "completions": ["2*3 is 6.", "2+6 is 9."], "labels": [true, false]}

These trainers join prompt and steps as plain text, without a chat template, and put a line feed
behind every step, on which the verdict is learned. They put nothing between prompt and first step,
so the prompt is written with its own line feed. There is no place for a second turn, a system turn
or a tool, and none for a step without a verdict.
"""

from __future__ import annotations

from typing import Any

from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import list_or_none
from goldleaf.core.records import Judgement, Step, Turn
from goldleaf.formats.boolean_labels import verdict_of
from goldleaf.formats.format import Row
from goldleaf.formats.read_messages import answer_of, text_of
from goldleaf.formats.write_messages import without_calls

BETWEEN = "\n"
"""What the trainers put behind every step."""


def is_steps(row: Row) -> bool:
    """Return whether a row has a text `prompt` and lists `completions` and `labels`.

    Their lengths are not compared.
    """
    lists = isinstance(row.get("completions"), list) and isinstance(row.get("labels"), list)
    return lists and isinstance(row.get("prompt"), str)


def read_steps(row: Row) -> Judgement:
    """Return the judgement, with the steps joined by line feeds to its answer.

    There is no verdict on the whole (`good` is None).

    Raises:
        BadRow: `no_prompt`, `bad_steps` (not a verdict for each step), `empty_response`,
            `bad_label` or what `text_of` raises.
    """
    prompt = text_of(row.get("prompt"), "prompt").removesuffix(BETWEEN)
    if not prompt.strip():
        raise BadRow("no_prompt", "the prompt is empty")
    texts, labels = list_or_none(row.get("completions")), list_or_none(row.get("labels"))
    if not texts or labels is None or len(texts) != len(labels):
        raise BadRow("bad_steps", f"{len(texts or ())} steps and {len(labels or ())} verdicts")
    steps = tuple(
        Step(answer_of(text, f"completions[{n}]"), verdict_of(label))
        for n, (text, label) in enumerate(zip(texts, labels, strict=True))
    )
    answer = Turn("assistant", BETWEEN.join(step.content for step in steps))
    return Judgement((Turn("user", prompt),), (answer,), steps=steps)


def step_row(record: Judgement) -> dict[str, Any]:
    """Return the row of an answer whose every step was judged.

    Raises:
        BadRow: `multi_turn_prompt`, `tools_unsupported`, `step_unjudged`, `steps_differ`, or what
            `answer_of` raises.
    """
    without_calls((*record.context, *record.response), record.tools, "steps are plain text")
    if len(record.context) != 1:
        raise BadRow("multi_turn_prompt", "steps follow one question of plain text")
    if any(step.good is None for step in record.steps):
        raise BadRow("step_unjudged", "a step has no verdict, good or bad")
    steps = [answer_of(step.content, "a step") for step in record.steps]
    if not _tell(record.response, steps):
        raise BadRow("steps_differ", "the steps are not what the answer says")
    return {
        "prompt": text_of(record.context[0].content, "prompt") + BETWEEN,
        "completions": steps,
        "labels": [step.good for step in record.steps],
    }


def _tell(response: tuple[Turn, ...], steps: list[str]) -> bool:
    """Return whether steps are an answer cut up, whatever white space stood between them."""
    if len(response) != 1 or response[0].reasoning:
        return False
    return response[0].content.split() == BETWEEN.join(steps).split()
