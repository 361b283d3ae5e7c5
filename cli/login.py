"""`goldleaf login`: a token of a Label Studio that runs elsewhere, kept in the data directory."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from goldleaf.cli.options import DataDirOption, LangOption, UrlOption, settings_of
from goldleaf.cli.output import print_note, print_result
from goldleaf.core.settings import read_variable
from goldleaf.core.translations import Translations


def login(
    url: UrlOption = None,
    wait: Annotated[
        float, typer.Option(min=0, help="Seconds to wait for a Label Studio that still starts.")
    ] = 0.0,
    lang: LangOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Get a token for a Label Studio and keep it.

    With LABEL_STUDIO_USERNAME and LABEL_STUDIO_PASSWORD of a member, which may be in a file
    (LABEL_STUDIO_PASSWORD_FILE). The token is of an account of goldleaf's own.
    """
    from goldleaf.workflows.login import log_in

    settings = settings_of(data_dir, url, lang)
    words = Translations(settings.language)
    email, _ = read_variable("LABEL_STUDIO_USERNAME", secret=True)
    password, _ = read_variable("LABEL_STUDIO_PASSWORD", secret=True)
    if sys.stdin.isatty() and settings.url:
        email = email or str(typer.prompt(words("login.account"), err=True))
        password = password or str(typer.prompt(words("login.password"), hide_input=True, err=True))
    kept = log_in(
        settings,
        email or "",
        password or "",
        wait=wait,
        waiting=lambda: print_note(words("login.waiting", url=settings.url)),
    )
    print_result(words("login.kept", url=kept.url))
