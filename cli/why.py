"""`goldleaf why`: where one row, record or input of an export came from, and what became of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from goldleaf.cli.options import JsonOption, LangOption, settings_of
from goldleaf.cli.output import print_json, print_result, sections_text


def why(
    out: Annotated[Path, typer.Argument(help="The folder of an export.")],
    name: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="A row's id, a record's id (six characters are enough), or an input: "
            "project:3/task:12/annotation:40 or file.jsonl:17.",
        ),
    ],
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Explain where a row came from, or why it is not there.

    Who answered and how, what each rule decided, and the files that have the row.
    """
    from goldleaf.core.translations import Translations
    from goldleaf.workflows.explain import why as run

    story = run(out, name)
    if as_json:
        print_json(story.plain())
    else:
        words = Translations(settings_of(None, None, lang).language)
        print_result(sections_text(story.sections(words)))
