"""Printing: results on standard output, progress and notes on standard error.

Every text goes out here, so here hidden characters of names and values are made visible, and the
commands that a hint or a note suggests are completed.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from goldleaf.cli.suggestions import complete_commands, language
from goldleaf.cli.wrap import columns
from goldleaf.core.error_translation import translate_error
from goldleaf.core.escape_invisible import escape_invisible, escape_invisible_json

if TYPE_CHECKING:
    from goldleaf.core.notebook import Section
    from goldleaf.core.translations import Translations

QUIET = 2.0
"""Seconds that a command may take before progress is shown."""
REDRAWN = 0.5
"""Seconds from one line of progress to the next."""


def print_result(text: str = "") -> None:
    """Print a result on standard output, as it is but for hidden characters, made visible."""
    typer.echo(escape_invisible(text))


def print_hint(text: str) -> None:
    """Print a text of goldleaf, with the commands that it suggests completed.

    `print_result` leaves commands as they are: what it prints may be the user's data.
    """
    print_result(complete_commands(text))


class _ProgressLine:
    """The line of a terminal that shows progress: whether one stands there."""

    drawn = False

    def draw(self, text: str) -> None:
        """Show a text on it, in place of what it showed."""
        typer.echo(f"\r\x1b[K{text}", nl=False, err=True)
        self.drawn = True

    def erase(self) -> None:
        """Leave it empty, if something stands there."""
        if self.drawn:
            typer.echo("\r\x1b[K", nl=False, err=True)
        self.drawn = False


_PROGRESS = _ProgressLine()


def print_note(text: str) -> None:
    """Print a message for the user on standard error, translated."""
    print_translated(translate_error(text, language()))


def print_translated(text: str) -> None:
    """Print a note that is translated already on standard error, its commands completed.

    A line of progress that stands there is erased; it is drawn again below.
    """
    _PROGRESS.erase()
    typer.echo(escape_invisible(complete_commands(text)), err=True)


def print_json(value: object) -> None:
    """Print one JSON value, indented; what JSON lacks (a path) as its `str`."""
    typer.echo(escape_invisible_json(json.dumps(value, ensure_ascii=False, indent=1, default=str)))


def table(rows: Iterable[Sequence[object]]) -> str:
    """Return rows as aligned columns; a Chinese character is two columns wide.

    All rows must have as many cells as the first; "" for no rows.
    """
    cells = [[escape_invisible(cell) for cell in row] for row in rows]
    if not cells:
        return ""
    widths = [max(columns(row[i]) for row in cells) for i in range(len(cells[0]))]
    return "\n".join(
        "  ".join(c + " " * (w - columns(c)) for c, w in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )


def sections_text(sections: Iterable[Section]) -> str:
    """Return a result's sections for a terminal, with an empty line between two.

    A section without rows, title and text is left out; a head without rows is, too.
    """
    parts: list[str] = []
    for section in sections:
        rows = [*([section.head] if section.head else []), *section.rows] if section.rows else []
        text = complete_commands(section.text) if section.commands else section.text
        parts.append("\n".join(part for part in (section.title, table(rows), text) if part))
    return "\n\n".join(part for part in parts if part)


@contextmanager
def counting(label: str) -> Generator[Callable[[float], None]]:
    """Yield a function to call with the number that is done so far.

    On a terminal it rewrites one line of standard error, which `label` begins; else it does
    nothing.
    """
    shown = sys.stderr.isatty()

    def step(done: float) -> None:
        if shown:
            _PROGRESS.draw(f"{escape_invisible(translate_error(label, language()))}: {done:,.0f}")

    try:
        yield step
    finally:
        if _PROGRESS.drawn:
            typer.echo("", err=True)
            _PROGRESS.drawn = False


@contextmanager
def rewriting() -> Generator[Callable[[str], None]]:
    """Yield a function that shows a text on one line of a terminal, erased at last.

    It is called often; the line changes every `REDRAWN` seconds, once `QUIET` seconds are over.
    """
    shown = sys.stderr.isatty()
    began, drawn = time.monotonic(), 0.0

    def show(text: str) -> None:
        nonlocal drawn
        now = time.monotonic()
        if shown and now - began >= QUIET and now - drawn >= REDRAWN:
            _PROGRESS.draw(escape_invisible(text))
            drawn = now

    try:
        yield show
    finally:
        if drawn:  # else it may be another one's line
            _PROGRESS.erase()


def duration(seconds: float, words: Translations) -> str:
    """Return a duration for people: seconds, minutes or hours."""
    for unit, size in (("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return words(f"generate.{unit}", count=f"{seconds / size:.0f}")
    return words("generate.seconds", count=f"{max(1, seconds):.0f}")


@contextmanager
def progressing(words: Translations, key: str) -> Generator[Callable[[float, float], None]]:
    """Yield a function that shows how much is done of a total, and the time left.

    `key` is the message, with `{done}` and `{total}`. What was done before the first call took no
    time, so it does not count for the time left.
    """
    began: list[tuple[float, float]] = []

    def step(done: float, total: float) -> None:
        now = time.monotonic()
        began[:] = began or [(now, done)]
        first, at = began[0]
        left = (now - first) * (total - done) / (done - at) if done > at else None
        text = words(key, done=f"{done:,.0f}", total=f"{total:,.0f}")
        if left is not None:
            text += words("generate.left", time=duration(left, words))
        line(text)

    with rewriting() as line:
        yield step


@contextmanager
def starting(words: Translations) -> Generator[Callable[[float], None]]:
    """Report that Label Studio starts; yield a function to call with the seconds that passed."""
    print_note(words("up.starting"))
    with counting(words("up.seconds")) as step:
        yield step


class Stages:
    """Where a command of several stages is: called with a stage and how much of it is done.

    `stage`: a key of the translations `stage`, and how much of it is done; `total`: what the counts
    of stages are of, 0 where it is not known.
    """

    def __init__(self, begun: Callable[[], None] = lambda: None) -> None:
        """Start before the first stage; `begun` is called at each new one."""
        self.stage: tuple[str, float] = ("open", 0)
        self.total = 0.0
        self._begun = begun

    def __call__(self, stage: str, done: float = 0) -> None:
        """Note the stage."""
        new = stage != self.stage[0]
        self.stage = stage, done
        if new:
            self._begun()

    def expect(self, total: float) -> None:
        """Note what the counts of this stage and those behind it are of."""
        self.total = total

    def text(self, words: Translations) -> str:
        """Return the stage and how much of it is done."""
        stage, done = self.stage
        # A screen of another package has no text.
        named = words.known(f"stage.{stage}") or stage
        if not done:
            return named
        count = f"{done:,.0f}"
        if self.total:
            count = words("stage.count_of", done=count, total=f"{self.total:,.0f}")
        return f"{named} {count}"


@contextmanager
def stages(words: Translations, *, show: bool) -> Generator[Stages]:
    """Yield what to call with a stage and how much of it is done.

    On a terminal, once `QUIET` seconds are over, one line shows stage, count and seconds; it
    changes with every stage, and is erased at the end.

    Args:
        words: texts; a stage is a key of the translations `stage`.
        show: false where the command's output is for a program.
    """
    if not (show and sys.stderr.isatty()):
        yield Stages()
        return
    began, line = time.monotonic(), threading.Lock()

    def draw() -> None:
        seconds = words("stage.seconds", count=f"{time.monotonic() - began:.0f}")
        with line:
            _PROGRESS.draw(f"{step.text(words)} ({seconds})")

    def begun() -> None:
        if time.monotonic() - began >= QUIET:
            draw()

    step, over = Stages(begun), threading.Event()

    def redraw() -> None:
        wait = QUIET
        while not over.wait(wait):
            draw()
            wait = REDRAWN

    drawing = threading.Thread(target=redraw, daemon=True)
    drawing.start()
    try:
        yield step
    finally:
        over.set()
        drawing.join()
        _PROGRESS.erase()
