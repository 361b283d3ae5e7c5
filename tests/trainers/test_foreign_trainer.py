"""A trainer from another package: installed, exported to, with settings and a page, and asked."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from foreign_package import install

from goldleaf.core.records import Demonstration, Turn
from goldleaf.core.records_jsonl import to_line

HERE = Path(__file__).parent / "tally"


@pytest.mark.trainer
def test_a_trainer_of_another_package_works_like_our_own(tmp_path):
    target = install(HERE, tmp_path)

    def goldleaf(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "goldleaf", *map(str, arguments)],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(target), "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=300,
        )

    records, out = tmp_path / "records.jsonl", tmp_path / "out"
    made = [
        Demonstration((Turn("user", f"Count to {n}."),), (Turn("assistant", f"1 and {n}."),))
        for n in range(8)
    ]
    records.write_bytes(b"".join(to_line(record) + b"\n" for record in made))
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text("split: {test: 0}\n", "utf-8")
    done = goldleaf("export", records, "--recipe", recipe, "--format", "tally", "--out", out)
    assert done.returncode == 0, done.stderr
    rows = (out / "tally" / "pairs" / "train.jsonl").read_text("utf-8").splitlines()
    assert {"ask": "Count to 3.", "say": "1 and 3."} in map(json.loads, rows)
    assert (out / "tally" / "pairs.yaml").read_text("utf-8") == "shuffle: false\n"
    page = (out / "tally" / "pairs" / "README.md").read_text("utf-8")
    assert page == "Count 8 rows with `tally pairs.yaml`.\n"
    checked = goldleaf("check", out, "--with", "tally", "--json")
    assert checked.returncode == 0, checked.stderr
    (loaded,) = json.loads(checked.stdout)["loaded"]
    assert (loaded["kept"], loaded["rows"]) == (8, 8)
    ((_, asked), (_, said)) = loaded["samples"][0]["text"]
    assert (asked, said) == (False, True)
