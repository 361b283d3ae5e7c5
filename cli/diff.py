"""`goldleaf diff`: what differs between two exports."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from goldleaf.cli.options import JsonOption, LangOption, settings_of
from goldleaf.cli.output import print_json, print_result, sections_text


def diff(
    old: Annotated[Path, typer.Argument(help="The folder of an export.")],
    new: Annotated[Path, typer.Argument(help="The folder of another.")],
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what differs between two exports.

    Recipe, versions, inputs, rows added, removed and moved, shares, shortfalls and reasons.
    """
    from goldleaf.core.translations import Translations
    from goldleaf.workflows.explain import diff as run

    found = run(old, new)
    if as_json:
        print_json(found.plain())
    else:
        words = Translations(settings_of(None, None, lang).language)
        print_result(sections_text(found.sections(words)))
