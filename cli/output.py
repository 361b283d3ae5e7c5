"""What a command says: results on standard output, progress and notes on standard error."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager

import typer


def say(text: str = "") -> None:
    """Print a result."""
    typer.echo(text)


def note(text: str) -> None:
    """Print something for the person at the terminal, out of the way of a script."""
    typer.echo(text, err=True)


def say_json(value: object) -> None:
    """Print one JSON value."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str))


def table(rows: Iterable[Sequence[object]]) -> str:
    """Return rows as aligned columns; a Chinese character is two columns wide."""
    cells = [[str(cell) for cell in row] for row in rows]
    if not cells:
        return ""
    widths = [max(_width(row[i]) for row in cells) for i in range(len(cells[0]))]
    return "\n".join(
        "  ".join(c + " " * (w - _width(c)) for c, w in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


@contextmanager
def counting(label: str) -> Generator[Callable[[float], None]]:
    """Yield a function to call with what is done so far; on a terminal it rewrites one line."""
    shown = sys.stderr.isatty()

    def step(done: float) -> None:
        if shown:
            typer.echo(f"\r{label}: {done:,.0f}", nl=False, err=True)

    try:
        yield step
    finally:
        if shown:
            typer.echo("", err=True)
