"""`goldleaf kinds new NAME`: files of a kind that works, as a package and as a folder alone."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from foreign_package import install

NAME = "fact_check"
GOLDLEAF = Path(sys.executable).with_name("goldleaf")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Write the kind as a package; return the folder, and the command with it installed."""
    folder = tmp_path_factory.mktemp("new")
    done = goldleaf(folder, "kinds", "new", NAME, "--dir", "mine")
    assert done.returncode == 0, done.stderr
    assert "pip install -e mine" in done.stdout
    path = str(install(folder / "mine", folder))
    return folder, lambda *arguments: goldleaf(folder, *arguments, PYTHONPATH=path)


def goldleaf(folder, *arguments, **more):
    environment = {**os.environ, "GOLDLEAF_LANG": "en", **more}
    command = [GOLDLEAF, *map(str, arguments)]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_the_package_is_installed_listed_linted_and_takes_a_file(written):
    folder, run = written
    assert f"{NAME}/1" in [row["version"] for row in json.loads(run("kinds", "--json").stdout)]
    for lang, word in (("en", "Answer as it came"), ("zh", "原来的回答")):
        config = run("kinds", NAME, "--config", "--lang", lang).stdout
        assert word in config
        (folder / "config.xml").write_text(config, encoding="utf-8")
        assert run("kinds", "--lint", "config.xml").returncode == 0
    rows = [{"prompt": f"What is {n} and {n}?", "response": f"{2 * n}"} for n in range(3)]
    (folder / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    done = run("import", "rows.jsonl", "--kind", NAME, "--records", "records.jsonl")
    assert done.returncode == 0, done.stderr
    assert len((folder / "records.jsonl").read_text("utf-8").splitlines()) == 3


def test_its_own_tests_pass_and_fail_where_the_screen_lacks_a_control(written):
    folder, _ = written
    package = folder / "mine"

    def tests():
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
        environment = {**os.environ, "PYTHONPATH": str(package), "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(command, cwd=package, env=environment, capture_output=True, text=True)

    done = tests()
    assert done.returncode == 0, done.stdout
    config = package / NAME / "config.xml"
    whole = config.read_text("utf-8")
    config.write_text(whole.replace('name="note"', 'name="remark"'), encoding="utf-8")
    assert tests().returncode == 1
    config.write_text(whole, encoding="utf-8")


def test_a_folder_alone_names_the_line_that_offers_it(tmp_path):
    done = goldleaf(tmp_path, "kinds", "new", NAME)
    assert done.returncode == 0, done.stderr
    assert f'{NAME} = "{NAME}"' in done.stdout
    names = {file.name for file in (tmp_path / NAME).iterdir()}
    assert {"__init__.py", "codec.py", "config.xml", "config.zh.xml", "guide.zh.md"} <= names
    assert [each.name for each in tmp_path.iterdir()] == [NAME]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["new"], "no name"),
        (["new", "Fact Check"], "cannot be the name"),
        (["new", "class"], "cannot be the name"),
        (["new", "refusal"], "a kind 'refusal' already"),
        (["new", "json"], "a Python module 'json' already"),
        (["new", "taken"], "there already"),
        (["new", "fresh", "--dir", "absent/mine"], "no such folder"),
        (["refusal", "other"], "Only a new kind"),
        (["--dir", "mine"], "Only a new kind"),
    ],
)
def test_what_cannot_be_written_is_said(tmp_path, arguments, said):
    (tmp_path / "taken").mkdir()
    done = goldleaf(tmp_path, "kinds", *arguments)
    assert done.returncode == 2
    assert said in done.stderr and "Traceback" not in done.stderr
    assert [each.name for each in tmp_path.iterdir()] == ["taken"]
