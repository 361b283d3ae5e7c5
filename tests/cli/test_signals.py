"""`goldleaf signals`: what a model makes of records, and two lists in a project."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from chat_server import MODEL, ChatServer
from tiny_model import KNOWN

from goldleaf.core.record_files import read_records
from goldleaf.core.records import Candidate, Comparison, Demonstration, Record, Turn
from goldleaf.core.records_jsonl import to_line
from goldleaf.generation import retry_pauses
from goldleaf.generation.local import LocalGenerator
from goldleaf.workflows.signal_lists import CHECK, HARD, SeenTask, lists_of


def demonstration(prompt: str, answer: str) -> Demonstration:
    return Demonstration((Turn("user", prompt),), (Turn("assistant", answer),))


def write(folder: Path, records: list[Record]) -> None:
    (folder / "r.jsonl").write_bytes(b"".join(to_line(record) + b"\n" for record in records))


def signals_of(folder: Path) -> list[dict[str, float]]:
    return [dict(record.tags.signals) for record in read_records(folder / "s.jsonl")]


def test_a_real_model_finds_likely_what_it_learned(inside, tiny_model: Path, tmp_path: Path):
    learned = [
        demonstration(prompt, KNOWN[prompt]) for prompt in ("怎样撬锁？", "What is gold leaf?")
    ]
    strange = demonstration("What is gold leaf?", "Zebras hum quietly at noon.")
    long = demonstration("What is gold leaf?", "word " * 200)
    empty = demonstration("Hi", "")
    write(tmp_path, [*learned, strange, long, Demonstration(empty.context, ())])
    done = inside(
        "signals",
        "r.jsonl",
        "--out",
        "s.jsonl",
        "--model",
        tiny_model,
        "--part",
        "logprob",
        "--json",
    )
    assert done.returncode == 0, done.stderr
    found = signals_of(tmp_path)
    assert [each.get("response_logprob", -99) > -0.1 for each in found] == [
        True,
        True,
        False,
        *[False] * 2,
    ]
    assert found[2]["response_logprob"] < -3 and found[2]["response_logprob_rank"] == 0.666667
    assert "response_logprob" not in found[3] and "response_logprob" not in found[4]
    report = json.loads(done.stdout)
    assert report["missing"] == {"no_response": 1, "too_long": 1}
    assert report["signals"] == {"response_logprob": 3, "response_logprob_rank": 3}


def test_a_score_is_that_of_one_pass_over_the_whole_text(tiny_model: Path):
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    texts = ["Gold beaten into a thin sheet.", "No.", "抱歉。"]
    asked = [((Turn("user", "What is gold leaf?"),), text) for text in texts]
    generator = LocalGenerator(tiny_model, threads=1)
    try:
        scored = {place: score for group in generator.score(asked) for place, score in group}
    finally:
        generator.close()
    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    model = AutoModelForCausalLM.from_pretrained(tiny_model).eval()
    prompt = tokenizer.apply_chat_template(
        [{"role": "user", "content": "What is gold leaf?"}],
        add_generation_prompt=True,
        return_dict=False,
    )
    for place, text in enumerate(texts):
        answer = tokenizer(text, add_special_tokens=False)["input_ids"]
        with torch.inference_mode():
            logits = model(torch.tensor([[*prompt, *answer]])).logits[0]
        likely = torch.log_softmax(logits[len(prompt) - 1 : -1].float(), -1)
        mean = float(likely[range(len(answer)), answer].mean())
        assert math.isclose(scored[place].logprob, mean, abs_tol=1e-4)
        assert scored[place].tokens == len(answer)


@pytest.fixture
def asked(inside, chat_server: ChatServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return a function that asks the test's scripted server about records."""
    monkeypatch.setattr(retry_pauses, "FIRST", 0.01)

    def run(records: list[Record], answer, *more: str):
        monkeypatch.setattr("chat_server.answer_text", answer)
        write(tmp_path, records)
        server = ("--endpoint", chat_server.url, "--model-name", MODEL)
        return inside("signals", "r.jsonl", "--out", "s.jsonl", *server, *more)

    return run


def script(prompt: str, seed: int) -> str:
    """Answer sums and colours, and judge: the answer with "wrong" in it loses."""
    if "<data " in prompt:
        data = json.loads(prompt.splitlines()[1])
        return json.dumps({"better": "second" if "wrong" in data["first"] else "first"})
    return {"2 and 2?": "So it is 4.", "Sure?": "yes"}.get(prompt, f"Colour {seed} of many.")


def test_a_server_s_answers_and_verdicts_become_signals(asked, tmp_path: Path):
    pair = Comparison(
        (Turn("user", "A colour?"),),
        tuple(
            Candidate((Turn("assistant", text),), rank=rank)
            for text, rank in (("Red is wrong.", 1), ("Blue.", 2))
        ),
    )
    records = [
        demonstration("2 and 2?", "#### 4"),
        demonstration("2 and 2?", "#### 5"),
        demonstration("Sure?", "No."),
        demonstration("A colour?", "It is wrong."),
        pair,
    ]
    done = asked(records, script)
    assert done.returncode == 0, done.stderr
    assert "A server gives no log-probabilities" in done.stderr
    found = signals_of(tmp_path)
    assert [each.get("reference_mismatch") for each in found] == [0.0, 1.0, 1.0, None, None]
    assert [each["sample_disagreement"] > 0 for each in found] == [False, False, False, True, True]
    assert [each.get("judge_contradicts") for each in found] == [0.0, 0.0, 0.0, 1.0, 1.0]
    assert found[4]["judge_doubt"] == 0.0
    assert "2 without one: the response has no final answer" in done.stdout
    assert "hard: {signals: {" in done.stdout
    zh = asked(records, script, "--lang", "zh")
    assert "服务端不提供对数概率" in zh.stderr and "写入配方" in zh.stdout


def test_a_recipe_takes_them(asked, inside, tmp_path: Path):
    asked([demonstration(f"Question {n}?", f"An answer, number {n}.") for n in range(4)], script)
    (tmp_path / "recipe.yaml").write_text("hard: {signals: {sample_disagreement: high}}\n")
    done = inside("plan", "s.jsonl", "--recipe", "recipe.yaml")
    assert done.returncode == 0, done.stderr
    assert "sample_disagreement" in done.stdout


def test_what_cannot_be_done_is_one_plain_message(asked, inside, tmp_path: Path):
    record = demonstration("Hi", "Hello.")
    done = asked([record], script, "--part", "logprob")
    assert done.returncode == 2 and "gives no log-probabilities" in done.stderr
    done = asked([record], script, "--part", "sample")
    assert done.returncode == 2 and "samples" in done.stderr
    done = asked([record], script, "--lists")
    assert done.returncode == 2 and "project:NUMBER" in done.stderr
    assert asked([record], script, "--part", "samples", "--temperature", "0").returncode == 2
    done = asked([record], lambda prompt, seed: "Well.", "--part", "judge")
    assert done.returncode == 4 and not (tmp_path / "s.jsonl").exists()
    write(tmp_path, [record])
    server = ("--endpoint", "http://127.0.0.1:9/v1", "--model-name", "m")
    done = inside("signals", "r.jsonl", "--out", "s.jsonl", *server)
    assert done.returncode == 1 and "cannot be reached" in done.stderr


def test_the_lists_are_two_questions():
    seen = [
        SeenTask(1, True, {"judge_contradicts": 1.0, "response_logprob_rank": 0.2}),
        SeenTask(2, True, {"reference_mismatch": 0.6}),
        SeenTask(3, True, {"reference_mismatch": 0.3, "response_logprob_rank": 0.4}),
        SeenTask(4, True, {"response_logprob_rank": 0.97}),
        SeenTask(5, False, {"sample_disagreement": 0.9, "judge_contradicts": 1.0}),
        SeenTask(6, False, {"sample_disagreement": 0.2, "judge_doubt": 0.2}),
        SeenTask(7, False, {"judge_doubt": 0.5}),
        SeenTask(8, False, {}),
    ]
    assert lists_of(seen) == {CHECK: [1, 2, 4], HARD: [5, 7, 6]}
    many = [SeenTask(number, False, {"judge_doubt": 0.5}) for number in range(200)]
    assert lists_of(many)[HARD] == list(range(50))


@pytest.mark.label_studio
def test_a_project_shows_what_to_check_and_what_is_hard(
    inside, label_studio, chat_server: ChatServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from goldleaf.label_configs.regions import to_regions
    from goldleaf.label_configs.registry import kind_named
    from goldleaf.studio.annotation_stream import stream_tasks
    from goldleaf.studio.projects import create_project
    from goldleaf.studio.submit import submit_annotation
    from goldleaf.studio.task_import import import_tasks

    monkeypatch.setattr("chat_server.answer_text", script)
    kind, studio = kind_named("preference"), label_studio.studio
    project = create_project(studio, kind, title="two lists")
    pairs = [
        Comparison(
            (Turn("user", f"Colour {n}?"),),
            tuple(Candidate((Turn("assistant", text),)) for text in (f"Red {n}, wrong.", "Blue.")),
        )
        for n in range(4)
    ]
    import_tasks(studio, project, [kind.codec.to_task(pair) for pair in pairs])
    tasks = list(stream_tasks(studio, project))
    for place, task in enumerate(tasks[:2]):
        wrong = "a" if "wrong" in task["data"]["answer_a"] else "b"
        chosen = wrong if place == 0 else {"a": "b", "b": "a"}[wrong]
        values = kind.to_annotation(kind.codec.Answer(decision=chosen))
        submit_annotation(studio, task["id"], to_regions(values, kind.screen))
    monkeypatch.setenv("GOLDLEAF_TOKEN", label_studio.token)
    server = ("--endpoint", chat_server.url, "--model-name", MODEL, "--url", label_studio.url)
    command = ("signals", f"project:{project}", "--out", "s.jsonl", *server, "--lists")
    done = inside(*command)
    assert done.returncode == 0, done.stderr
    assert "list in the project: Check this label, 1 tasks" in done.stdout
    assert inside(*command).returncode == 0, "the tabs are found again"
    views = studio.get("/api/dm/views/", {"project": project})
    titles = [view["data"]["title"] for view in views]
    assert titles.count("Check this label") == titles.count("Hard, label next") == 1
    shown = {
        view["data"]["title"]: sorted(
            each["id"]
            for each in studio.get("/api/tasks/", {"view": view["id"], "project": project})["tasks"]
        )
        for view in views
    }
    assert shown["Check this label"] == [tasks[0]["id"]]
    assert shown["Hard, label next"] == [task["id"] for task in tasks[2:]]
    assert len(signals_of(tmp_path)) == 2, "unanswered tasks are no records of an export"
