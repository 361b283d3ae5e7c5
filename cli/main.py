"""All commands; an error becomes one message and its exit code."""

from __future__ import annotations

import io
import sys
from typing import cast

import typer

from goldleaf.cli import project_team
from goldleaf.cli.backup import backup, restore
from goldleaf.cli.check import check
from goldleaf.cli.curate import curate
from goldleaf.cli.demo import demo
from goldleaf.cli.diff import diff
from goldleaf.cli.doctor import doctor
from goldleaf.cli.export import export
from goldleaf.cli.generate import generate
from goldleaf.cli.help_page import Command, Group
from goldleaf.cli.import_file import import_file
from goldleaf.cli.judge import judge
from goldleaf.cli.kinds import kinds
from goldleaf.cli.login import login
from goldleaf.cli.model import model
from goldleaf.cli.options import LangOption
from goldleaf.cli.output import print_translated
from goldleaf.cli.plan import plan
from goldleaf.cli.prelabel import prelabel
from goldleaf.cli.project import project
from goldleaf.cli.rules import rules
from goldleaf.cli.self_instruct import self_instruct
from goldleaf.cli.serve import serve
from goldleaf.cli.signals import signals
from goldleaf.cli.steer import steer
from goldleaf.cli.suggestions import choose_language, language, start_run
from goldleaf.cli.team import team
from goldleaf.cli.up import up
from goldleaf.cli.why import why
from goldleaf.core.error_translation import translate_error
from goldleaf.core.errors import GoldleafError
from goldleaf.core.escape_invisible import escape_invisible

_Misused = cast("type[typer.BadParameter]", typer.BadParameter.__mro__[2])
"""What the command line's parser raises; typer gives a name of its own to this subclass alone."""

app = typer.Typer(
    name="goldleaf",
    cls=Group,
    help="Alignment data in Label Studio: annotate over model drafts, export files that train.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for command, name in (
    (up, "up"),
    (demo, "demo"),
    (serve, "serve"),
    (kinds, "kinds"),
    (import_file, "import"),
    (curate, "curate"),
    (generate, "generate"),
    (judge, "judge"),
    (signals, "signals"),
    (prelabel, "prelabel"),
    (team, "team"),
    (plan, "plan"),
    (steer, "steer"),
    (rules, "rules"),
    (export, "export"),
    (check, "check"),
    (why, "why"),
    (diff, "diff"),
    (doctor, "doctor"),
    (login, "login"),
    (backup, "backup"),
    (restore, "restore"),
):
    app.command(name, cls=Command)(command)
project.command("overlap", cls=Command)(project_team.overlap)
project.command("adjudicate", cls=Command)(project_team.adjudicate)
project.command("gold", cls=Command)(project_team.gold)
app.add_typer(project, name="project")
app.add_typer(model, name="model")
app.add_typer(self_instruct, name="self-instruct")


def version(asked: bool) -> None:
    """Print the version and leave, if it was asked for; a callback of `--version`."""
    if asked:
        from importlib.metadata import version as installed

        typer.echo(f"goldleaf {installed('goldleaf')}")
        raise typer.Exit


@app.callback()
def options(
    version: bool = typer.Option(
        False, "--version", callback=version, is_eager=True, help="Print the version."
    ),
    lang: LangOption = None,
) -> None:
    """Alignment data in Label Studio: annotate over model drafts, export files that train."""
    choose_language(lang)


_STOPPED = 130
"""The exit code of a command that Ctrl-C ended."""


def main() -> None:
    """Run the command line and exit; a user's mistake shows one message and no traceback.

    The exit code is the error's own (`GoldleafError.exit_code`), 130 for Ctrl-C, 141 where the
    reader of the output went away.
    """
    start_run()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a letter that it lacks ends no command
            stream.reconfigure(errors="backslashreplace")
    try:
        code = app(standalone_mode=False)
        if code == _STOPPED:  # Typer ends a command by Ctrl-C without a word
            raise KeyboardInterrupt
        sys.exit(code)
    except _Misused as error:
        shown = io.StringIO()
        error.show(shown)
        for line in shown.getvalue().splitlines():
            typer.echo(escape_invisible(translate_error(line, language())), err=True)
        sys.exit(error.exit_code)
    except typer.Abort:
        typer.echo(translate_error("goldleaf: stopped.", language()), err=True)
        sys.exit(1)
    except GoldleafError as error:
        from goldleaf.core.redaction import redact

        print_translated(f"goldleaf: {redact(error.shown(language()))}")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        typer.echo(translate_error("goldleaf: stopped.", language()), err=True)
        sys.exit(_STOPPED)
    except BrokenPipeError:
        # The reader went away (`| head`): nothing is wrong.
        sys.stderr.close()
        sys.exit(141)
