"""Whether the answers that several annotators gave to one task differ in what they teach."""

from __future__ import annotations

from collections.abc import Iterable

from goldleaf.core.input_results import InputResult
from goldleaf.core.record_hash import record_id

_NO_ANSWER = ("cancelled", "draft", "empty_result")
"""Reasons of what is no answer: skipped, never submitted, empty."""


def answers_differ(answers: Iterable[InputResult]) -> bool:
    """Return whether two answers to one task teach something else.

    What an answer teaches is the content of its records (texts, ranks, verdicts) and the right
    behaviour of the prompt; remarks, issues, stars and behaviours play no part. An answer that
    cannot be used, and one that can, differ; what is skipped or not submitted is no answer.

    Args:
        answers: those of one task, as `goldleaf.label_configs.read_annotations.read_task` yields
            them.
    """
    taught = {
        frozenset((record_id(each), each.tags.right_behaviour) for each in answer.records)
        for answer in answers
        if answer.reason not in _NO_ANSWER
    }
    return len(taught) > 1
