"""From prompts without an answer to a DPO file: one command each, no answer written by hand.

`GOLDLEAF_PROMPTS` names a file of prompts to do it with; by default some of the prototypes' seeds.
"""

from __future__ import annotations

import json
import os
from itertools import chain
from pathlib import Path

import pytest

from goldleaf.core.prototypes import prototypes

# Read now: no test sees the settings of the user's shell.
GIVEN = os.environ.get("GOLDLEAF_PROMPTS", "")


@pytest.mark.label_studio
def test_prompts_become_a_dpo_file(
    inside, label_studio, tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from goldleaf.label_configs.registry import kind_named
    from goldleaf.studio.annotation_stream import stream_tasks
    from goldleaf.workflows.demo_annotator import annotate

    prompts = Path(GIVEN or tmp_path / "prompts.txt")
    if not GIVEN:
        seeds = list(chain(*(each.seeds[1::6] for each in prototypes().values())))
        few = [seed for seed in seeds if len(seed.encode()) < 150][:16]
        prompts.write_text("\n".join(few) + "\n", encoding="utf-8")
    monkeypatch.setenv("GOLDLEAF_TOKEN", label_studio.token)
    monkeypatch.setenv("GOLDLEAF_URL", label_studio.url)
    made = json.loads(inside("project", "new", "preference", "--json", "--backend", "none").stdout)
    project = made["project"]
    asked = ("--model", tiny_model, "--max-tokens", 24, "--licence", "own", "--project", project)
    done = inside("generate", prompts, "--out", "generated.jsonl", *asked, "--limit", 200, "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["records"] == report["created"] >= 12, report
    assert inside("prelabel", project).returncode == 0
    kind, studio = kind_named("preference"), label_studio.studio
    assert kind.demo_answers
    annotate(studio, kind, kind.demo_answers, list(stream_tasks(studio, project)))
    done = inside("export", f"project:{project}", "--out", "out", "--format", "trl")
    assert done.returncode == 0, done.stderr
    rows = [
        json.loads(line)
        for split in ("train", "test")
        if (file := tmp_path / "out" / "trl" / "dpo" / f"{split}.jsonl").exists()
        for line in file.read_text("utf-8").splitlines()
    ]
    assert len(rows) > report["records"] / 2
    for row in rows:
        chosen, rejected = row["chosen"][-1]["content"], row["rejected"][-1]["content"]
        assert chosen and chosen != rejected and row["prompt"][-1]["role"] == "user"
    assert inside("check", "out").returncode == 0
