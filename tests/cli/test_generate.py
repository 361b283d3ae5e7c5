"""`goldleaf generate`: prompts of a file become records of a kind, each with its model."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from chat_server import MODEL, ChatServer

from goldleaf.core.record_files import read_records
from goldleaf.core.records import Comparison, Demonstration, Record, Turn
from goldleaf.generation import retry_pauses
from goldleaf.label_configs.registry import kind_named

HAN = re.compile("[\u4e00-\u9fff]")
PROMPTS = ["Why is gold yellow?", "Name a river.", "金箔有多薄？", "How is size made?"]


@pytest.fixture
def ask(inside, chat_server: ChatServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return a function that runs `goldleaf generate` on prompts with the server of the test."""
    monkeypatch.setattr(retry_pauses, "FIRST", 0.01)
    for name in ("GOLDLEAF_ENDPOINT_KEY", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)

    def run(prompts: list[str], *arguments: object):
        (tmp_path / "prompts.txt").write_text("\n".join(prompts) + "\n", encoding="utf-8")
        server = ("--endpoint", chat_server.url, "--model-name", MODEL)
        return inside("generate", "prompts.txt", "--out", "r.jsonl", *server, *arguments)

    return run


def records(folder: Path) -> list[Record]:
    return list(read_records(folder / "r.jsonl"))


def comparison(folder: Path) -> Comparison:
    (record,) = records(folder)
    assert isinstance(record, Comparison)
    return record


def test_two_answers_are_a_comparison_still_to_be_ranked(ask, tmp_path: Path, chat_server):
    done = ask(PROMPTS, "--temperature", "0.7,1.0", "--licence", "own")
    assert done.returncode == 0, done.stderr
    found = records(tmp_path)
    assert [record.context[-1].content for record in found] == PROMPTS
    for number, record in enumerate(found, 1):
        assert isinstance(record, Comparison)
        assert [each.rank for each in record.candidates] == [None, None]
        assert {each.drafted_by.partition("@")[0] for each in record.candidates} == {MODEL}
        parent = record.parents[0]
        assert (parent.source, parent.line, parent.licence) == ("S3", number, "own")
    assert found[2].tags.language == "zh"
    assert sorted({body["temperature"] for body in chat_server.bodies}) == [0.7, 1.0]
    assert f"Texts are sent to {chat_server.url[7:-3]}" in done.stderr
    assert "4 prompts, 8 answers" in done.stderr and "about" in done.stderr


@pytest.mark.parametrize("kind", ["preference", "instruction", "refusal"])
def test_the_file_is_imported_at_once_by_its_kind(ask, inside, tmp_path: Path, kind: str):
    assert ask(PROMPTS, "--kind", kind).returncode == 0
    source = ("--source", "self_instruct")
    done = inside("import", "r.jsonl", "--records", "again.jsonl", *source)
    assert done.returncode == 0 and "rejected 0" in done.stdout, done.stdout
    for record in read_records(tmp_path / "again.jsonl"):
        task = kind_named(kind).codec.to_task(record)
        assert task["prompt"] in PROMPTS


def test_one_answer_is_a_demonstration_drafted_by_its_model(ask, tmp_path: Path):
    assert ask(PROMPTS[:2], "--kind", "instruction", "--system", "Be brief.").returncode == 0
    for record in records(tmp_path):
        assert isinstance(record, Demonstration)
        assert record.context[0].content == "Be brief." and record.response[0].content
        assert record.parents[0].drafted_by.startswith(f"{MODEL}@")
        assert record.parents[0].origin == "imported"


def test_a_ranking_has_as_many_answers_as_asked_for(ask, tmp_path: Path, inside):
    assert ask(PROMPTS[:1], "--kind", "ranking", "--n", "5").returncode == 0
    record = comparison(tmp_path)
    assert len({each.turns[0].content for each in record.candidates}) == 5
    assert ask(PROMPTS, "--kind", "ranking", "--n", "2").returncode == 2
    assert ask(PROMPTS, "--n", "3").returncode == 2


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("p.csv", "prompt,topic\nWhy?,physics\nHow?,art\n"),
        ("p.jsonl", '{"instruction": "Why?"}\n{"instruction": "How?", "input": ""}\n'),
        ("p.txt", "\ufeffWhy?\r\n\r\n  How?  \n"),
    ],
)
def test_prompts_come_in_any_shape(inside, tmp_path: Path, chat_server, name: str, content: str):
    (tmp_path / name).write_text(content, encoding="utf-8", newline="")
    server = ("--endpoint", chat_server.url, "--model-name", MODEL)
    assert inside("generate", name, "--out", "r.jsonl", *server).returncode == 0
    assert [record.context[0].content for record in records(tmp_path)] == ["Why?", "How?"]


def test_prompts_of_a_parquet_file(inside, tmp_path: Path, chat_server):
    import polars as pl

    pl.DataFrame({"prompt": ["Why?"]}).write_parquet(tmp_path / "p.parquet")
    server = ("--endpoint", chat_server.url, "--model-name", MODEL)
    assert inside("generate", "p.parquet", "--out", "r.jsonl", *server).returncode == 0
    assert len(records(tmp_path)) == 1


def test_each_prompt_without_an_answer_has_its_reason(ask, tmp_path: Path):
    faults = ["junk", "html", "too_long", "refused", "empty", "huge", "failing", "cut_off"]
    prompts = [*PROMPTS, *(f"fault:{fault}" for fault in faults), PROMPTS[0]]
    done = ask(prompts)
    assert done.returncode == 0 and len(records(tmp_path)) == len(PROMPTS)
    lines = (tmp_path / "r.jsonl.rejected").read_text("utf-8").splitlines()
    rejected = {row["row"]: row["reason"] for row in map(json.loads, lines)}
    reasons = ["unparseable", "unparseable", "too_long", "refused_by_server", "empty"]
    reasons += ["too_large", "server_error", "unparseable", "repeated_prompt"]
    assert list(rejected.values()) == reasons
    assert list(rejected) == [f"prompts.txt:{n}" for n in range(5, 14)]
    assert "3 prompts have no record: unparseable" in done.stdout
    zh = ask(prompts, "--lang", "zh")
    assert "3 条提示词没有记录：unparseable（服务端发来的不是回答）" in zh.stdout
    notes = [line for line in zh.stderr.splitlines() if line.startswith("  prompts.txt")]
    assert notes and all(map(HAN.search, notes)), notes
    report = json.loads(ask(prompts, "--json").stdout)
    assert report["reasons"]["unparseable"] == 3
    assert ask(prompts, "--strict").returncode == 3
    assert ask(["fault:junk"]).returncode == 4


def test_a_rejected_list_of_an_earlier_run_does_not_stay(ask, tmp_path: Path):
    ask([*PROMPTS, "fault:junk"])
    assert (tmp_path / "r.jsonl.rejected").exists()
    ask(PROMPTS)
    assert not (tmp_path / "r.jsonl.rejected").exists()


@pytest.mark.parametrize(
    ("fault", "english", "chinese"),
    [
        ("unauthorized", "does not admit this key", "不接受这个密钥"),
        ("not_found", "no such model or address", "没有这个模型或地址"),
        ("redirect", "sends requests elsewhere", "转到别处"),
    ],
)
def test_a_server_that_refuses_every_request_ends_the_run(ask, tmp_path, fault, english, chinese):
    done = ask([f"{n} fault:{fault}" for n in range(50)])
    assert done.returncode == 1 and english in done.stderr and "Fix:" in done.stderr
    assert chinese in ask([f"fault:{fault}"], "--lang", "zh").stderr
    assert not (tmp_path / "r.jsonl").exists()


def test_a_run_that_was_stopped_asks_for_what_is_missing_alone(ask, tmp_path, chat_server):
    done = ask([*PROMPTS, "fault:unauthorized"])
    assert done.returncode == 1
    before = chat_server.asked.copy()
    assert ask(PROMPTS).returncode == 0 and len(records(tmp_path)) == len(PROMPTS)
    after = {key for key in chat_server.asked if "fault" not in key[0]}
    assert len(after) == 2 * len(PROMPTS)
    whole = (tmp_path / "r.jsonl").read_bytes()
    again = chat_server.asked.copy()
    assert before.total() and ask(PROMPTS).returncode == 0
    assert chat_server.asked == again, "everything was there"
    assert (tmp_path / "r.jsonl").read_bytes() == whole


def test_answers_that_are_alike_are_asked_for_again(ask, tmp_path, chat_server):
    chat_server.same_seeds = True
    done = ask(PROMPTS[:2], "--kind", "ranking", "--n", "3")
    assert done.returncode == 4 and chat_server.asked.total() == 2 * (3 + 2 + 2)
    lines = (tmp_path / "r.jsonl.rejected").read_text("utf-8").splitlines()
    assert {json.loads(line)["reason"] for line in lines} == {"answers_alike"}
    chat_server.same_seeds = False
    again = ask([*PROMPTS[:2], "new one"], "--kind", "ranking", "--n", "3")
    assert "were nearly another one" in again.stdout and len(records(tmp_path)) == 1


def test_an_estimate_asks_for_a_few_answers_and_stops(ask, tmp_path, chat_server):
    prompts = [f"Prompt {number}" for number in range(50)]
    done = ask(prompts, "--dry-run", "--json")
    estimate = json.loads(done.stdout)
    assert (estimate["prompts"], estimate["requests"]) == (50, 100)
    assert estimate["answer_tokens"] == 100 * 512 and estimate["seconds"] > 0
    assert chat_server.asked.total() == 4 and not (tmp_path / "r.jsonl").exists()
    assert "50 条提示词" in ask(prompts, "--dry-run", "--lang", "zh").stdout


def test_several_models_answer_in_turn(inside, tmp_path, chat_server):
    (tmp_path / "p.txt").write_text("Why?\n")
    names = ("--model-name", "one", "--model-name", "two")
    done = inside("generate", "p.txt", "--out", "r.jsonl", "--endpoint", chat_server.url, *names)
    assert done.returncode == 0, done.stderr
    record = comparison(tmp_path)
    assert [each.drafted_by.partition("@")[0] for each in record.candidates] == ["one", "two"]
    assert {body["model"] for body in chat_server.bodies} == {"one", "two"}


def test_the_model_may_be_in_the_settings(inside, tmp_path, chat_server):
    (tmp_path / "p.txt").write_text("Why?\n")
    text = f'endpoint = "{chat_server.url}"\nmodel_name = "{MODEL}"\n'
    (tmp_path / "goldleaf.toml").write_text(text)
    assert inside("generate", "p.txt", "--out", "r.jsonl").returncode == 0


@pytest.mark.parametrize(
    "arguments",
    [
        "p.txt --out r.jsonl",
        "p.txt --out r.jsonl --model absent",
        "p.txt --out r.jsonl --model .",
        "p.txt --out r.jsonl --endpoint http://127.0.0.1:9",
        "p.txt --out r.jsonl --endpoint nothing --model-name a",
        "p.txt --out r.jsonl --endpoint http://u:secret@127.0.0.1:9 --model-name a",
        "p.txt --out r.jsonl --endpoint http://127.0.0.1:9 --model-name a --temperature hot",
        "p.txt --out r.jsonl --endpoint http://127.0.0.1:9 --model-name a --temperature 0",
        "p.txt --out r.jsonl --endpoint http://127.0.0.1:9 --model-name a --kind dialogue",
        "p.txt --out r.jsonl --endpoint http://127.0.0.1:9 --model-name a --model-name a",
        "p.txt --out p.txt --endpoint http://127.0.0.1:9 --model-name a",
        "p.txt --out mine.txt --endpoint http://127.0.0.1:9 --model-name a",
        "absent.txt --out r.jsonl --endpoint http://127.0.0.1:9 --model-name a",
        "p.txt --out r.jsonl --adapter x --endpoint http://127.0.0.1:9 --model-name a",
        "p.txt --out r.jsonl --endpoint http://127.0.0.1:9 --model-name a --dtype int3",
    ],
)
def test_a_mistake_has_one_plain_message(inside, tmp_path, monkeypatch, arguments):
    (tmp_path / "p.txt").write_text("Why?\n")
    (tmp_path / "mine.txt").write_text("dear diary\n")
    for lang in ("en", "zh"):
        done = inside("generate", *arguments.split(), "--lang", lang)
        message = done.stderr[done.stderr.index("goldleaf: ") :]
        assert done.returncode == 2 and "Traceback" not in done.stderr, done.stderr
        assert bool(HAN.search(message.splitlines()[0])) == (lang == "zh"), message
        assert "secret" not in done.stderr
    assert (tmp_path / "mine.txt").read_text() == "dear diary\n"


def test_a_key_is_in_no_output_and_no_file(ask, tmp_path, chat_server, monkeypatch):
    monkeypatch.setenv("GOLDLEAF_ENDPOINT_KEY", "sk-canary-123456789")
    done = ask([*PROMPTS, "fault:unauthorized"])
    assert "Bearer sk-canary-123456789" in chat_server.keys
    ask(PROMPTS)
    assert "canary" not in done.stdout + done.stderr
    for file in filter(Path.is_file, tmp_path.rglob("*")):
        assert b"canary" not in file.read_bytes(), file


def test_a_key_with_a_line_feed_is_refused_without_being_shown(ask, monkeypatch):
    monkeypatch.setenv("GOLDLEAF_ENDPOINT_KEY", "sk-canary\nX-Other: 1")
    done = ask(PROMPTS)
    assert done.returncode == 2 and "canary" not in done.stderr


def test_another_file_in_the_place_of_the_answers_is_left_alone(ask, tmp_path):
    (tmp_path / "r.jsonl.answers").write_text("dear diary\n")
    assert ask(PROMPTS).returncode == 2
    assert (tmp_path / "r.jsonl.answers").read_text() == "dear diary\n"


def test_killed_at_random_moments_nothing_is_lost_or_asked_twice(chat_server, tmp_path, ask):
    prompts = [f"Question {number}: why?" for number in range(60)]
    assert ask(prompts).returncode == 0
    whole = (tmp_path / "r.jsonl").read_bytes()
    everything = chat_server.asked.copy()
    folder = tmp_path / "killed"
    folder.mkdir()
    (folder / "prompts.txt").write_text("\n".join(prompts) + "\n", encoding="utf-8")
    chat_server.asked.clear()
    chat_server.delay = 0.02
    drawn = random.Random(7)
    command = [str(Path(sys.executable).with_name("goldleaf")), "generate", "prompts.txt"]
    command += ["--out", "r.jsonl", "--endpoint", chat_server.url, "--model-name", MODEL]
    environment = {**os.environ, "GOLDLEAF_DATA_DIR": str(tmp_path / "state")}
    kills = int(os.environ.get("GOLDLEAF_KILLS", "6"))
    journal = folder / "r.jsonl.answers"
    for _ in range(kills):
        run = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        before = journal.stat().st_size if journal.exists() else 0
        end = time.monotonic() + 30
        while time.monotonic() < end and run.poll() is None:
            if journal.exists() and journal.stat().st_size > before:
                break  # it asks: kill it a little later
            time.sleep(0.002)
        time.sleep(drawn.random() * 0.1)
        run.send_signal(signal.SIGKILL)
        run.wait()
        assert not (folder / "r.jsonl").exists() or (folder / "r.jsonl").read_bytes() == whole
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (folder / "r.jsonl").read_bytes() == whole
    assert chat_server.asked.keys() == everything.keys(), "none is missing, none was made up"
    twice = sum(chat_server.asked.values()) - len(everything)
    assert twice <= 4 * kills, "only what was under way at a kill was asked again"
    assert not list(folder.glob(".*tmp"))


@pytest.mark.parametrize("command", ["generate", "serve"])
def test_ctrl_c_does_not_wait_for_an_answer(chat_server, tmp_path, command):
    chat_server.gate.clear()
    (tmp_path / "p.txt").write_text("Why?\n")
    given = [str(Path(sys.executable).with_name("goldleaf")), command]
    given += ["p.txt", "--out", "r.jsonl"] if command == "generate" else ["--port", "0"]
    given += ["--endpoint", chat_server.url, "--model-name", MODEL]
    environment = {**os.environ, "GOLDLEAF_DATA_DIR": str(tmp_path / "state")}
    run = subprocess.Popen(
        given, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    assert run.stderr
    lines = iter(run.stderr.readline, b"")
    if command == "serve":
        url = next(
            found[0] for line in lines if (found := re.search(r"http://[^ ]+:\d+", line.decode()))
        )
        task = kind_named("instruction").codec.to_task(Demonstration((Turn("user", "Why?"),), ()))
        body = {"tasks": [{"id": 1, "data": task}], "project": "1.1700000000"}
        body["label_config"] = kind_named("instruction").config()
        asking = threading.Thread(target=_ignored_post, args=(f"{url}/predict", body), daemon=True)
        asking.start()
    end = time.monotonic() + 60
    while not chat_server.open and time.monotonic() < end:
        time.sleep(0.02)
    began = time.monotonic()
    run.send_signal(signal.SIGINT)
    with run.stderr:
        said = run.stderr.read().decode()
    assert run.wait(30) == (130 if command == "generate" else 0)
    assert "Traceback" not in said
    assert ("goldleaf: stopped." in said) == (command == "generate")
    assert time.monotonic() - began < 15


def _ignored_post(url: str, body: dict[str, object]) -> None:
    with suppress(httpx.HTTPError):
        httpx.post(url, json=body, timeout=60)


def test_doctor_asks_the_server_and_says_what_it_ignores(inside, chat_server):
    server = ("--endpoint", chat_server.url, "--model-name", MODEL)
    done = inside("doctor", *server)
    assert done.returncode == 0 and "several answers at once (n): ignored" in done.stdout
    assert "JSON schema：不理会" in inside("doctor", *server, "--lang", "zh").stdout
    gone = ("--endpoint", "http://127.0.0.1:9", "--model-name", "absent")
    done = inside("doctor", *gone)
    assert done.returncode == 1 and "absent does not answer" in done.stdout
    assert "连不上服务端" in inside("doctor", *gone, "--lang", "zh").stdout
    assert inside("doctor", "--model", "absent").returncode == 1


def local(model: Path, folder: Path) -> tuple[str, ...]:
    """Return the arguments of a run with a real model."""
    prompts = ["What is gold leaf?", "怎样撬锁？", *(f"Q {n}" for n in range(14)), "金" * 400]
    (folder / "p.txt").write_text("\n".join(prompts) + "\n", encoding="utf-8")
    given = ("generate", "p.txt", "--kind", "instruction", "--max-tokens", "40")
    return (*given, "--model", str(model), "--temperature", "2.0", "--out")


def test_a_local_model_answers(inside, tiny_model, tmp_path):
    done = inside(*local(tiny_model, tmp_path), "r.jsonl")
    assert done.returncode == 0, done.stderr
    assert "1 prompts have no record: too_long" in done.stdout
    found = records(tmp_path)
    assert found and all(r.parents[0].drafted_by.startswith("tiny-model@") for r in found)


@pytest.mark.skipif("GOLDLEAF_KILLS" not in os.environ, reason="make crash: it loads a model twice")
def test_a_local_model_killed_goes_on_to_the_same_bytes(inside, tiny_model, tmp_path):
    given = local(tiny_model, tmp_path)
    assert inside(*given, "whole.jsonl").returncode == 0
    run = subprocess.Popen(
        [str(Path(sys.executable).with_name("goldleaf")), *given, "killed.jsonl"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    journal = tmp_path / "killed.jsonl.answers"
    end = time.monotonic() + 120
    while time.monotonic() < end and not (journal.exists() and journal.stat().st_size):
        time.sleep(0.002)
    run.send_signal(signal.SIGKILL)
    run.wait()
    assert inside(*given, "killed.jsonl").returncode == 0
    assert (tmp_path / "killed.jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes()
