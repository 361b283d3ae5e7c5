"""Evaluation prompts, which must not be trained on, out of files in any shape that is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from goldleaf.core.errors import UsageError
from goldleaf.core.files import check_readable

COLUMNS = (
    "prompt question instruction problem query goal task text input content behavior "
    "zh_instruction 问题 指令 题目"
).split()
"""Columns that may hold an evaluation's prompt; the first of a row that has text counts."""
_INPUT = "input"


def read_evaluations(files: Iterable[Path]) -> list[tuple[str, str]]:
    """Return (id, prompt) of every evaluation row; the id is `FILE:LINE`.

    Args:
        files: `.txt` with one prompt a line, or any file of rows (`.jsonl`, `.json`, `.csv`...).

    Raises:
        UsageError: a file cannot be read, or no row of it has a prompt.
    """
    found: list[tuple[str, str]] = []
    for path in files:
        before = len(found)
        read = _lines(path) if path.suffix == ".txt" else _rows(path)
        found.extend((f"{path.name}:{number}", text) for number, text in read if text.strip())
        if len(found) == before:
            fix = f"name its column one of: {', '.join(COLUMNS)}"
            raise UsageError("No row of this file has a prompt.", where=str(path), fix=fix)
    return found


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    with open(check_readable(path), encoding="utf-8", errors="replace") as file:
        yield from enumerate(file, 1)


def _rows(path: Path) -> Iterator[tuple[int, str]]:
    from goldleaf.formats.read_rows import rows
    from goldleaf.formats.row_location import FileRow

    for row in rows(path):
        if isinstance(row, FileRow):
            yield row.line, prompt_of(row.value)


def prompt_of(row: Mapping[str, Any]) -> str:
    r"""Return the prompt of an evaluation row, "" where it has none.

    >>> prompt_of({"instruction": "Translate.", "input": "Guten Tag", "output": "Hello"})
    'Translate.\nGuten Tag'
    >>> prompt_of({"messages": [{"role": "user", "content": "Who?"}]})
    'Who?'
    """
    by_name = {str(name).lower(): value for name, value in row.items()}
    for turns in (by_name.get("messages"), by_name.get("conversations"), by_name.get("turns")):
        if isinstance(turns, list) and turns:
            return _first_turn(turns)
    for name in COLUMNS:
        value = by_name.get(name)
        if isinstance(value, list):
            return _first_turn(value)
        if isinstance(value, str) and value.strip():
            extra = by_name.get(_INPUT) if name == "instruction" else None
            return f"{value}\n{extra}" if isinstance(extra, str) and extra.strip() else value
    return ""


def _first_turn(turns: list[Any]) -> str:
    """Return the user's first words in a list of turns, which may be nested or plain texts."""
    for turn in turns:
        if isinstance(turn, str):
            return turn
        if isinstance(turn, list):
            return _first_turn(turn)
        if isinstance(turn, dict):
            role = str(turn.get("role") or turn.get("from") or "user")
            said = turn.get("content") or turn.get("value")
            if role in ("user", "human") and isinstance(said, str):
                return said
    return ""
