"""The commands that messages suggest, completed so that they work when pasted elsewhere."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from pathlib import Path

from goldleaf.core.errors import GoldleafError
from goldleaf.core.settings import Settings, load

_OF_GROUPS = {
    "project": "new attach detach list invite map progress tabs overlap adjudicate gold",
    "model": "list show rollback report",
    "self-instruct": "new check",
}
WITH_DATA_DIR = frozenset(
    "up serve import curate generate judge signals prelabel team plan steer export doctor login "
    "backup restore".split()
    + [f"{group} {name}" for group, names in _OF_GROUPS.items() for name in names.split()]
)
"""The commands that take --data-dir; a test compares them with the command line itself."""
WITH_URL = (
    WITH_DATA_DIR
    - set("up backup restore".split())
    - {f"model {name}" for name in ("list", "show", "rollback")}
)
WITHOUT = frozenset("demo kinds rules check why diff".split())
"""The commands that take neither."""

_COMMAND = re.compile(
    r"(?<![\w/.-])goldleaf (?P<name>(?:project|model|self-instruct) [a-z]+|[a-z]+)(?![\w-])"
)
_settings: list[Settings] = []
"""The settings of this run: one process is one command."""
_lang: list[str] = []
"""The language that was named before the command."""


def use_settings(settings: Settings) -> None:
    """Complete suggested commands with the data directory and Label Studio of these settings."""
    _settings[:] = [settings]


def choose_language(lang: str | None) -> None:
    """Have this run use the language that was named before its command; None for none."""
    _lang[:] = [lang] if lang else []


def chosen_language() -> str | None:
    """Return the language that was named before the command, None where none was."""
    return _lang[0] if _lang else None


def start_run() -> None:
    """Forget the settings and the language of a run before: those of this one are not known yet."""
    _settings.clear()
    _lang.clear()


def language() -> str:
    """Return the language of this run: `en` or `zh`.

    Before a command has read its settings, its `--lang` counts, else the settings that would be
    read.
    """
    if _settings:
        return _settings[0].language
    try:
        return load({"lang": _flag(sys.argv[1:]) or None}).language
    except GoldleafError:
        return Settings().language


def _flag(arguments: list[str]) -> str | None:
    """Return the last value of `--lang`, None where it is not given."""
    given: str | None = None
    for argument, following in zip(arguments, [*arguments[1:], ""], strict=False):
        if argument == "--lang":
            given = following
        elif argument.startswith("--lang="):
            given = argument.removeprefix("--lang=")
    return given


def complete_commands(text: str) -> str:
    """Return a message whose commands name the program, the data directory and the address.

    Text without a command of goldleaf's (`goldleaf NAME`) is returned as it is.

    The data directory is named where it is not the default one, also where an environment variable
    named it: the command may be pasted into another terminal.
    """
    return _COMMAND.sub(lambda found: _whole(found["name"]) or found[0], text)


def _whole(name: str) -> str:
    if name not in WITH_DATA_DIR | WITHOUT:
        return ""
    parts = [_program(), name]
    for settings in _settings:
        state = settings.state.path
        if name in WITH_DATA_DIR and state != Settings().state.path:
            parts += ["--data-dir", shlex.quote(str(state.resolve()))]
        if name in WITH_URL and settings.url:
            parts += ["--url", shlex.quote(settings.url)]
    return " ".join(parts)


def _program() -> str:
    """Return how this program is called from anywhere: by its name where that finds it."""
    typed = Path(sys.argv[0])
    if typed.name != "goldleaf" or len(typed.parts) == 1:
        return "goldleaf"
    found = shutil.which("goldleaf")
    if found and Path(found).resolve() == typed.resolve():
        return "goldleaf"
    return shlex.quote(str(typed.absolute()))
