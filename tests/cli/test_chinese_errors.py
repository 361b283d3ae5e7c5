"""Mistakes under `--lang zh`: what went wrong and what to do are said in Chinese."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

from goldleaf.core.translated import patterns

HAN = re.compile("[\u4e00-\u9fff]")
ROW = {"prompt": "Say hello.", "response": "Hello!"}
ERRORS = {"GoldleafError", "UsageError", "RejectedRows", "UnreadInput", "NothingUsable"}


@pytest.mark.parametrize(
    "arguments",
    [
        "import absent.jsonl --records r",
        "import rows.txt --records r",
        "import rows.jsonl",
        "import rows.jsonl --records r --map prompt",
        "import rows.jsonl --records r --map prompt=promt",
        "import rows.jsonl --records r --format x",
        "import rows.jsonl --records r --source x",
        "import strange.jsonl --records r --kind preference",
        "import strange.jsonl --records r --kind instruction",
        "import strange.jsonl --records r",
        "import cut.jsonl --records r",
        "import rows.jsonl --project 1",
        "import folder.jsonl --records r",
        "export absent.jsonl --out o",
        "export project:one --out o",
        "export strange.json --out o",
        "export rows.jsonl --out o",
        "plan rows.jsonl --recipe absent.yaml",
        "plan rows.jsonl --recipe bad.yaml",
        "check absent",
        "kinds absent",
        "rules absent",
        "project list --url http://127.0.0.1:9",
    ],
)
def test_common_mistakes(inside, tmp_path, arguments):
    line = json.dumps(ROW) + "\n"
    (tmp_path / "rows.jsonl").write_text(line)
    (tmp_path / "rows.txt").write_text(line)
    (tmp_path / "cut.jsonl").write_text(line + line[:-9])
    (tmp_path / "strange.jsonl").write_text('{"zh_instruction": "a", "zh_output": "b"}\n')
    (tmp_path / "strange.json").write_text('{"a": 1}')
    (tmp_path / "bad.yaml").write_text("sed: 7")
    (tmp_path / "folder.jsonl").mkdir()
    done = inside(*arguments.split(), "--lang", "zh")
    assert done.returncode
    what, *rest = done.stderr[done.stderr.index("goldleaf: ") :].splitlines()
    assert HAN.search(what), what
    for said in rest:
        assert said.startswith(("  位置：", "  处理：")), said
        assert not said.startswith("  处理：") or HAN.search(said), said


def test_notes(inside, tmp_path):
    (tmp_path / "rows.jsonl").write_text(json.dumps(ROW) + "\n")
    again = ("import", "rows.jsonl", "--records", "r.jsonl", "--lang", "zh")
    inside(*again)
    done = inside(*again)
    notes = [line for line in done.stderr.splitlines() if "r.jsonl " in line]
    assert notes and all(map(HAN.search, done.stderr.splitlines())), done.stderr


def texts(node, assigned):
    """Yield the texts, with {} for what is put in, that an expression may be."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=values):
            yield "".join(str(v.value) if isinstance(v, ast.Constant) else "{}" for v in values)
        case ast.IfExp(body=one, orelse=other):
            yield from texts(one, assigned)
            yield from texts(other, assigned)
        case ast.Name(id=name):
            for value in assigned.pop(name, ()):
                yield from texts(value, assigned)
        case _:
            pass


@pytest.mark.parametrize("room", ["cli", "core", "sources", "formats"])
def test_every_error_of_a_room_has_its_chinese(room):
    folder = Path(__file__).parents[2] / room
    missing = []
    for file in sorted(folder.rglob("*.py")):
        tree = ast.parse(file.read_text("utf-8"))
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and getattr(node.func, "id", "") in ERRORS):
                continue
            assigned: dict[str, list[ast.expr]] = {}
            for each in ast.walk(tree):
                if isinstance(each, ast.Assign) and isinstance(each.targets[0], ast.Name):
                    assigned.setdefault(each.targets[0].id, []).append(each.value)
            given = [*node.args[:1], *(k.value for k in node.keywords if k.arg == "fix")]
            for text in (text for each in given for text in texts(each, assigned)):
                filled = text.replace("{}", "x")
                if text.strip("{} .") and not any(p.fullmatch(filled) for p, _ in patterns()):
                    missing.append(f"{file.name}: {text}")
    assert not missing
