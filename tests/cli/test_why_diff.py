"""`goldleaf why` and `goldleaf diff` as a user runs them."""

from __future__ import annotations

import json

import pytest
from label_studio_export import Project, shown_answer, shown_pair

from goldleaf.core.records import Demonstration, Provenance, Tags, Turn
from goldleaf.core.records_jsonl import to_line


@pytest.fixture
def exports(inside, tmp_path):
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
        done = inside("export", file, "--out", out, *more)
        assert done.returncode == 0, done.stderr
    return outs


def test_why(inside, exports):
    _, out = exports
    done = inside("why", out, "rows.jsonl:3")
    assert done.returncode == 0, done.stderr
    for text in ("Input rows.jsonl:3", "first read from first.csv:3", "person:a", "experts (S4)"):
        assert text in done.stdout
    told = json.loads(inside("why", out, "rows.jsonl:3", "--json").stdout)
    assert told["kind"] == "answer"
    (record,) = told["records"]
    rows = [row for names in record["rows"].values() for row in names]
    assert len(rows) > 1
    again = inside("why", out, max(rows), "--lang", "zh")
    assert f"重复自 {record['record']}" in again.stdout
    broken = inside("why", out, "rows.jsonl:41")
    assert "rejected" in broken.stdout and broken.returncode == 0


@pytest.mark.parametrize("name", ["rows.jsonl:410", "0" * 32])
def test_why_not(inside, exports, name):
    done = inside("why", exports[0], name)
    assert done.returncode == 2
    assert "Nothing here is called" in done.stderr and "Fix:" in done.stderr
    assert "Traceback" not in done.stderr
    assert inside("why", exports[0].parent, name).returncode == 2


def test_diff(inside, exports):
    one, other = exports
    done = inside("diff", one, other)
    assert done.returncode == 0, done.stderr
    for text in ("They differ", "shares.multi_turn.min", "added", "trl/sft/train.jsonl", "share"):
        assert text in done.stdout
    told = json.loads(inside("diff", one, other, "--json").stdout)
    assert told["same"] is False and told["rows"]["added"]
    titles = inside("diff", one, other, "--lang", "zh").stdout.splitlines()
    assert "配方：" in titles and not any(line.endswith(":") for line in titles)
    same = inside("diff", one, one, "--lang", "zh")
    assert same.returncode == 0 and "相同" in same.stdout
    assert inside("diff", one, one.parent).returncode == 2


def _decisions(tmp_path):
    """Write answers to three kinds of screen; return the files and what each answer is to say."""
    pairs, answers = Project(1, "preference"), Project(2, "instruction")
    texts = ("decided", "is given by")
    said = {}

    def expect(project, task, annotation, *found):
        name = f"project:{project.number}/task:{task['id']}/annotation:{annotation['id']}"
        said[name] = dict(zip(texts, found, strict=True))

    def pair(n, found, **answer):
        task = pairs.task(shown_pair(asked=(Turn("user", f"Lock {n}?"),)))
        expect(pairs, task, pairs.annotate(task, 1, **answer), *found)

    unchanged = "text as it was shown, unchanged"
    pair(0, ("answer A is much better", unchanged), decision="a_much")
    pair(1, ("answer B is slightly better", unchanged), decision="b")
    pair(2, ("both are equally good", unchanged), decision="tie")
    pair(3, ("both are bad", unchanged), decision="both_bad")
    edit = "Ask two locksmiths."
    pair(4, ("answer A is slightly better", "changed by a person"), decision="a", edit_a=edit)
    pair(5, ("both are bad", "text of their own"), decision="both_bad", own="Call for help.")
    kept = "this text is an example to learn from"
    corrected = "the corrected text is slightly better than the text it replaces"
    for n, (verdict, text, *found) in enumerate(
        [
            ("unusable", "", "bad (thumb down)", unchanged),
            ("good", "", kept, "accepted unchanged"),
            ("fixed", "Look up a smith.", f"{corrected}, {kept}", "changed by a person"),
        ]
    ):
        task = answers.task(shown_answer(asked=(Turn("user", f"Key {n}?"),)))
        annotation = answers.annotate(task, 1, verdict=verdict, answer=text)
        expect(answers, task, annotation, *found)
    task = answers.task(shown_answer("", asked=(Turn("user", "And now?"),)))
    annotation = answers.annotate(task, 1, verdict="good", answer="Wait.")
    expect(answers, task, annotation, kept, "text of their own")
    return [p.write(tmp_path / f"{p.kind.id.split('/')[0]}.json") for p in (pairs, answers)], said


def test_why_says_what_was_decided_and_whose_the_text_is(inside, tmp_path):
    files, said = _decisions(tmp_path)
    out = tmp_path / "out"
    done = inside("export", *files, "--out", out)
    assert done.returncode == 0, done.stderr
    for name, found in said.items():
        story = inside("why", out, name).stdout.splitlines()
        lines = [line.strip() for line in story]
        assert f"decided: {found['decided']}" in lines, (name, lines)
        (by,) = (line for line in lines if line.startswith("given by "))
        assert by.endswith(f": {found['is given by']}"), (name, by)
    first, down = next(iter(said)), next(n for n in said if said[n]["decided"].startswith("bad"))
    for name, text in ((first, "判断：回答 A 明显更好"), (down, "判断：差（踩）")):
        assert text in inside("why", out, name, "--lang", "zh").stdout
    edited = next(name for name in said if said[name]["decided"].startswith("the corrected text"))
    told = json.loads(inside("why", out, edited, "--json").stdout)
    (edit,) = told["edits"]
    assert edit["edited"] == "Look up a smith." and "{+" in edit["difference"]
    # The example's own row says what its text replaced, though the pair is another record.
    example = next(r for r in told["records"] if r["record"] != edit["record"])
    lines = inside("why", out, example["record"]).stdout
    assert f"{edit['words']} words changed" in lines and edit["difference"] in lines
    assert "<ins>" in (out / "report.html").read_text("utf-8")
    (line,) = json.loads(inside("why", out, down, "--json").stdout)["answers"]
    assert line["by"]["decided"] == ["bad"] and line["by"]["origin"] == ["shown"]
