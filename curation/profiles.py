"""Profiles: which screens run on the records of a source (S1-S5), and what an export does then.

A profile is a TOML file, in `profiles/` or the user's own:

    titles = { en = "public data", zh = "公开数据" }
    screens = ["near_duplicate", "flaw"]

    [actions]
    near_duplicate = "drop"
    "flaw.swapped" = "review"

A verdict without an action is kept; a recipe's `screens:` has the last word.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import cast

from goldleaf.core.errors import UsageError
from goldleaf.core.files import read_small
from goldleaf.core.foreign_screens import foreign_screens
from goldleaf.core.nearest_name import nearest_or_all
from goldleaf.core.screen_verdicts import Action, allowed, screens

_FOLDER = files("goldleaf.curation").joinpath("profiles")
BY_SOURCE = {
    "S1": "online_log",
    "S2": "public",
    "S3": "self_instruct",
    "S4": "expert",
    "S5": "feedback",
}
"""Source -> the profile of its records; records without a source are treated as public."""
_KEYS = ("titles", "screens", "actions")


@dataclass(frozen=True)
class Profile:
    """One profile: `screens` that run, `actions` by `screen` or `screen.verdict`."""

    name: str
    titles: Mapping[str, str]
    screens: tuple[str, ...]
    actions: Mapping[str, Action]

    def action(self, screen: str, verdict: str) -> Action:
        """Return what an export does with a record of this verdict, unless a recipe differs."""
        return self.actions.get(f"{screen}.{verdict}", self.actions.get(screen, "keep"))


@cache
def profiles() -> Mapping[str, Profile]:
    """Return the shipped profiles by name."""
    found = sorted(file.name for file in _FOLDER.iterdir() if file.name.endswith(".toml"))
    texts = {
        name.removesuffix(".toml"): _FOLDER.joinpath(name).read_text("utf-8") for name in found
    }
    return {name: _profile(name, text, f"profiles/{name}.toml") for name, text in texts.items()}


def profile_named(name: str) -> Profile:
    """Return a shipped profile by name, or the user's own by the path of its file (`.toml`).

    Raises:
        UsageError: there is none, or a key of the file is not known; the nearest is named.
    """
    if name in profiles():
        return profiles()[name]
    if name.endswith(".toml"):
        text = read_small(Path(name)).decode("utf-8-sig", "replace")
        return _profile(Path(name).stem, text, name)
    fix = nearest_or_all(name, profiles(), "profiles are")
    raise UsageError(f"There is no profile {name!r}.", where="--profile", fix=fix)


def profile_of(source: str) -> Profile:
    """Return the profile of a source, by its number (`S3`)."""
    return profiles()[BY_SOURCE.get(source, "public")]


def _profile(name: str, text: str, where: str) -> Profile:
    try:
        plain = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"Invalid TOML: {error}", where=where, fix="correct it") from None
    for key in plain:
        if key not in _KEYS:
            fix = nearest_or_all(key, _KEYS, "its keys are")
            raise UsageError(f"A profile has no key {key!r}.", where=where, fix=fix)
    named, titles = plain.get("screens", []), plain.get("titles", {})
    if not isinstance(named, list) or not all(isinstance(one, str) for one in named):
        fix = 'write screens = ["near_duplicate", "flaw"]'
        raise UsageError("screens is not a list of names.", where=where, fix=fix)
    if not isinstance(titles, dict) or not all(isinstance(one, str) for one in titles.values()):
        fix = 'write titles.en = "my logs", and titles.zh in Chinese'
        raise UsageError("titles has no text for each language.", where=where, fix=fix)
    if not named:
        fix = 'write screens = ["near_duplicate", "flaw"]'
        raise UsageError("This profile runs no screen.", where=where, fix=fix)
    run, actions = tuple(cast("list[str]", named)), _flat(plain.get("actions", {}), where)
    for screen in run:
        _check_screen(screen, where)
    for key, action in actions.items():
        _check_action(key, action, run, where)
    return Profile(name, cast("dict[str, str]", titles), run, cast("dict[str, Action]", actions))


def _flat(actions: object, where: str) -> dict[str, object]:
    """Return actions by key; TOML reads `flaw.truncated` without quotes as a table in a table."""
    if not isinstance(actions, dict):
        fix = 'write [actions], and below it near_duplicate = "drop"'
        raise UsageError("actions is not a table.", where=where, fix=fix)
    found: dict[str, object] = {}
    for key, action in cast("dict[str, object]", actions).items():
        if isinstance(action, dict):
            inner = cast("dict[str, object]", action)
            found |= {f"{key}.{verdict}": one for verdict, one in inner.items()}
        else:
            found[key] = action
    return found


def _check_screen(screen: str, where: str) -> None:
    if screen not in screens() and screen not in (foreign := foreign_screens()):
        fix = nearest_or_all(screen, [*screens(), *foreign], "screens are")
        raise UsageError(f"There is no screen {screen!r}.", where=where, fix=fix)


def _check_action(key: str, action: object, run: tuple[str, ...], where: str) -> None:
    screen, _, verdict = key.partition(".")
    if screen not in run:
        fix = nearest_or_all(screen, run, "screens of this profile are")
        raise UsageError(f"This profile does not run {screen!r}.", where=f"{where}: {key}", fix=fix)
    if verdict and screen in screens() and verdict not in screens()[screen].verdicts:
        fix = nearest_or_all(verdict, screens()[screen].verdicts, f"verdicts of {screen} are")
        raise UsageError(f"There is no verdict {key!r}.", where=where, fix=fix)
    if action not in allowed(screen):
        fix = f"choose one of: {', '.join(allowed(screen))}"
        raise UsageError(
            f"{action!r} cannot be done for {screen}.", where=f"{where}: {key}", fix=fix
        )
