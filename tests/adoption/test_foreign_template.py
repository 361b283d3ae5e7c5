"""A template from another package: installed, recognised, exported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from foreign_package import install
from shipped_configs import answer, region, task, write

HERE = Path(__file__).parent / "foreign_template"


def test_a_template_of_another_package_is_read_like_a_shipped_one(tmp_path):
    target = install(HERE, tmp_path)
    data = {"ask": "2 + 2?", "one": "Four.", "two": "Five."}
    given = answer([region("pick", "choices", choices=["Right"])])
    file = write(tmp_path / "tasks.json", [task(data, given)])
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(target), "GOLDLEAF_LANG": "en"}
    environment["GOLDLEAF_DATA_DIR"] = str(tmp_path / "state")
    command = [sys.executable, "-m", "goldleaf", "export", str(file), "--out", str(tmp_path / "o")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Side by side" in done.stderr
    (line,) = [
        line
        for path in (tmp_path / "o" / "trl").rglob("*.jsonl")
        for line in path.read_text("utf-8").splitlines()
    ]
    assert json.loads(line)["chosen"][0]["content"] == "Five."
