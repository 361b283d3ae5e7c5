"""`goldleaf why` and `goldleaf diff` as a user runs them."""

from __future__ import annotations

import json

import pytest

from goldleaf.core.record_lines import to_line
from goldleaf.core.records import Demonstration, Provenance, Tags, Turn


@pytest.fixture
def exports(goldleaf, tmp_path):
    """Two exports of the same rows, the second under a recipe that repeats."""
    file = tmp_path / "rows.jsonl"
    records = [
        Demonstration(
            (Turn("user", f"Question {n}?"),),
            (Turn("assistant", f"Answer {n}."),),
            tags=Tags(behaviours=("multi_turn",) if n < 3 else ()),
            parents=(Provenance(source="S4", file="first.csv", line=n + 1, annotator="person:a"),),
        )
        for n in range(40)
    ]
    file.write_bytes(b"".join(to_line(record) + b"\n" for record in records) + b"{broken\n")
    recipe = tmp_path / "mine.yaml"
    recipe.write_text("shares: {multi_turn: {min: 0.2}}\n", "utf-8")
    outs = tmp_path / "a", tmp_path / "b"
    for out, more in zip(outs, ((), ("--recipe", recipe)), strict=True):
        done = goldleaf("export", file, "--out", out, *more)
        assert done.returncode == 0, done.stderr
    return outs


def test_why(goldleaf, exports):
    _, out = exports
    done = goldleaf("why", out, "rows.jsonl:3")
    assert done.returncode == 0, done.stderr
    for text in ("Input rows.jsonl:3", "first read from first.csv:3", "person:a", "experts (S4)"):
        assert text in done.stdout
    told = json.loads(goldleaf("why", out, "rows.jsonl:3", "--json").stdout)
    assert told["kind"] == "answer"
    (record,) = told["records"]
    rows = [row for names in record["rows"].values() for row in names]
    assert len(rows) > 1
    again = goldleaf("why", out, max(rows), "--lang", "zh")
    assert f"重复自 {record['record']}" in again.stdout
    broken = goldleaf("why", out, "rows.jsonl:41")
    assert "rejected" in broken.stdout and broken.returncode == 0


@pytest.mark.parametrize("name", ["rows.jsonl:410", "0" * 32])
def test_why_not(goldleaf, exports, name):
    done = goldleaf("why", exports[0], name)
    assert done.returncode == 2
    assert "Nothing here is called" in done.stderr and "to do:" in done.stderr
    assert "Traceback" not in done.stderr
    assert goldleaf("why", exports[0].parent, name).returncode == 2


def test_diff(goldleaf, exports):
    one, other = exports
    done = goldleaf("diff", one, other)
    assert done.returncode == 0, done.stderr
    for text in ("They differ", "shares.multi_turn.min", "added", "trl/sft/train.jsonl", "share"):
        assert text in done.stdout
    told = json.loads(goldleaf("diff", one, other, "--json").stdout)
    assert told["same"] is False and told["rows"]["added"]
    same = goldleaf("diff", one, one, "--lang", "zh")
    assert same.returncode == 0 and "相同" in same.stdout
    assert goldleaf("diff", one, one.parent).returncode == 2
