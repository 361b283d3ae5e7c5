"""Screens of another package: installed, named by a profile and a recipe, run and obeyed."""

import json
from pathlib import Path

import polars as pl
import pytest
from foreign_package import install

from goldleaf.core.errors import UsageError
from goldleaf.curation.profiles import profile_named

HERE = Path(__file__).parent / "foreign_screens"
PROFILE = """
screens = ["shouting", "longest_answer"]

[actions]
"shouting.capitals" = "drop"
longest_answer = "review"
"""
RECIPE = "screens: {all: profile, longest_answer: drop}\nsplit: {test: 0}\n"


def test_a_profile_and_a_recipe_may_name_screens_of_another_package(goldleaf, tmp_path):
    target = install(HERE, tmp_path)
    profile, recipe = tmp_path / "mine.toml", tmp_path / "mine.yaml"
    profile.write_text(PROFILE, "utf-8")
    recipe.write_text(RECIPE, "utf-8")
    answers = ["Well.", "WELL, YES.", "It is so for a number of reasons, I think.", "Perhaps."]
    rows = tmp_path / "rows.jsonl"
    lines = [json.dumps({"prompt": f"{n}?", "response": a}) + "\n" for n, a in enumerate(answers)]
    rows.write_text("".join(lines), "utf-8")
    out, export = tmp_path / "out", tmp_path / "export"
    done = goldleaf("curate", rows, "--out", out, "--profile", profile, PYTHONPATH=str(target))
    assert done.returncode == 0, done.stderr
    assert "shouting" in done.stdout and "longest answer" in done.stdout
    found = pl.read_parquet(out / "curation.parquet").select("screen", "verdict", "action")
    assert set(found.iter_rows()) == {
        ("shouting", "capitals", "drop"),
        ("longest_answer", "longest", "review"),
    }
    assert '"signals":{"longest":42.0}' in (out / "records.jsonl").read_text("utf-8")
    done = goldleaf(
        *("export", out / "records.jsonl", "--recipe", recipe, "--out", export, "--json"),
        PYTHONPATH=str(target),
    )
    assert done.returncode == 0, done.stderr
    dropped = {"longest_answer.longest": 1, "shouting.capitals": 1}
    assert json.loads(done.stdout)["reasons"]["dropped"] == dropped


def test_without_the_package_its_screens_are_unknown(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text('screens = ["longest_answer"]\n', "utf-8")
    with pytest.raises(UsageError, match="no screen 'longest_answer'"):
        profile_named(str(own))
