"""Texts for refusal: the corrected answer. Which behaviour is right a person decides."""

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

KIND = "refusal"
PROMPTS = ("refusal",)


def requests(task: Mapping[str, Any]) -> list[TextRequest]:
    """Return what to ask for a task's data.

    Raises:
        BadRow: as `text_of`, for `prompt` and `answer`.
    """
    prompt, answer = text_of(task, "prompt"), text_of(task, "answer")
    turns = conversation(task, prompt)
    data = {"conversation": turns, "answer": answer}
    box = Box("corrected", answer, prompt, (prompt,), texts_of(turns))
    return [TextRequest(asked("refusal", data, prompt), box.read)]
