"""`goldleaf export` with a model's size: several sources in, balance told, nothing hidden."""

from __future__ import annotations

import json

import pytest

from goldleaf.core.records import Candidate, Comparison, Demonstration, Provenance, Tags, Turn
from goldleaf.core.records_jsonl import to_line


@pytest.fixture
def sources(tmp_path):
    """Two files of records: rows to imitate and pairs."""
    asked = [(Turn("user", f"Question {n}?"),) for n in range(60)]
    tasks = [
        Demonstration(
            prompt,
            (Turn("assistant", f"Answer {n}."),),
            tags=Tags(behaviours=("refusal",) if n < 4 else ("chat",)),
            parents=(Provenance(source="S4"),),
        )
        for n, prompt in enumerate(asked)
    ]
    sides = [Candidate((Turn("assistant", text),), rank=r) for r, text in enumerate("ab", 1)]
    pairs = [Comparison(prompt, tuple(sides), strength="strong") for prompt in asked]
    files = [tmp_path / "tasks.jsonl", tmp_path / "pairs.jsonl"]
    for file, records in zip(files, (tasks, pairs), strict=True):
        file.write_bytes(b"".join(to_line(record) + b"\n" for record in records))
    return files


def test_a_model_is_enough(inside, sources, tmp_path):
    out = tmp_path / "out"
    done = inside("export", *sources, "--out", out, "--model", "8B", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["answers"]["read"] == 120
    counts = {(count["use"], count["behaviour"]): count for count in told["behaviours"]}
    assert counts["sft", "refusal"]["train"] > counts["sft", "refusal"]["examples"]
    assert counts["sft", ""]["before"] == counts["dpo", ""]["before"] == 60
    short = {s["key"]: s for s in told["shortfalls"]}
    assert short["total.min"]["wanted"] == 30_000
    assert short["core.size"]["wanted"] == 6_000
    assert short["core.size"]["annotations"] > 5_900
    (empty,) = [c for c in told["conflicts"] if c["members"] == ["shares.multi_turn.min"]]
    assert [change["to"] is not None for change in empty["changes"]] == [True, True]
    assert (
        sum(told["files"].values()) == counts["sft", ""]["train"] + counts["sft", ""]["test"] + 60
    )
    assert inside("check", out).returncode == 0


@pytest.mark.parametrize(
    ("lang", "nearest", "texts"),
    [
        ("en", "There is no recipe for 13b: this is the one for 14B.", ("Short of the recipe",)),
        ("zh", "没有 13b 的配方：采用 14B 的配方。", ("未达到配方之处", "行为")),
    ],
)
def test_a_person_reads_what_is_missing(inside, sources, tmp_path, lang, nearest, texts):
    done = inside("export", *sources, "--out", tmp_path / "o", "--model", "13b", "--lang", lang)
    assert done.returncode == 0, done.stderr
    assert nearest in done.stderr
    for text in (*texts, "total.min", "100,000", "refusal", "S7"):
        assert text in done.stdout
    card = (tmp_path / "o" / "README.md").read_text("utf-8")
    assert f"## {texts[0]}" in card


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--model", "big"), "not a model size"),
        (("--model", "8B", "--recipe", "mine.yaml"), "A recipe and a model were both named"),
        (("--recipe", "mine.yaml"), "No such file"),
    ],
)
def test_mistakes(inside, sources, tmp_path, more, said):
    done = inside("export", *sources, "--out", tmp_path / "out", *more)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()
