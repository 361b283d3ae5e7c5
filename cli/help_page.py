"""`--help` in the reader's language: Typer's page in English, the same page in Chinese.

Chinese is found by the English text: `core/locales/help.zh.toml`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

from typer.core import TyperArgument, TyperCommand, TyperGroup

from goldleaf.cli.suggestions import language
from goldleaf.cli.wrap import columns, wrapped

NAME_COLUMNS = 30
"""A longer name of an option has its help on the next line."""
_NOTES = (
    (r"\bdefault: \(?(.+?)\)?(?=; |\]$)", lambda found: f"默认：{chinese(found[1])}"),
    (r"\brequired\]$", lambda found: "必填]"),
)
"""What Typer writes behind the help of an option, such as `[default: 3; x>=0]`."""
_PIECES = {"[OPTIONS]": "[选项]", "COMMAND [ARGS]...": "命令 [参数]..."}


class Command(TyperCommand):
    """A command with its help in the reader's language."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help page of this command."""
        if language() == "en":
            return super().format_help(ctx, formatter)
        formatter.write(_page(self, ctx, formatter.width))


class Group(TyperGroup):
    """A group of commands with its help in the reader's language."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help page of this group, with the first paragraph of every command."""
        if language() == "en":
            return super().format_help(ctx, formatter)
        formatter.write(_page(self, ctx, formatter.width))


@cache
def _known() -> dict[str, str]:
    content = files("goldleaf.core").joinpath("locales", "help.zh.toml").read_text("utf-8")
    return tomllib.loads(content)


def chinese(text: str) -> str:
    """Return a text of a help page in Chinese; what has none stays as it is.

    >>> chinese("Print the version."), chinese("9090")
    ('显示版本。', '9090')
    """
    return _known().get(text, text)


def paragraphs(text: str) -> list[str]:
    """Return a help text's paragraphs, split at empty lines, each as one line without indents."""
    return [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]


def _page(command: TyperCommand | TyperGroup, ctx: Any, width: int) -> str:
    pieces = [_PIECES.get(piece, piece) for piece in command.collect_usage_pieces(ctx)]
    parts = [" ".join([f"用法：{ctx.command_path}", *pieces])]
    parts += [wrapped(chinese(text), width, "  ", "  ") for text in paragraphs(command.help or "")]
    arguments: list[tuple[str, str]] = []
    options: list[tuple[str, str]] = []
    for parameter in command.get_params(ctx):
        if record := parameter.get_help_record(ctx):
            row = (record[0], _described(parameter, record[1]))
            (arguments if isinstance(parameter, TyperArgument) else options).append(row)
    commands = [
        (name, chinese(paragraphs(each.help or "")[0]))
        for name, each in getattr(command, "commands", {}).items()
    ]
    for title, rows in (("参数", arguments), ("选项", options), ("命令", commands)):
        if rows:
            parts.append(f"{title}：\n{_rows(rows, width)}")
    return "\n\n".join(parts) + "\n"


def _described(parameter: Any, record: str) -> str:
    """Return the help of an option in Chinese, with its default and bounds behind it."""
    notes = record.removeprefix(parameter.help or "").strip()
    for pattern, replacement in _NOTES:
        notes = re.sub(pattern, replacement, notes)
    return f"{chinese(parameter.help or '')}  {notes}".rstrip()


def _rows(rows: Iterable[tuple[str, str]], width: int) -> str:
    """Return names and their help in two columns."""
    rows = list(rows)
    left = min(max(columns(name) for name, _ in rows), NAME_COLUMNS) + 4
    lines: list[str] = []
    for name, text in rows:
        begun = f"  {name}" + " " * (left - 2 - columns(name))
        if columns(name) > NAME_COLUMNS:
            lines.append(f"  {name}")
            begun = " " * left
        lines.append(wrapped(text, width, begun, " " * left))
    return "\n".join(lines)
