"""What a model is asked: instructions from a file, and data fenced off from them.

Data is JSON between two marks that are made of its own hash, which no text can hold, and `<` is
escaped in it. That keeps data from passing for instructions in form; whether a model heeds what
stands in it anyway is a matter of the model (`benchmarks/judge_injection.py` measures it).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from goldleaf.core.records import Turn
from goldleaf.curation.texts.language import language

LANGUAGES = ("", ".zh")
"""What the file of a prompt has before `.md`, by the language of its instructions."""


def fenced_turns(name: str, data: Mapping[str, Any], text: str) -> tuple[Turn, Turn]:
    """Return the conversation that asks a model about data.

    Args:
        name: of the prompt, a file of `prompts/`.
        data: what it is about; JSON values.
        text: the text whose language the instructions are given in.
    """
    content = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
    mark = fence_of(content)
    fenced = f"<data {mark}>\n{content}\n</data {mark}>"
    instructions = prompt_text(name, ".zh" if language(text) == "zh" else "")
    return Turn("system", instructions), Turn("user", fenced)


def fence_of(content: str) -> str:
    """Return the mark around a text: 16 hex digits of its own hash."""
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def holds_fence(text: str) -> bool:
    """Return whether a model copied a mark of the fence into its answer."""
    return "<data " in text or "</data " in text


def prompts_version(names: Iterable[str]) -> str:
    """Return 6 hex digits that change with any of these prompts."""
    texts = [prompt_text(name, lang) for name in names for lang in LANGUAGES]
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:6]


@cache
def prompt_text(name: str, lang: str) -> str:
    """Return the instructions of a prompt; `lang` is one of `LANGUAGES`."""
    room = files("goldleaf.backend").joinpath("prompts")
    return room.joinpath(f"{name}{lang}.md").read_text("utf-8").strip()


def context_data(turns: Iterable[Turn]) -> list[dict[str, str]]:
    """Return the turns of a conversation as data."""
    return [{"role": turn.role, "content": turn.content} for turn in turns]
