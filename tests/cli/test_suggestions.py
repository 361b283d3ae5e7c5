"""Suggested commands work when pasted: program, data directory and address are named."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

from goldleaf.cli import suggestions
from goldleaf.cli.main import app
from goldleaf.cli.suggestions import (
    WITH_DATA_DIR,
    WITH_URL,
    WITHOUT,
    complete_commands,
    use_settings,
)
from goldleaf.core.settings import Settings


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(suggestions, "_settings", [])
    monkeypatch.setattr("sys.argv", ["goldleaf"])
    yield


def commands() -> Iterator[tuple[str, set[str]]]:
    group = typer.main.get_command(app)
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", None)
        for below, each in (inner or {"": command}).items():
            options = {option for parameter in each.params for option in parameter.opts}
            yield f"{name} {below}".strip(), options


def test_the_lists_are_those_of_the_command_line():
    found = dict(commands())
    assert {name for name, options in found.items() if "--data-dir" in options} == WITH_DATA_DIR
    assert {name for name, options in found.items() if "--url" in options} == WITH_URL
    assert found.keys() - WITH_DATA_DIR == WITHOUT


def test_a_data_directory_with_a_space_is_quoted(tmp_path: Path):
    state = tmp_path / "my state"
    use_settings(Settings(data_dir=state, url="http://127.0.0.1:8080"))
    said = complete_commands("run goldleaf project attach 3, or goldleaf up; goldleaf is fine")
    assert said == (
        f"run goldleaf project attach --data-dir {shlex.quote(str(state))} "
        f"--url http://127.0.0.1:8080 3, or goldleaf up --data-dir {shlex.quote(str(state))}; "
        "goldleaf is fine"
    )


def test_the_default_place_is_not_named():
    use_settings(Settings())
    assert complete_commands("goldleaf doctor") == "goldleaf doctor"


def test_a_program_that_the_shell_does_not_find_is_named_by_its_path(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setattr("sys.argv", [".venv/bin/goldleaf"])
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert complete_commands("goldleaf check out") == f"{tmp_path}/.venv/bin/goldleaf check out"
