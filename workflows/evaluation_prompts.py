"""Evaluation prompts, which must not be trained on, out of files in any shape that is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from goldleaf.core.errors import UsageError
from goldleaf.core.files import check_readable
from goldleaf.core.input_results import UNREAD

if TYPE_CHECKING:
    from goldleaf.formats.table_dialect import Dialect

COLUMNS = (
    "prompt question instruction problem query goal task text input content behavior "
    "zh_instruction 问题 指令 题目"
).split()
"""Columns that may hold an evaluation's prompt; the first of a row that has text counts."""
TURNS = ("messages", "conversations", "turns", "context")
"""Columns that may hold a conversation; the last is that of `records.jsonl`."""
_INPUT = "input"


def read_evaluations(
    files: Iterable[Path], passed: Callable[[Path, int, int], None] = lambda path, rows, first: None
) -> list[tuple[str, str]]:
    """Return (id, prompt) of every evaluation row.

    The id is `FILE:LINE`, of files of one name `FOLDER/FILE:LINE`.

    Args:
        files: `.txt` with one prompt a line, or any file of rows (`.jsonl`, `.json`, `.csv`...).
        passed: called with a file that has rows without a prompt, how many, and the first one's
            line; empty lines of a text are no rows.

    Raises:
        UsageError: a file cannot be read, it is a `.txt` of JSON lines or of a table, or no row of
            it has a prompt.
    """
    found: list[tuple[str, str]] = []
    for path, name in _named(list(files)):
        before, without = len(found), list[int]()
        for number, text in _rows(path):
            if text.strip():
                found.append((f"{name}:{number}", text))
            else:
                without.append(number)
        if without:
            passed(path, len(without), without[0])
        if len(found) == before:
            fix = f"name its column one of: {', '.join(COLUMNS)}"
            raise UsageError("No row of this file has a prompt.", where=str(path), fix=fix)
    return found


def _named(files: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """Yield each file with a name that no other has, as short as can be."""
    names = Counter(path.name for path in set(files))
    folders = Counter(path.parts[-2:] for path in set(files))
    for path in files:
        if names[path.name] == 1:
            yield path, path.name
        else:
            yield path, "/".join(path.parts[-2:]) if folders[path.parts[-2:]] == 1 else str(path)


def _rows(path: Path) -> Iterator[tuple[int, str]]:
    from goldleaf.formats.read_rows import is_plain_text, rows
    from goldleaf.formats.row_location import FileRow

    for row in rows(path, _dialect(path)):
        if isinstance(row, FileRow):
            yield row.line, prompt_of(row.value)
        elif row.reason == "bad_unicode" and is_plain_text(path) and row.offset is not None:
            yield row.line, _line_at(path, row.offset)  # all but a letter can still be compared
        elif row.reason in UNREAD:  # a part of an evaluation would let the rest be trained on
            what = "This file of evaluation prompts cannot be read to its end."
            where = f"{path}:{row.line}: {row.reason} ({row.detail})"
            raise UsageError(what, where=where, fix="get the whole file again")
        else:
            yield row.line, ""


def _line_at(path: Path, offset: int) -> str:
    with path.open("rb") as file:
        file.seek(offset)
        return file.readline().decode("utf-8", "replace").strip()


def _dialect(path: Path) -> Dialect | None:
    """Return how a file of lines is written, as it looks; None where its reader sees to it."""
    from goldleaf.formats.jsonl_rows import encoding_of
    from goldleaf.formats.read_rows import is_json, is_plain_text
    from goldleaf.formats.table_dialect import Dialect

    lines = is_json(path) or is_plain_text(path)
    return Dialect(encoding_of(check_readable(path)), "") if lines else None


def prompt_of(row: Mapping[str, Any]) -> str:
    r"""Return the prompt of an evaluation row, "" where it has none.

    >>> prompt_of({"instruction": "Translate.", "input": "Guten Tag", "output": "Hello"})
    'Translate.\nGuten Tag'
    >>> prompt_of({"messages": [{"role": "user", "content": "Who?"}]})
    'Who?'
    """
    by_name = {str(name).lower(): value for name, value in row.items()}
    for turns in map(by_name.get, TURNS):
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
            said = _said(turn.get("content") or turn.get("value"))
            if role in ("user", "human") and said:
                return said
    return ""


def _said(content: object) -> str:
    """Return the text of a turn, which may be a list of parts (`{"type": "text"}`)."""
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict)]
        return "\n".join(part for part in parts if isinstance(part, str))
    return content if isinstance(content, str) else ""
