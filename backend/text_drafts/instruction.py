"""Texts for instruction: the refined answer, and the instruction where it cannot be understood.

Both are about the example as it came: a draft of the instruction says the same more clearly, so
that the answer fits either.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from goldleaf.backend.rules.texts import text_of
from goldleaf.backend.text_drafts.text_request import (
    Box,
    TextRequest,
    asked,
    conversation,
    texts_of,
)

KIND = "instruction"
PROMPTS = ("instruction", "refined_instruction")


def requests(task: Mapping[str, Any]) -> list[TextRequest]:
    """Return what to ask for a task's data.

    Raises:
        BadRow: as `text_of`, for `prompt` and `answer`.
    """
    prompt, answer = text_of(task, "prompt"), text_of(task, "answer")
    turns = conversation(task, prompt)
    texts = texts_of(turns)
    answered = Box("answer", answer, prompt, (prompt,), texts)
    data = {"conversation": turns, "answer": answer}
    before = {"conversation": turns[:-1], "instruction": prompt}
    refined = Box("instruction", prompt, prompt, (answer,), texts, may_keep=True)
    return [
        TextRequest(asked("instruction", data, prompt), answered.read),
        TextRequest(asked("refined_instruction", before, prompt), refined.read),
    ]
