"""What a model is asked to draft for a task, and whether what it wrote is a draft.

The text of a task is data: it stands as JSON between two marks that are made of its own hash, which
no text can hold, and `<` is escaped in it. What a model writes is only ever a text in a box that an
annotator sees and edits.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from goldleaf.backend.rules.texts import text_of
from goldleaf.core.json_values import object_or_empty, objects_in
from goldleaf.core.records import Turn
from goldleaf.core.text_comparison import same_text, why_not_utf8
from goldleaf.curation.texts.language import language
from goldleaf.generation.generator import Request, Sampling

CONTROLS = {"instruction": "answer", "refusal": "corrected"}
"""The control that a model drafts, by kind: a text that the annotator is asked to write."""
MAX_TOKENS = 1024
_LONGEST = 100_000
"""Characters of a draft; no annotator reads more."""
_LANGUAGES = ("", ".zh")


def drafting_request(kind: str, task: Mapping[str, Any]) -> Request:
    """Return what to ask for a task's data: the instructions as system prompt, the data fenced.

    Args:
        kind: a name in `CONTROLS`.
        task: the task's data.

    Raises:
        BadRow: as `text_of`, for `prompt` and `answer`.
    """
    prompt, answer = text_of(task, "prompt"), text_of(task, "answer")
    data = {"conversation": _conversation(task, prompt), "answer": answer}
    content = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
    mark = fence_of(content)
    fenced = f"<data {mark}>\n{content}\n</data {mark}>"
    instructions = _prompt(kind, ".zh" if language(prompt) == "zh" else "")
    return Request((Turn("system", instructions), Turn("user", fenced)), Sampling(0.0, MAX_TOKENS))


def fence_of(content: str) -> str:
    """Return the mark around a text: 16 hex digits of its own hash."""
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def why_no_draft(text: str, task: Mapping[str, Any]) -> str:
    """Return why a text of a model is no draft for a task: "" if it is one.

    `model_kept` where it is the answer shown, `model_failed` where it cannot be one.
    """
    if same_text(text, str(task.get("answer", ""))):
        return "model_kept"
    unfit = len(text) > _LONGEST or why_not_utf8(text) or "<data " in text or "</data " in text
    return "model_failed" if unfit else ""


@cache
def prompts_version() -> str:
    """Return 6 hex digits that change with any of the prompts."""
    texts = [_prompt(kind, lang) for kind in CONTROLS for lang in _LANGUAGES]
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:6]


@cache
def _prompt(kind: str, lang: str) -> str:
    room = files("goldleaf.backend").joinpath("prompts")
    return room.joinpath(f"{kind}{lang}.md").read_text("utf-8").strip()


def _conversation(task: Mapping[str, Any], prompt: str) -> list[dict[str, str]]:
    """Return the turns before the answer; of a task that was changed, the prompt shown alone."""
    record = object_or_empty(object_or_empty(task.get("goldleaf")).get("record"))
    turns = [
        {"role": str(turn.get("role")), "content": str(turn.get("content", ""))}
        for turn in objects_in(record.get("context"))
    ]
    if turns and turns[-1]["content"] == prompt:
        return turns
    return [{"role": "user", "content": prompt}]
