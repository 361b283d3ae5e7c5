"""Options that several commands share, and the settings with the options applied."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from goldleaf.cli.suggestions import chosen_language, use_settings
from goldleaf.core.errors import UsageError
from goldleaf.core.settings import Settings, load

SourcesArgument = Annotated[
    list[str],
    typer.Argument(help="project:NUMBER, a Label Studio JSON export, or records.jsonl."),
]
SourceArgument = Annotated[
    str,
    typer.Argument(help="records.jsonl, project:NUMBER or a Label Studio JSON export."),
]
ReadingOption = Annotated[
    Path | None,
    typer.Option(help="What the answers of a foreign project mean; goldleaf project map makes it."),
]
DataDirOption = Annotated[
    Path | None,
    typer.Option(
        "--data-dir", help="The folder of goldleaf's state.", show_default="~/.local/share/goldleaf"
    ),
]
UrlOption = Annotated[
    str | None,
    typer.Option(help="Label Studio's address; token: GOLDLEAF_TOKEN or LABEL_STUDIO_API_KEY."),
]
LangOption = Annotated[
    str | None,
    typer.Option(
        help="en or zh, for screens, cards, messages and help.", show_default="the locale"
    ),
]
PredictorOption = Annotated[
    str | None,
    typer.Option(
        help="Who drafts: auto, rules, or package.module:Class of a model for label-studio-ml.",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for a script to read.")]
StrictOption = Annotated[bool, typer.Option(help="Exit with 3 when a row was rejected.")]

FormatOption = Annotated[str | None, typer.Option(help="Format of the rows; detected by default.")]
MapOption = Annotated[
    list[str] | None, typer.Option(help="field=column, for column names that are not known.")
]
EncodingOption = Annotated[str, typer.Option(help="Text encoding; detected by default.")]
SeparatorOption = Annotated[
    str, typer.Option(help="Column separator of a .csv, such as ; or tab; detected by default.")
]
LimitOption = Annotated[int | None, typer.Option(min=1, help="Read this many rows only.")]
OverwriteOption = Annotated[bool, typer.Option(help="Replace the file of --out whatever it holds.")]
LicenceOption = Annotated[str, typer.Option(help="The rows' licence, such as CC-BY-4.0.")]
ConsentOption = Annotated[str, typer.Option(help="How consent was given.")]
WriterOption = Annotated[str, typer.Option("--model", help="The model that wrote the answers.")]
SpotCheckOption = Annotated[
    str, typer.Option(help="Share of the rows that people check, such as 0.05.")
]
AnnotatorOption = Annotated[str, typer.Option(help="The expert or group who wrote the rows.")]
EvaluationOption = Annotated[
    list[Path] | None,
    typer.Option("--eval", help="A file of evaluation prompts to keep out; can be repeated."),
]
EvaluationSetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--eval-set",
        metavar="NAME",
        help="A public evaluation set to keep out, such as gsm8k, or all; can be repeated.",
    ),
]


def settings_of(
    data_dir: Path | None = None, url: str | None = None, lang: str | None = None
) -> Settings:
    """Return the settings with a command's flags on top; None leaves a setting as it is.

    They are also those of this run: later messages have their language and complete commands.
    """
    settings = load({"data_dir": data_dir, "url": url, "lang": lang or chosen_language()})
    use_settings(settings)
    return settings


def columns_of(given: list[str]) -> dict[str, str]:
    """Return field -> column of several `--map field=column`; of two for a field the last.

    Raises:
        UsageError: one has no `=`, or nothing on one side of it.
    """
    pairs: dict[str, str] = {}
    for pair in given:
        field, equals, column = pair.partition("=")
        if not equals or not field or not column:
            raise UsageError(
                f"{pair!r} is not of the form field=column.", fix="write --map field=column"
            )
        pairs[field] = column
    return pairs
