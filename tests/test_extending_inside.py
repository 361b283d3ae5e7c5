"""How many files an extension inside goldleaf touches, done in a copy: only those of the extension.

The same from a package of its own: `test_foreign_kind.py`, `test_foreign_trainer.py`,
`formats/test_foreign_format.py`, `test_documents.py`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TESTS = ROOT / "tests"
PAGE = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
RULE = PAGE.split("`goldleaf_languages.py`:")[1].split("```python\n")[1].split("```")[0]
"""The rule that the page about extensions shows; a package has it in `test_documents.py`."""
CARD = """requirement = "S17"
keys = ["rules.languages.keep"]
reasons = ["other_language"]

[en]
title = "Languages"
says = "Only examples in these languages are kept."
values = "Codes of languages; an empty list keeps all."

[zh]
title = "语言"
says = "只保留这些语言的样例。"
values = "语言代码；空列表表示全部保留。"
"""
PREDICTOR = '''"""Drafts nothing."""

NAME, VERSION, QUICK = "silent", "1", True


def drafts(kind, tasks):
    """Return no draft for each task."""
    return [None for _ in tasks]
'''


class Copy:
    """A copy of the packages, and what runs in it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "copy"
        self.state = folder / "state"
        ignored = shutil.ignore_patterns(
            "__pycache__", ".git", ".venv", "tests", "docs", "*.egg-info"
        )
        shutil.copytree(ROOT, self.root, symlinks=True, ignore=ignored)
        self.before = self.files()

    def files(self) -> set[str]:
        """Return every file but compiled ones."""
        found = self.root.rglob("*")
        return {
            file.relative_to(self.root).as_posix()
            for file in found
            if file.is_file() and "__pycache__" not in file.parts
        }

    def added(self) -> set[str]:
        """Return the files that were added since the copy was made."""
        return self.files() - self.before

    def run(self, *arguments: object) -> str:
        """Run `goldleaf` in the copy and return what it prints."""
        environment = {**os.environ, "PYTHONPATH": str(self.root), "LC_ALL": "C.UTF-8"}
        environment["GOLDLEAF_DATA_DIR"] = str(self.state)
        done = subprocess.run(
            [sys.executable, "-P", "-m", "goldleaf", *map(str, arguments)],
            cwd=self.root.parent,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    return Copy(tmp_path_factory.mktemp("extending"))


@pytest.fixture
def copy(packages: Copy) -> Iterator[Copy]:
    yield packages
    for file in packages.added():
        (packages.root / file).unlink()


@pytest.fixture
def records(copy: Copy, tmp_path: Path) -> Path:
    rows, records = tmp_path / "rows.jsonl", tmp_path / "records.jsonl"
    asked = ("How warm is Monday?", "How warm is Tuesday?", "星期三的天气有多暖和？请告诉我。")
    lines = [json.dumps({"prompt": text, "completion": "Warm."}) + "\n" for text in asked]
    rows.write_text("".join(lines), encoding="utf-8")
    copy.run("import", rows, "--records", records, "--behaviour", "weather_talk")
    return records


def recipe(folder: Path, text: str) -> Path:
    file = folder / "recipe.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_behaviour_is_no_file(copy, records, tmp_path):
    own = recipe(
        tmp_path,
        "behaviours: {weather_talk: {titles: {en: talk of weather}}}\n"
        "shares: {weather_talk: {min: 0.1}}\n",
    )
    assert "talk of weather" in copy.run("plan", records, "--recipe", own)
    assert not copy.added()


def test_a_kind_is_one_folder(copy):
    shutil.copytree(
        TESTS / "label_configs" / "foreign_kind" / "turn_review",
        copy.root / "label_configs" / "turn_review",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    assert "turn_review" in copy.run("kinds")
    assert "<View" in copy.run("kinds", "turn_review", "--config", "--lang", "zh")
    assert {Path(file).parent.as_posix() for file in copy.added()} == {"label_configs/turn_review"}


def test_a_format_is_one_file(copy, tmp_path):
    shutil.copy(TESTS / "formats" / "foreign_format" / "flashcards.py", copy.root / "formats")
    cards, records = tmp_path / "cards.jsonl", tmp_path / "records.jsonl"
    cards.write_text('{"front": "Name a warm colour.", "back": "Red is one."}\n', encoding="utf-8")
    copy.run("import", cards, "--records", records)
    out = tmp_path / "out"
    copy.run("export", records, "--format", "flashcards", "--out", out)
    assert (out / "flashcards" / "cards" / "train.jsonl").exists()
    assert copy.added() == {"formats/flashcards.py"}


def test_a_trainer_is_one_folder(copy, records, tmp_path):
    place = copy.root / "trainers" / "tally"
    shutil.copytree(
        TESTS / "trainers" / "tally" / "tally", place, ignore=shutil.ignore_patterns("__pycache__")
    )
    page = place / "page.py"  # it names the package that holds its template
    page.write_text(
        page.read_text("utf-8").replace('"tally"', '"goldleaf.trainers.tally"'), "utf-8"
    )
    out = tmp_path / "out"
    copy.run("export", records, "--format", "tally", "--out", out)
    assert "shuffle: false" in (out / "tally" / "pairs.yaml").read_text("utf-8")
    assert "tally" in copy.run("check", out, "--with", "tally")
    assert {Path(file).parent.as_posix() for file in copy.added()} == {"trainers/tally"}


def named_predictor(*folders: Path) -> bool:
    """Return whether goldleaf, with these folders on its path, finds the predictor `silent`."""
    script = (
        "from goldleaf.backend.predictors.predictor_registry import predictor_named\n"
        "print(predictor_named('silent').NAME)"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", script],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, folders))},
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.stdout.split() == ["silent"]


def test_a_predictor_of_another_package_is_one_file_too(tmp_path):
    (tmp_path / "silent_drafts.py").write_text(PREDICTOR, encoding="utf-8")
    assert not named_predictor(tmp_path)
    installed = tmp_path / "silent_drafts-1.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: silent-drafts\nVersion: 1\n")
    offered = "[goldleaf.predictors]\nsilent = silent_drafts\n"
    (installed / "entry_points.txt").write_text(offered)
    assert named_predictor(tmp_path)


def test_a_predictor_is_one_file(copy):
    (copy.root / "backend" / "predictors" / "silent.py").write_text(PREDICTOR, encoding="utf-8")
    assert named_predictor(copy.root)
    assert copy.added() == {"backend/predictors/silent.py"}


def test_a_rule_with_a_setting_is_two_files(copy, records, tmp_path):
    (copy.root / "exporters" / "rules" / "languages.py").write_text(RULE, encoding="utf-8")
    cards = copy.root / "recipes" / "cards"
    (cards / "languages.toml").write_text(CARD, encoding="utf-8")
    own = recipe(tmp_path, "split: {test: 0}\nrules: {languages: {keep: [en]}}\n")
    copy.run("export", records, "--recipe", own, "--out", tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert manifest["reasons"]["dropped"] == {"other_language": 1}
    assert "Only examples in these languages" in copy.run("rules", "languages")
    assert "只保留这些语言" in copy.run("rules", "rules.languages.keep", "--lang", "zh")
    assert "languages" in copy.run("rules", "--schema")
    assert len(copy.added()) == 2
