"""CONTRIBUTING names files that exist; the package of docs/extending.md works as printed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from foreign_package import install

ROOT = Path(__file__).parent.parent
PAGES = ["CONTRIBUTING.md", "README.md", "docs/extending.md", "docs/decisions/README.md"]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """Install the package of the page; return the command that finds it."""
    folder = tmp_path_factory.mktemp("extending")
    page = (ROOT / "docs" / "extending.md").read_text("utf-8")
    files = re.findall(r"`([\w.]+)`:\n\n```\w+\n(.*?)```", page, re.DOTALL)
    assert len(files) == 2
    printed = folder / "printed"
    printed.mkdir()
    for name, text in files:
        (printed / name).write_text(text, "utf-8")
    environment = {**os.environ, "PYTHONPATH": str(install(printed, folder)), "GOLDLEAF_LANG": "en"}

    def run(*arguments: object) -> str:
        command = [sys.executable, "-m", "goldleaf", *map(str, arguments)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def test_the_printed_package_is_a_rule_with_a_setting(
    installed: Callable[..., str], tmp_path: Path
):
    texts = [
        ("Say hello.", "Hello, and welcome to this house."),
        ("What is gold leaf?", "Gold that was beaten into a very thin sheet."),
        ("什么是金箔？", "金箔是捶打得很薄的金片。"),
    ]
    rows = tmp_path / "rows.jsonl"
    lines = [json.dumps({"prompt": prompt, "response": answer}) for prompt, answer in texts]
    rows.write_text("\n".join(lines) + "\n", "utf-8")
    installed("import", rows, "--records", tmp_path / "records.jsonl", "--licence", "own")
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text("split: {test: 0}\nrules: {languages: {keep: [en]}}\n", "utf-8")
    out = tmp_path / "out"
    installed("export", tmp_path / "records.jsonl", "--recipe", recipe, "--out", out)
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    assert manifest["reasons"]["dropped"] == {"other_language": 1}
    assert "languages:\n    keep:" in manifest["recipe"]["text"]
    written = (out / "trl" / "sft" / "train.jsonl").read_text("utf-8").splitlines()
    assert len(written) == 2
    assert not any("金箔" in json.loads(line)["messages"][0]["content"] for line in written)


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_is_named_exists(page: str):
    text = (ROOT / page).read_text("utf-8")
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text)
    missing = [link for link in links if not (ROOT / page).parent.joinpath(link).exists()]
    # Folders that the reader makes are not in the repository.
    named = re.findall(r"`((?:[\w.]+/)+[\w.]*)`", text)
    missing += [name for name in named if not (ROOT / name).exists()]
    assert not missing


def test_contributing_answers_thirty_questions_each_once():
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    table = text.split("## I want to change ...")[1].split("\n\n")[1].splitlines()[2:]
    questions = Counter(row.split("|")[1].strip() for row in table)
    assert len(questions) >= 30
    assert set(questions.values()) == {1}
