"""`goldleaf kinds`: the kinds of annotation; one kind's labeling config or guide."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from goldleaf.cli.options import JsonOption, LangOption, settings_of
from goldleaf.cli.output import print_json, print_result, print_translated, table
from goldleaf.core.error_translation import translate_error
from goldleaf.core.errors import UsageError
from goldleaf.core.translations import Translations


def kinds(
    name: Annotated[
        str | None,
        typer.Argument(help="A kind; all of them by default. With new, a kind is written."),
    ] = None,
    new_name: Annotated[
        str | None, typer.Argument(metavar="[NEW]", help="With new: what the new kind is called.")
    ] = None,
    config: Annotated[bool, typer.Option("--config", help="Print its labeling config.")] = False,
    guide: Annotated[bool, typer.Option("--guide", help="Print its guide.")] = False,
    lint: Annotated[
        Path | None,
        typer.Option(help="Check a labeling config of your own, or a kind by name."),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option("--dir", help="With new: a new folder for a package that can be installed."),
    ] = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """List kinds, print or check one, write a new one.

    With --config or --guide a kind's labeling config or guide is printed, ready to paste.
    `goldleaf kinds new NAME` writes the files of a kind that works, to go on from.
    With --lint, label-studio-sdk is asked too where it is installed: on a kind's samples as well.
    """
    from goldleaf.workflows.kinds import list_kinds

    language = settings_of(lang=lang).language
    if name == "new":
        return _new(new_name, folder, language)
    if new_name is not None or folder is not None:
        raise UsageError("Only a new kind has a name and a folder.", fix=_NEW)
    if lint is not None:
        return _lint(lint, language, as_json)
    chosen = list_kinds(name)
    if name is not None and (config or guide):
        (kind,) = chosen
        return print_result((kind.config(language) if config else kind.guide(language)).rstrip())
    rows = [
        {"kind": kind.name, "version": kind.id, "title": kind.title(language)} for kind in chosen
    ]
    if as_json:
        return print_json(rows)
    print_result(table([list(row.values()) for row in rows]))


def _new(name: str | None, package: Path | None, language: str) -> None:
    from goldleaf.workflows.new_kind import write_kind

    if name is None:
        raise UsageError("The new kind has no name.", fix=_NEW)
    made = write_kind(name, package)
    words = Translations(language)
    print_result(words("kinds.written", folder=made.folder))
    if made.package is None:
        print_result(words("kinds.entry_point", line=made.entry_point))
    else:
        print_result(words("kinds.install", package=made.package, name=name))


_NEW = "write goldleaf kinds new NAME [--dir FOLDER]"


def _lint(target: Path, language: str, as_json: bool) -> None:
    from goldleaf.workflows.kinds import judged_by_sdk, lint

    findings = lint(target)
    if not judged_by_sdk():
        print_translated(Translations(language)("lint.without_sdk"))
    if as_json:
        print_json([{"rule": f.rule, "where": f.where, "what": f.what} for f in findings])
    elif findings:
        print_result(
            table([(f.rule, f.where, translate_error(f.what, language)) for f in findings])
        )
    else:
        print_result(Translations(language)("lint.none"))
    if findings:
        raise typer.Exit(1)
