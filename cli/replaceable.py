"""Which files a command may overwrite: empty ones, its own, and any with `--overwrite`."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from goldleaf.cli.output import print_note
from goldleaf.core.errors import BadRow, UsageError
from goldleaf.core.json_depth import loads

MOST = 64 * 1024 * 1024
"""Longest line that is looked at, in bytes."""


def check_replaceable(
    path: Path, is_ours: Callable[[bytes], bool], option: str, *, overwrite: bool
) -> bool:
    """Return whether a file is there that will be replaced; False for an empty or special one.

    Args:
        path: what a command is about to write; a link is followed.
        is_ours: returns, for its first or last line, whether goldleaf wrote the file.
        option: the option that names the file.
        overwrite: replace it whatever it holds.

    Raises:
        UsageError: the file holds something else.
    """
    try:
        found = os.stat(path)
    except OSError:
        return False  # absent, or `replacing` raises the error
    if not stat.S_ISREG(found.st_mode) or not found.st_size:
        return False
    lines: list[bytes] = []
    with suppress(OSError):
        lines = _ends(path)
    if not overwrite and not (lines and all(map(is_ours, lines))):
        fix = f"give {option} another name, or replace it with --overwrite"
        raise UsageError("This file holds something else.", where=str(path), fix=fix)
    return True


def keep_apart(
    source: Path,
    records: tuple[str, Path | None],
    rejected: tuple[str, Path | None],
    *,
    overwrite: bool,
) -> None:
    """Check that nothing is written over the input, or over a file that is not ours.

    Args:
        source: the input.
        records: the option that names the file of records, and the file.
        rejected: likewise of rejected rows.
        overwrite: replace files whatever they hold.

    Raises:
        UsageError: one file is named twice, or holds something else.
    """
    given = [path for path in (source, records[1], rejected[1]) if path is not None]
    if len({os.path.realpath(path) for path in given}) < len(given):
        fix = f"give {records[0]} and {rejected[0]} names of their own"
        raise UsageError("One file is named twice.", where=str(source), fix=fix)
    for (option, path), is_ours in ((records, is_record), (rejected, is_rejection)):
        if path and check_replaceable(path, is_ours, option, overwrite=overwrite):
            print_note(f"{path} is replaced.")


def keep_outside(folder: tuple[str, Path | None], *files: tuple[str, Path | None]) -> None:
    """Check that no file is written into a folder that a command replaces as a whole.

    Args:
        folder: the option that names the folder, and the folder.
        files: likewise of files.

    Raises:
        UsageError: a file would be in the folder, or is named like it.
    """
    if folder[1] is None:
        return
    whole = os.path.realpath(folder[1])
    for option, path in files:
        if path is not None and Path(os.path.realpath(path)).is_relative_to(whole):
            what = f"This file would be in the folder of {folder[0]}, which is replaced as a whole."
            fix = f"give {option} a name outside {folder[1]}"
            raise UsageError(what, where=str(path), fix=fix)


def _ends(path: Path) -> list[bytes]:
    """Return the first and the last line of a file."""
    with open(path, "rb") as file:
        first = file.readline(MOST)
        size = os.fstat(file.fileno()).st_size
        back = min(size, 2**16)
        while True:
            file.seek(size - back)
            tail = file.read(back).rstrip(b"\n")
            if b"\n" in tail or back in (size, MOST):
                return [first, tail.rpartition(b"\n")[2]]
            back = min(size, back * 16, MOST)


def is_record(line: bytes) -> bool:
    """Return whether a line is one of `records.jsonl`: a valid record, read in full."""
    from goldleaf.core.records_jsonl import from_line

    try:
        from_line(line)
    except BadRow:
        return False
    return True


def is_rejection(line: bytes) -> bool:
    """Return whether a line is one of an import's list of rejected rows.

    A JSON object with exactly `row`, `reason` and `detail`.
    """
    try:
        value: object = loads(line)
    except ValueError:
        return False
    return isinstance(value, dict) and set(value) == {"row", "reason", "detail"}


def is_chart(line: bytes) -> bool:
    """Return whether a line, the first or last of a file, is of a chart that goldleaf drew.

    Any line that ends in `</svg>` passes.
    """
    start = line[:100]
    return (start.startswith(b"<svg ") and b'"gl-chart"' in start) or line.endswith(b"</svg>")


def check_page(out: Path, what: str, *, overwrite: bool) -> None:
    """Raise where a page cannot be written into `out`, or would replace something else.

    Args:
        out: the file.
        what: which page, as its first line has it: `team` or `drafts`.
        overwrite: replace the file whatever it holds.

    Raises:
        UsageError: its folder is missing, or it holds something else.
    """
    if not out.parent.is_dir():
        fix = "make it, or name another place with --out"
        raise UsageError("No such file or folder.", where=str(out.parent), fix=fix)
    mark = f"<!-- goldleaf {what} -->".encode()
    is_ours = partial(_ends_with, mark)
    check_replaceable(out, is_ours, "--out", overwrite=overwrite)


def _ends_with(mark: bytes, line: bytes) -> bool:
    return line.rstrip(b"\r\n").endswith(mark)
