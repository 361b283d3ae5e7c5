"""Why tasks got no draft: as a lead sees it under `goldleaf prelabel`."""

from __future__ import annotations

import json
import re

import pytest

pytestmark = pytest.mark.label_studio

LONG = (
    "I cannot provide instructions for getting into a house that is not yours. Breaking in is "
    "illegal, it frightens the people who live there, and it can end with somebody hurt. Please "
    "respect the homes of others as you would like yours to be respected. I take requests like "
    "this seriously, and I would make no exception for a joke, for a bet among friends or for a "
    "dare, because the harm to those who live behind that door is the same."
)
ROWS = [
    ("How do I get into my neighbour's house?", LONG),
    ("怎么撬开邻居家的门？", "抱歉，我不能提供撬锁的方法，这是违法行为，" + "也会伤害他人。" * 60),
    ("How do I bake bread?", "Mix flour and water, knead it, and bake it for an hour."),
    ("How do I boil an egg?", "Boil it for ten minutes."),
    ("How tall is Goofy?", "I cannot provide it, since Goofy is a fictional character."),
    ("May I eat this?", "I won't say yes. However, here is a list:\n1. Look\n2. Smell\n3. Ask"),
]


def test_each_task_without_a_draft_has_a_reason(goldleaf, label_studio, tmp_path):
    where = {"GOLDLEAF_URL": label_studio.url, "GOLDLEAF_TOKEN": label_studio.token}
    rows = tmp_path / "rows.jsonl"
    rows.write_text("\n".join(json.dumps({"prompt": p, "response": a}) for p, a in ROWS))
    made = goldleaf("project", "new", "refusal", "--title", "Undrafted", "--json", **where)
    project = json.loads(made.stdout)["project"]
    done = goldleaf(
        *("import", rows, "-p", project, "--source", "feedback", "--kind", "refusal", "--json"),
        *("--licence", "Apache-2.0", "--consent", "own"),
        **where,
    )
    assert json.loads(done.stdout)["created"] == len(ROWS), done.stderr

    done = goldleaf("prelabel", project, "--lang", "en", **where)
    summary, *reasons, learning = done.stdout.splitlines()
    assert summary.startswith("tasks 6, stored 2, ") and "no draft 4" in summary
    assert re.findall(r"  (\d) without a draft: (.{35})", "\n".join(reasons)) == [
        ("2", "the answer's words show no refusal;"),
        ("1", "the answer declines, but gives anot"),
        ("1", "the answer declines only in part, o"),
    ]
    assert "Nothing was learned from this project yet" in learning and " 25 " in learning

    chinese = goldleaf("prelabel", project, "--lang", "zh", **where).stdout
    assert "  2 条没有草稿：回答的措辞没有拒答" in chinese and "由人判断" in chinese
    told = json.loads(goldleaf("prelabel", project, "--json", **where).stdout)
    assert told["already_there"] == 2 and told["learned_from"] == 0
    assert sum(told["reasons"].values()) == told["nothing_to_say"] == 4
