"""Of a record, the prompt to sample answers to and what a program holds them against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from goldleaf.core.errors import BadRow
from goldleaf.core.records import Demonstration, Provenance, Record
from goldleaf.curation.answer_checks.exact_checks import MATH_CORRECT
from goldleaf.curation.answer_checks.ground_truth import ground_truth
from goldleaf.trainers.trl import rows as trl

EXPERT: Final = "S4"
"""Rows of this source are an expert's own word."""
_SETTLED = ("human", "edited", "accepted")

LOSSY_FIELDS = (
    *(loss for loss in trl.LOSSY_FIELDS if loss[0] in ("tags", "parents")),
    ("turn.train", "the prompt is never learned"),
    ("response.words", "the model writes the answer itself; what is checked of it is kept"),
    ("response.beside_demonstration", "a pair or a verdict has no answer known to be right"),
)


@dataclass(frozen=True, slots=True)
class CheckedAnswer:
    """`prompt`: messages; `truth`: what an answer must come to; `verifier`: how that is seen."""

    prompt: list[dict[str, Any]]
    truth: str
    verifier: str


def checked_answer(record: Record) -> CheckedAnswer:
    """Return what reinforcement learning needs of a demonstration.

    Its answer must be checked: by a person, by an expert (S4), or by a known result
    (the signal `math_correct`). A model's own answer that nobody looked at is no truth.

    Raises:
        BadRow: `no_ground_truth` (no answer that a program can check), `answer_unchecked`,
            `tools_unsupported`, or what `goldleaf.trainers.trl.rows.write` raises.
    """
    (row,) = trl.write(record).values()
    if not isinstance(record, Demonstration):
        raise BadRow("no_ground_truth", "a pair or a verdict holds no answer known to be right")
    if record.tools or any(turn.tool_calls or turn.role == "tool" for turn in record.context):
        raise BadRow("tools_unsupported", "the trainer samples an answer, not calls of these tools")
    found = ground_truth(record.response[-1].content) if len(record.response) == 1 else None
    if found is None:
        raise BadRow("no_ground_truth", "the answer is no number and no choice such as yes or B")
    if not _is_checked(record):
        raise BadRow("answer_unchecked", "no person, expert or known result says it is right")
    verifier, truth = found
    prompt = row["prompt"] if "prompt" in row else row["messages"][: -len(record.response)]
    return CheckedAnswer(prompt, truth, verifier)


def _is_checked(record: Demonstration) -> bool:
    if record.tags.signals.get(MATH_CORRECT) == 1:
        return True
    return any(map(_is_settled, record.parents))


def _is_settled(parent: Provenance) -> bool:
    return parent.source == EXPERT or (bool(parent.annotator) and parent.origin in _SETTLED)
