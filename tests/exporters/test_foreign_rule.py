"""A rule of another package brings its own settings and its card; a real export obeys it."""

import json
import os
import subprocess
import sys

import pytest

from goldleaf.core.records import Demonstration, Provenance, Turn
from goldleaf.core.records_jsonl import to_line

RULE = '''
"""Answers of few tokens are dropped."""

from pydantic import Field

from goldleaf.recipes.sections import RecipeSection

ORDER, REASON = 45, "too_short"


class Settings(RecipeSection):
    """Which answers are long enough."""

    tokens: int = Field(default=0, ge=0)
    """Least tokens of an example."""


def dropped(examples, recipe):
    least = recipe.rule_settings("least_tokens", Settings).tokens
    of_plan = examples["source"].str.starts_with("S2") & (examples["template"] == "")
    return examples.filter(of_plan & (examples["tokens"] < least))["number"]


CARD = """
requirement = "S10"
keys = ["rules.least_tokens.tokens"]
reasons = ["too_short"]

[en]
title = "Least tokens"
says = "Short examples are dropped."
values = "0 drops none."

[zh]
title = "最少词元"
says = "太短的样例会被舍弃。"
values = "0 表示不舍弃。"
"""
'''


@pytest.fixture
def run(tmp_path):
    """Run goldleaf where the package is installed: a module and its dist-info on a path."""
    site = tmp_path / "site"
    info = site / "least_tokens-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "least_tokens.py").write_text(RULE, "utf-8")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: least-tokens\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[goldleaf.rules]\nleast_tokens = least_tokens\n")
    kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}

    def goldleaf(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "goldleaf", *map(str, arguments)],
            env=kept | {"PYTHONPATH": str(site), "PYTHONUTF8": "1"},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    return goldleaf


def records(path):
    lines = []
    for number in range(20):
        answer = "word " * (400 if number % 2 else 1)
        record = Demonstration(
            (Turn("user", f"Task {number}"),),
            (Turn("assistant", f"{number} {answer}".strip()),),
            parents=(Provenance(source="S2", file="f", line=number),),
        )
        lines.append(to_line(record) + b"\n")
    path.write_bytes(b"".join(lines))


def test_an_export_obeys_its_setting_and_the_manifest_spells_it_out(run, tmp_path):
    records(tmp_path / "records.jsonl")
    (tmp_path / "base.yaml").write_text("rules: {least_tokens: {tokens: 500}}\nseed: 3\n")
    (tmp_path / "mine.yaml").write_text(
        "extends: base.yaml\nrules: {least_tokens: {tokens: 100}}\n"
    )
    done = run("export", "records.jsonl", "--out", "out", "--recipe", "mine.yaml")
    assert done.returncode == 0, done.stderr
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert manifest["reasons"]["dropped"] == {"too_short": 10}
    assert "least_tokens:\n    tokens: 100" in manifest["recipe"]["text"]
    assert "Least tokens" in (tmp_path / "out" / "report.html").read_text("utf-8")


def test_its_card_and_the_schema_name_it(run):
    done = run("rules", "rules.least_tokens.tokens", "--lang", "zh")
    assert done.returncode == 0, done.stderr
    assert "最少词元" in done.stdout
    schema = json.loads(run("rules", "--schema").stdout)
    assert "tokens" in schema["properties"]["rules"]["properties"]["least_tokens"]["properties"]


def test_a_wrong_setting_is_named_with_its_line(run, tmp_path):
    records(tmp_path / "records.jsonl")
    for text, said in (
        ("rules:\n  least_tokens:\n    token: 20\n", "did you mean 'tokens'"),
        ("rules:\n  least_tokens:\n    tokens: -1\n", "rules.least_tokens.tokens"),
        ("seed: 1\nrules:\n  least_token: {}\n", "did you mean 'least_tokens'"),
    ):
        (tmp_path / "mine.yaml").write_text(text)
        done = run("plan", "records.jsonl", "--recipe", "mine.yaml")
        assert done.returncode == 2, done.stdout
        assert said in done.stderr
        assert "mine.yaml, line 3" in done.stderr
        assert "Traceback" not in done.stderr


def test_a_rule_without_a_place_in_the_order_is_named(run, tmp_path):
    module = tmp_path / "site" / "least_tokens.py"
    module.write_text(RULE.replace("ORDER, REASON = 45,", "STEP, REASON = 45,"), "utf-8")
    done = run("rules")
    assert done.returncode
    assert "'least_tokens' of the package least-tokens has no ORDER" in done.stderr
    assert "Traceback" not in done.stderr
