"""`goldleaf self-instruct`: new tasks that repeat none, a share that people check, a decision."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from chat_server import MODEL, ChatServer

from goldleaf.core.prototypes import prototypes
from goldleaf.core.record_files import read_records
from goldleaf.core.records import Demonstration
from goldleaf.generation import retry_pauses
from goldleaf.workflows.self_instruct import short_prototypes
from goldleaf.workflows.spot_check import interval, still_to_check

SEEDS = [
    {"instruction": "Name three rivers of Africa.", "output": "Nile, Congo, Niger."},
    {"instruction": "Explain why bread rises.", "output": ""},
    {"instruction": "写一句关于秋天的话。", "output": "秋天来了。"},
    {"instruction": "解释为什么冰会浮在水面上。", "output": ""},
]
TOPICS = """glaciers violins beekeeping comets pottery ferries archives lichens markets origami
lighthouses sundials compost harbours tunnels saddles quilts kites marble dialects""".split()


def scripted(prompt: str, seed: int) -> str:
    """Write tasks by the seed, one of them a copy of an example; answer every task."""
    if "<data " not in prompt:
        return f"An answer to: {prompt}"
    data = json.loads(prompt.splitlines()[1])
    draw = random.Random(seed)
    tasks = [" ".join(draw.sample(TOPICS, 6)) + "?" for _ in range(data["count"] - 1)]
    if "\u4e00" <= data["examples"][0][0] <= "\u9fff":
        tasks = ["".join(chr(0x4E00 + draw.randrange(5000)) for _ in range(14)) for _ in tasks]
    return json.dumps({"tasks": [*tasks, data["examples"][0]]}, ensure_ascii=False)


@pytest.fixture
def written(inside, chat_server: ChatServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return a function that has the scripted chat server write new tasks."""
    monkeypatch.setattr(retry_pauses, "FIRST", 0.01)
    monkeypatch.setattr("chat_server.answer_text", scripted)
    lines = [json.dumps(seed, ensure_ascii=False) for seed in SEEDS]
    (tmp_path / "seeds.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def run(*more: object):
        server = ("--endpoint", chat_server.url, "--model-name", MODEL)
        return inside("self-instruct", "new", "seeds.jsonl", "--out", "b.jsonl", *server, *more)

    return run


def test_new_tasks_repeat_no_seed_and_each_other(written, tmp_path: Path):
    done = written("--count", "24", "--spot-check", "0.5", "--licence", "own", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    found = list(read_records(tmp_path / "b.jsonl"))
    asked = [record.context[0].content for record in found]
    assert len(found) == len(set(asked)) == report["records"] == 24
    assert not set(asked) & {seed["instruction"] for seed in SEEDS}
    assert report["repeated"] > 0, "the script copies an example into every answer"
    for record in found:
        assert isinstance(record, Demonstration)
        assert record.response[0].content == f"An answer to: {record.context[0].content}"
        (parent,) = record.parents
        assert (parent.source, parent.licence) == ("S3", "own") and MODEL in parent.drafted_by
        assert record.tags.signals["spot_check_share"] == 0.5
    drawn = sum(record.tags.signals["spot_check"] for record in found)
    assert drawn == report["to_check"] and 4 <= drawn <= 20
    assert {record.tags.language for record in found} == {"en", "zh"}


def test_a_batch_goes_on_and_ends_with_the_same_bytes(written, tmp_path: Path, chat_server):
    written("--count", "24")
    whole, asked = (tmp_path / "b.jsonl").read_bytes(), chat_server.asked.total()
    assert written("--count", "24").returncode == 0
    assert (tmp_path / "b.jsonl").read_bytes() == whole
    assert chat_server.asked.total() == asked, "everything was answered before"
    journal = tmp_path / "b.jsonl.answers"
    content = journal.read_bytes()
    journal.write_bytes(content[: len(content) * 2 // 5])  # as a kill leaves it
    assert written("--count", "24").returncode == 0
    assert (tmp_path / "b.jsonl").read_bytes() == whole
    written("--count", "30")
    assert (tmp_path / "b.jsonl").read_bytes().startswith(whole), "a greater count continues it"


def test_an_ability_is_asked_for_and_named(written, tmp_path: Path, chat_server):
    plan = {"prototypes": [{"name": "", "train": 9}, {"name": "fact_lookup", "train": 400}]}
    assert "fact_lookup" not in short_prototypes(plan)
    assert short_prototypes(plan)[0] == next(n for n in prototypes() if n != "fact_lookup")
    assert set(short_prototypes({"prototypes": []})) == set(prototypes())
    done = written("--count", "8", "--prototype", "define_term")
    assert done.returncode == 0, done.stderr
    assert {record.tags.prototype for record in read_records(tmp_path / "b.jsonl")} == {
        "define_term"
    }
    data = [b["messages"][-1]["content"] for b in chat_server.bodies if len(b["messages"]) == 2]
    abilities = {json.loads(text.splitlines()[1])["ability"] for text in data if "<data " in text}
    assert abilities == {"define a term", "名词解释"}
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    assert written("--count", "4", "--plan", "plan.json").returncode == 0
    done = written("--prototype", "define_terms")
    assert done.returncode == 2 and "define_term" in done.stderr


def test_a_model_that_writes_no_list_is_said_so(written, monkeypatch, tmp_path: Path):
    monkeypatch.setattr("chat_server.answer_text", lambda prompt, seed: "1. A task 2. Another")
    done = written("--count", "4")
    assert done.returncode == 4 and "no new task" in done.stderr and "Fix:" in done.stderr
    zh = written("--count", "4", "--lang", "zh")
    assert "模型没有给出带回答的新任务" in zh.stderr
    assert not (tmp_path / "b.jsonl").exists()


def test_a_model_that_repeats_itself_ends_the_run(written, monkeypatch):
    same = json.dumps({"tasks": ["Describe a lighthouse at night."]})
    monkeypatch.setattr(
        "chat_server.answer_text", lambda prompt, seed: same if "<data " in prompt else "Dark."
    )
    done = written("--count", "50")
    assert done.returncode == 0 and "no more new tasks to give" in done.stdout
    assert "1 records" in done.stdout


def test_the_interval_is_wilson_s():
    from scipy.stats import binomtest

    for errors, checked in ((0, 30), (3, 40), (20, 40), (40, 40)):
        known = binomtest(errors, checked).proportion_ci(0.95, "wilson")
        assert interval(errors, checked) == pytest.approx((known.low, known.high), abs=1e-6)
    more = still_to_check(0, 10, 0.1)
    assert more is not None and interval(0, 10 + more)[1] <= 0.1 < interval(0, 10)[1]
    assert still_to_check(5, 10, 0.1) is None


@pytest.mark.label_studio
def test_people_s_check_accepts_a_batch_or_sends_it_back(
    written, inside, label_studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from goldleaf.label_configs.regions import to_regions
    from goldleaf.label_configs.registry import kind_named
    from goldleaf.studio.annotation_stream import stream_tasks
    from goldleaf.studio.projects import create_project
    from goldleaf.studio.submit import submit_annotation

    kind, studio = kind_named("instruction"), label_studio.studio
    project = create_project(studio, kind, title="spot check")
    monkeypatch.setenv("GOLDLEAF_TOKEN", label_studio.token)
    monkeypatch.setenv("GOLDLEAF_URL", label_studio.url)
    done = written("--count", "24", "--spot-check", "0.5", "--project", project)
    assert done.returncode == 0, done.stderr
    tasks = list(stream_tasks(studio, project))
    drawn = [r for r in read_records(tmp_path / "b.jsonl") if r.tags.signals["spot_check"]]
    assert len(tasks) == len(drawn)
    check = ("self-instruct", "check", "b.jsonl", "--project", project)
    assert inside(*check).returncode == 4, "nobody has checked anything"
    for task in tasks:
        values = kind.to_annotation(kind.codec.Answer(verdict="good"))
        submit_annotation(studio, task["id"], to_regions(values, kind.screen))
    found = json.loads(inside(*check, "--json").stdout)
    assert (found["checked"], found["errors"], found["decision"]) == (len(tasks), 0, "undecided")
    accepted = inside(*check, "--max-error", "0.5")
    assert "Accepted" in accepted.stdout, accepted.stdout
    kept = list(read_records(tmp_path / "b.jsonl.accepted"))
    assert len(kept) == 24 - len(tasks)
    for number, task in enumerate(tasks):
        answer = (
            kind.codec.Answer(verdict="unusable")
            if number % 2
            else kind.codec.Answer(verdict="fixed", answer="A better answer.")
        )
        submit_annotation(studio, task["id"], to_regions(kind.to_annotation(answer), kind.screen))
    (tmp_path / "b.jsonl.accepted").unlink()
    done = inside(*check, "--strict", "--lang", "zh")
    assert done.returncode == 3 and "退回" in done.stdout, done.stdout
    assert not (tmp_path / "b.jsonl.accepted").exists()
