"""Prompts of a file that models are to answer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from goldleaf.core.input_results import InputResult
from goldleaf.core.records import Demonstration, Record, Turn
from goldleaf.core.settings import Settings
from goldleaf.core.token_estimate import estimated_tokens
from goldleaf.workflows.import_rows import open_rows


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt to be answered; `key` names its row."""

    key: str
    record: Demonstration

    @property
    def tokens(self) -> int:
        """Its estimated tokens (`core.token_estimate`)."""
        return estimated_tokens(self.record.context)


@dataclass(frozen=True)
class PromptFile:
    """A file of prompts, read anew each time it is iterated.

    Attributes:
        path: `.txt` (a prompt a line), `.csv`, `.tsv`, `.jsonl`, `.json` or `.parquet`.
        settings: of the run.
        system: a system prompt for conversations without one; "" for none.
        options: `format`, `columns`, `encoding`, `separator`, `licence`, as `open_rows` takes them.
        limit: read this many rows only.
    """

    path: Path
    settings: Settings
    system: str
    options: dict[str, Any]
    limit: int | None = None

    def __iter__(self) -> Iterator[Prompt | InputResult]:
        """Yield a prompt for every row, or a result with the reason why it is none.

        Raises:
            UsageError: the file cannot be read, or its shape cannot be guessed.
        """
        seen: set[bytes] = set()
        rows = open_rows(self.path, "self_instruct", settings=self.settings, **self.options)
        for number, result in enumerate(rows):
            if number == self.limit:
                return
            yield result if result.reason else self._prompt(result, seen)

    def _prompt(self, result: InputResult, seen: set[bytes]) -> Prompt | InputResult:
        record = result.records[0]
        reason, detail = _unfit(result.records)
        if reason or not isinstance(record, Demonstration):
            return InputResult(result.key, reason=reason, detail=detail)
        if self.system and all(turn.role != "system" for turn in record.context):
            record = replace(record, context=(Turn("system", self.system), *record.context))
        what = "\0".join(f"{turn.role}\0{turn.content}" for turn in record.context)
        digest = hashlib.sha256(what.encode("utf-8", "surrogatepass")).digest()[:16]
        if digest in seen:
            detail = "another row of this file asks the same"
            return InputResult(result.key, reason="repeated_prompt", detail=detail)
        seen.add(digest)
        return Prompt(result.key, record)


def _unfit(records: tuple[Record, ...]) -> tuple[str, str]:
    """Return why a row is no prompt to be answered: ("", "") if it is one."""
    record = records[0]
    if len(records) > 1 or not isinstance(record, Demonstration) or record.response:
        return "has_answer", "this row has answers already; give prompts alone"
    last = record.context[-1] if record.context else None
    if last is None or last.role != "user" or not last.content.strip():
        return "no_prompt", "the conversation does not end with a user's turn"
    if record.tools or any(turn.tool_calls or turn.role == "tool" for turn in record.context):
        return "needs_tools", "conversations with tools are not answered yet"
    return "", ""
