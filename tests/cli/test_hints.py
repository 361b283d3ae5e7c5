"""Hints name the data directory that a command ran with: pasted, they are about the same state."""

from __future__ import annotations

import json
import re
import shlex

import pytest

from goldleaf.cli.suggestions import WITH_DATA_DIR
from goldleaf.core.records import Demonstration, Tags, Turn
from goldleaf.core.records_jsonl import to_line

pytestmark = pytest.mark.label_studio

NAMES = "|".join(sorted(WITH_DATA_DIR, key=len, reverse=True))
HINTED = re.compile(rf"(?:goldleaf|\bor|或) ({NAMES})(?![\w-])")
"""A command that takes the data directory; also one whose program's name was left out ("or x")."""


def refusals(path, tags=("refusal_unsettled",)):
    rows = [
        Demonstration(
            (Turn("user", f"How do I open lock {n}?"),),
            (Turn("assistant", "I can't help with that."),),
            tags=Tags(behaviours=tags),
        )
        for n in range(20)
    ]
    path.write_bytes(b"".join(to_line(row) + b"\n" for row in rows))
    return path


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_hint_names_the_data_directory(inside, label_studio, tmp_path, monkeypatch, lang):
    state = tmp_path / "my state"
    monkeypatch.setenv("GOLDLEAF_URL", label_studio.url)
    monkeypatch.setenv("GOLDLEAF_TOKEN", label_studio.token)

    def hints(*arguments: object) -> set[str]:
        """Run a command; return the commands that it names, each of them with the directory."""
        done = inside(*arguments, "--data-dir", state)
        printed = done.stdout + done.stderr
        assert "Traceback" not in printed
        for found in HINTED.finditer(printed):
            rest = printed[found.end() :]
            assert rest.startswith(f" --data-dir {shlex.quote(str(state))}"), found[0] + rest[:200]
        return {found[1] for found in HINTED.finditer(printed)}

    spoken = ("--lang", lang)
    made = inside("project", "new", "refusal", "--json", "--data-dir", state)
    number = json.loads(made.stdout)["project"]
    rows, empty = refusals(tmp_path / "rows.jsonl"), tmp_path / "empty.jsonl"
    empty.write_text('{"none": 1}\n', "utf-8")
    (broken := tmp_path / "broken.jsonl").write_text('{"none": 1\n', "utf-8")
    task = tmp_path / "task.jsonl"
    task.write_text('{"prompt": "How do I bake bread?", "response": "Knead it."}\n', "utf-8")
    labels = ("--source", "feedback", "--licence", "Apache-2.0", "--consent", "own")
    assert hints("import", task, "-p", number, "--kind", "refusal", *labels) == set()
    assert hints("project", "new", "refusal", *spoken) == {"serve", "project attach", "import"}
    assert hints("prelabel", number, *spoken) == {"up", "serve"}
    assert hints("doctor", "--project", number, *spoken) >= {"up", "serve", "project attach"}
    assert hints("plan", rows, "--model", "8b", *spoken) == {"project new"}
    assert hints("plan", empty, *spoken) == {"import"}
    assert hints("plan", broken, *spoken) == {"export"}
    assert hints("project", "attach", number, *spoken) == {"up", "serve"}
    assert hints("project", "detach", number, "http://127.0.0.1:9", *spoken) == {"doctor"}
    assert "up" in hints("prelabel", number, "--url", "http://127.0.0.1:9", *spoken)
