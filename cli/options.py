"""The options several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

SourcesArgument = Annotated[
    list[str],
    typer.Argument(help="project:NUMBER, a Label Studio JSON export, or records.jsonl."),
]
DataDirOption = Annotated[
    Path | None,
    typer.Option("--data-dir", help="Where state lives.", show_default="~/.local/share/goldleaf"),
]
UrlOption = Annotated[
    str | None,
    typer.Option(help="Label Studio's address; the token comes from GOLDLEAF_TOKEN."),
]
LangOption = Annotated[
    str | None,
    typer.Option(help="en or zh, for screens, cards and summaries.", show_default="the locale"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for a script to read.")]
StrictOption = Annotated[bool, typer.Option(help="Exit with 3 when a row was rejected.")]
