"""Settings: `goldleaf.toml`, then `GOLDLEAF_*`, then flags; the later one wins.

Where none of them says which Label Studio is meant, the two names count that its other tools read.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from goldleaf.core.data_dir import DataDir
from goldleaf.core.errors import UsageError
from goldleaf.core.files import read_small

CONFIG_FILE = "goldleaf.toml"
_NUMBERS = {"poll_interval"}
"""Settings that a file may give as a number; all others are texts."""
_SECRETS = {"token", "backend_password", "webhook_secret"}
"""Settings whose variable may have a companion `..._FILE`."""
SHARED_NAMES = {"url": "LABEL_STUDIO_URL", "token": "LABEL_STUDIO_API_KEY"}
"""What label-studio-sdk and label-studio-ml read from the environment, by our setting."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What goldleaf must know before it starts.

    `token` is read from the environment or the data directory, never from a flag: command lines are
    visible to every user of a machine.

    Attributes:
        data_dir: as given; `state` has `~` expanded.
        url: Label Studio's address, "" if none was given.
        token: Label Studio's access token, "" if none was given.
        lang: `en`, `zh`, or "" for the locale's; see `language`.
        backend_user: name for basic authentication at the ML backend.
        backend_password: its password; "" for none.
        backend_url: the ML backend's address as Label Studio reaches it; "" for the one it listens
            on, which is right where both run on one machine.
        webhook_secret: what Label Studio's webhooks must send along; "" for none.
        poll_interval: seconds between two looks at all projects for answers that no webhook
            reported: imported ones, and those whose event was lost.
        predictor: who drafts: a name such as `auto`, or `package.module:Class` of a model that was
            written for label-studio-ml.
        model: folder of a model that writes answers and drafts; "" for none.
        endpoint: address of an OpenAI-compatible server with such a model; "" for none. Its key is
            no setting: it is read from the environment when it is sent.
        model_name: what that server calls the model.
        origins: where each setting that was given is from: a file, an environment variable's name,
            or `--SETTING`. Not a setting itself.
    """

    data_dir: Path = Path("~/.local/share/goldleaf")
    url: str = ""
    token: str = ""
    lang: str = ""
    backend_user: str = ""
    backend_password: str = ""
    backend_url: str = ""
    webhook_secret: str = ""
    poll_interval: float = 30.0
    predictor: str = "auto"
    model: str = ""
    endpoint: str = ""
    model_name: str = ""
    origins: Mapping[str, str] = field(default_factory=dict[str, str], compare=False, repr=False)

    @property
    def state(self) -> DataDir:
        """The data directory that `data_dir` names, `~` expanded; nothing is made on disk."""
        return DataDir(self.data_dir.expanduser())

    @property
    def language(self) -> str:
        """`en` or `zh`: what was asked for, else what `LC_ALL` or `LANG` says, else `en`."""
        asked = self.lang or os.environ.get("LC_ALL") or os.environ.get("LANG") or "en"
        return "zh" if asked.casefold().startswith("zh") else "en"


def load(
    flags: Mapping[str, Any] | None = None,
    *,
    environ: Mapping[str, str] = os.environ,
    folder: Path | None = None,
) -> Settings:
    """Read the settings of this run.

    Args:
        flags: values given on the command line, by setting; None counts as not given.
        environ: where `GOLDLEAF_*` is looked up, and after it `LABEL_STUDIO_URL` and
            `LABEL_STUDIO_API_KEY`; an empty value counts as not given. A secret may also be in a
            file: `GOLDLEAF_TOKEN_FILE`, `LABEL_STUDIO_API_KEY_FILE` and the like.
        folder: where `goldleaf.toml` is looked for; the working directory by default.

    Raises:
        UsageError: the file is no TOML or names an unknown setting, or a value is not valid.
    """
    given: dict[str, Any] = {}
    origins: dict[str, str] = {}
    file = (folder or Path.cwd()) / CONFIG_FILE
    for name, value, origin in _found(flags or {}, environ, file):
        if value is not None and (value != "" or origin.startswith("--")):
            given[name], origins[name] = value, origin
    if given.get("lang", "") not in ("", "en", "zh"):
        raise UsageError(f"Unknown language {given['lang']!r}.", fix="use en or zh")
    if "data_dir" in given:
        given["data_dir"] = Path(given["data_dir"])
    if "poll_interval" in given:
        given["poll_interval"] = _seconds("poll_interval", given["poll_interval"])
    return replace(Settings(), **given, origins=origins)


def _found(
    flags: Mapping[str, Any], environ: Mapping[str, str], file: Path
) -> Iterator[tuple[str, Any, str]]:
    """Yield (setting, value, origin) of all that is given, what counts most last."""
    names = [each.name for each in fields(Settings) if each.name != "origins"]
    for name, variable in SHARED_NAMES.items():
        yield name, *read_variable(variable, environ, secret=name in _SECRETS)
    if os.path.lexists(file):
        for name, value in _from_file(file, names).items():
            yield name, value, str(file)
    for name in names:
        yield name, *read_variable(f"GOLDLEAF_{name.upper()}", environ, secret=name in _SECRETS)
    for name, value in flags.items():
        yield name, value, f"--{name.replace('_', '-')}"


def read_variable(
    variable: str, environ: Mapping[str, str] = os.environ, *, secret: bool
) -> tuple[str | None, str]:
    """Return the value of an environment variable and its name, or of the file that holds it.

    A secret may be in a file that `VARIABLE_FILE` names, as Docker mounts one; an empty file counts
    as not given, so that a secret can be added later.

    Raises:
        UsageError: the file cannot be read, or is not text.
    """
    if environ.get(variable) or not secret:
        return environ.get(variable), variable
    named = f"{variable}_FILE"
    if not (file := environ.get(named)):
        return None, variable
    try:
        return read_small(Path(file)).decode("utf-8").strip(), named
    except UnicodeDecodeError:
        raise UsageError("This file is not UTF-8 text.", where=f"{named}={file}") from None


def _seconds(name: str, value: object) -> float:
    """Return a number of seconds, from the environment or a file.

    Raises:
        UsageError: it is not a number from 1 second to a day.
    """
    try:
        seconds = float(str(value))
    except ValueError:
        seconds = 0.0
    if not 1 <= seconds <= 86_400:
        raise UsageError(
            f"{name} is not a valid number of seconds: {value!r}.",
            fix="give a number from 1 to 86400; without it, it is 30",
        )
    return seconds


def _from_file(file: Path, names: list[str]) -> dict[str, Any]:
    try:
        content = tomllib.loads(read_small(file).decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:  # no UTF-8, no TOML, or nested too deep
        fix = 'write lines such as: url = "http://127.0.0.1:8080"'
        raise UsageError(f"This is no TOML: {error}", where=str(file), fix=fix) from None
    for name in content:
        if name not in names:
            near = get_close_matches(name, names, 1)
            fix = f"did you mean {near[0]}?" if near else f"known: {', '.join(names)}"
            raise UsageError(f"Unknown setting {name!r}.", where=str(file), fix=fix)
        if not isinstance(content[name], str) and name not in _NUMBERS:
            raise UsageError(f"{name} must be a text.", where=str(file))
    return content
