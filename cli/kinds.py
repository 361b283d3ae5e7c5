"""`goldleaf kinds`: which kinds of annotation there are; one kind's screen or guide."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from goldleaf.cli.options import JsonOption, LangOption, settings_of
from goldleaf.cli.output import say, say_json, table
from goldleaf.core.error_translation import translate_error
from goldleaf.core.errors import UsageError
from goldleaf.core.translations import Translations


def kinds(
    name: Annotated[str | None, typer.Argument(help="A kind; all of them by default.")] = None,
    config: Annotated[bool, typer.Option("--config", help="Print its labeling config.")] = False,
    guide: Annotated[bool, typer.Option("--guide", help="Print its guide.")] = False,
    lint: Annotated[Path | None, typer.Option(help="Check a labeling config of your own.")] = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """List kinds, print one, or check a screen.

    With --config or --guide a kind's labeling config or guide is printed, ready to paste.
    """
    from goldleaf.label_configs import registry

    language = settings_of(lang=lang).language
    if lint is not None:
        return _lint(lint, language, as_json)
    if name is not None and (config or guide):
        kind = registry.kind_named(name)
        return say((kind.config(language) if config else kind.guide(language)).rstrip())
    chosen = [registry.kind_named(name)] if name else list(registry.kinds().values())
    rows = [
        {"kind": kind.name, "version": kind.id, "title": kind.title(language)} for kind in chosen
    ]
    if as_json:
        return say_json(rows)
    say(table([list(row.values()) for row in rows]))


def _lint(file: Path, language: str, as_json: bool) -> None:
    from goldleaf.core.files import read_small
    from goldleaf.label_configs.linter import lint

    try:
        findings = lint(read_small(file).decode("utf-8"))
    except UnicodeDecodeError:
        raise UsageError("This is no UTF-8 text.", where=str(file)) from None
    if as_json:
        say_json([{"rule": f.rule, "where": f.where, "what": f.what} for f in findings])
    elif findings:
        say(table([(f.rule, f.where, translate_error(f.what, language)) for f in findings]))
    else:
        say(Translations(language)("lint.none"))
    if findings:
        raise typer.Exit(1)
