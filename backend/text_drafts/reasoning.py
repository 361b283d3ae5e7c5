"""Texts for reasoning: a critique of the chain, and the revision that heeds it.

Both come in one answer, so that they fit each other. Whether a step is right a person decides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from goldleaf.backend.rules.texts import text_of
from goldleaf.backend.text_drafts.text_request import (
    LONGEST,
    Box,
    Drafted,
    TextRequest,
    asked,
    conversation,
    says,
    texts_of,
)
from goldleaf.core.text_comparison import same_text
from goldleaf.generation.generator import Answer

KIND = "reasoning"
PROMPTS = ("reasoning",)

_NONE = frozenset(("NONE", "无", "没有"))
"""What a model writes where every step is right."""
_REVISION = re.compile(
    r"^[ \t*#\[]*REVISION[ \t*#\]]*(?:[:：][ \t*]*|$)", re.IGNORECASE | re.MULTILINE
)
_FINAL = re.compile(r"^[ \t*#\[]*FINAL(?: ANSWER)?[ *]*[:：]", re.IGNORECASE | re.MULTILINE)


def requests(task: Mapping[str, Any]) -> list[TextRequest]:
    """Return what to ask for a task's data; nothing where there is no chain to criticise.

    Raises:
        BadRow: as `text_of`, for `prompt`, `chain` and `final`.
    """
    prompt, chain, final = (text_of(task, name) for name in ("prompt", "chain", "final"))
    if not chain.strip():
        return []
    turns = conversation(task, prompt)
    data = {"conversation": turns, "chain": chain, "final": final}
    reading = _Reading(prompt, chain, final, texts_of(turns))
    return [TextRequest(asked("reasoning", data, prompt), reading.read)]


@dataclass(frozen=True, slots=True)
class _Reading:
    """How an answer about a chain is read."""

    prompt: str
    chain: str
    final: str
    before: tuple[str, ...]

    def read(self, answer: Answer) -> Drafted:
        """Return the critique, and the revision where it is whole and another chain.

        An answer that was cut off behind the critique has that; a revision without its final answer
        is not whole, and a critique that holds one is none.
        """
        if len(answer.text) > LONGEST:
            return Drafted(reason="model_failed")
        criticism, *revision = _REVISION.split(answer.text, maxsplit=1)
        if answer.cut and not revision:
            return Drafted(reason="model_cut")
        if says(criticism, _NONE):
            return Drafted(reason="model_kept")
        if _FINAL.search(criticism):
            return Drafted(reason="model_failed")
        box = Box("critique", "", self.prompt, (self.prompt, self.chain), self.before)
        read = box.read_text(criticism.strip())
        if not read.texts or answer.cut or not revision:
            return read
        return Drafted({**read.texts, **self._revised(revision[0])})

    def _revised(self, text: str) -> dict[str, str]:
        """Return the chain and the final answer of a revision, nothing where it is not whole."""
        chain, _, last = text.rstrip().rpartition("\n")
        mark = _FINAL.match(last)
        if mark is None:
            return {}
        ended = last[mark.end() :].strip(" \t*")
        box = Box("chain", self.chain, self.prompt, (self.prompt,), self.before)
        revised = box.read_text(chain.strip())
        final = Box("final").read_text(ended)
        if not revised.texts or not final.texts:
            return {}
        return {**revised.texts, **({} if same_text(ended, self.final) else final.texts)}
