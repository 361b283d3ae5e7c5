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
    Box,
    Drafted,
    TextRequest,
    asked,
    conversation,
)
from goldleaf.core.text_comparison import same_text
from goldleaf.generation.generator import Answer

KIND = "reasoning"
PROMPTS = ("reasoning",)

_REVISION = re.compile(r"^[ \t*#]*REVISION[ \t*:：]*$", re.MULTILINE)
_FINAL = re.compile(r"^[ \t*#]*FINAL(?: ANSWER)?[ *]*[:：][ *]*(.+?)[ *]*\s*\Z", re.MULTILINE)


def requests(task: Mapping[str, Any]) -> list[TextRequest]:
    """Return what to ask for a task's data; nothing where there is no chain to criticise.

    Raises:
        BadRow: as `text_of`, for `prompt`, `chain` and `final`.
    """
    prompt, chain, final = (text_of(task, name) for name in ("prompt", "chain", "final"))
    if not chain.strip():
        return []
    data = {"conversation": conversation(task, prompt), "chain": chain, "final": final}
    return [TextRequest(asked("reasoning", data, prompt), _Reading(prompt, chain, final).read)]


@dataclass(frozen=True, slots=True)
class _Reading:
    """How an answer about a chain is read."""

    prompt: str
    chain: str
    final: str

    def read(self, answer: Answer) -> Drafted:
        """Return the critique, and the revision where it is whole and another chain.

        An answer that was cut off behind the critique has that; a revision without its final answer
        is not whole.
        """
        criticism, *revision = _REVISION.split(answer.text, maxsplit=1)
        if answer.cut and not revision:
            return Drafted(reason="model_cut")
        said = criticism.strip().strip(".。").casefold()
        if said in ("none", "无", "没有"):
            return Drafted(reason="model_kept")
        box = Box("critique", "", self.prompt, (self.prompt, self.chain))
        read = box.read_text(criticism.strip())
        if not read.texts or answer.cut or not revision:
            return read
        return Drafted({**read.texts, **self._revised(revision[0])})

    def _revised(self, text: str) -> dict[str, str]:
        """Return the chain and the final answer of a revision, nothing where it is not whole."""
        end = _FINAL.search(text)
        if end is None:
            return {}
        chain = text[: end.start()].strip()
        revised = Box("chain", self.chain, self.prompt, (self.prompt,)).read_text(chain)
        final = Box("final").read_text(end[1])
        if not revised.texts or not final.texts:
            return {}
        return {**revised.texts, **({} if same_text(end[1], self.final) else final.texts)}
