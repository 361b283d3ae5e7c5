"""`goldleaf backup` and `goldleaf restore`: a data directory as one file, and back."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from goldleaf.cli.options import (
    DataDirOption,
    JsonOption,
    LangOption,
    OverwriteOption,
    settings_of,
)
from goldleaf.cli.output import (
    print_hint,
    print_json,
    print_result,
    print_translated,
    rewriting,
)
from goldleaf.core.translations import Translations


def backup(
    out: Annotated[Path, typer.Argument(help="The archive to write, such as goldleaf.tar.gz.")],
    overwrite: OverwriteOption = False,
    lang: LangOption = None,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Back up the data directory, also one in use.

    The file holds passwords and the key of the annotators' pseudonyms: keep it as closed as these.
    """
    from goldleaf.workflows.backup import back_up

    settings = settings_of(data_dir, None, lang)
    words = Translations(settings.language)
    with rewriting() as show:
        made = back_up(
            out,
            settings=settings,
            overwrite=overwrite,
            step=lambda done: show(words("backup.read", megabytes=f"{done / 1e6:,.0f}")),
        )
    if as_json:
        return print_json(asdict(made))
    size = f"{made.bytes / 1e6:,.1f}"
    print_result(words("backup.made", path=made.out, count=made.files, megabytes=size))
    print_translated(words("backup.secrets"))


def restore(
    file: Annotated[Path, typer.Argument(help="The archive that goldleaf backup wrote.")],
    force: Annotated[
        bool, typer.Option("--force", help="Replace a data directory that holds something.")
    ] = False,
    lang: LangOption = None,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Restore the data directory from a backup.

    All of it or nothing: everything is checked first, and a directory in use is never replaced.
    """
    from goldleaf.workflows.restore import restore as put_back

    settings = settings_of(data_dir, None, lang)
    words = Translations(settings.language)
    with rewriting() as show:
        done = put_back(
            file,
            settings=settings,
            force=force,
            step=lambda done: show(words("backup.read", megabytes=f"{done / 1e6:,.0f}")),
        )
    if as_json:
        return print_json(asdict(done))
    print_result(words("backup.restored", path=done.data_dir, count=done.files))
    if done.upgraded:
        print_translated(words("backup.upgraded"))
    print_hint(words("backup.next"))
