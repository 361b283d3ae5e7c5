"""A real model of 100,000 weights in its process: answers, crashes, folders that hold no model."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

import pytest
from tiny_model import CONTEXT, KNOWN

from goldleaf.backend.judge import SCHEMA
from goldleaf.core.error_translation import translate_error
from goldleaf.core.errors import GoldleafError, UsageError
from goldleaf.core.records import Turn
from goldleaf.generation import model_folder
from goldleaf.generation.frames import write_frame
from goldleaf.generation.generator import Answer, Request, Sampling
from goldleaf.generation.local import LocalGenerator, batches
from goldleaf.generation.model_folder import ModelFolder, folder_version

GREEDY = Sampling(temperature=0, max_tokens=60)


@pytest.fixture(scope="module")
def generator(tiny_model: Path) -> Iterator[LocalGenerator]:
    made = LocalGenerator(tiny_model, threads=1, batch=4)
    yield made
    made.close()


def asked(prompt: str, sampling: Sampling = GREEDY) -> Request:
    return Request((Turn("user", prompt),), sampling)


def answers(generator: LocalGenerator, *requests: Request) -> list[Answer]:
    found = {place: a for group in generator.answer(requests) for place, a in group}
    assert sorted(found) == list(range(len(requests)))
    return [found[place] for place in range(len(requests))]


def test_the_model_answers_what_it_learned(generator: LocalGenerator):
    found = answers(generator, *map(asked, KNOWN))
    written = [
        f"<think>{answer.reasoning}</think>{answer.text}" if answer.reasoning else answer.text
        for answer in found
    ]
    assert written == list(KNOWN.values())
    assert all(answer.prompt_tokens and answer.answer_tokens and not answer.cut for answer in found)
    assert generator.facts["context"] == CONTEXT and generator.facts["dtype"] == "float32"


def test_an_answer_does_not_depend_on_the_rows_beside_it(generator: LocalGenerator):
    warm = [asked("Tell me more.", Sampling(3.0, 20, seed)) for seed in range(5)]
    alone = [answers(generator, request)[0] for request in warm]
    assert answers(generator, *reversed(warm)) == alone[::-1]
    assert len({answer.text for answer in alone}) == 5, "another seed, another answer"
    assert answers(generator, warm[0]) == answers(generator, warm[0])


def test_an_answer_is_held_to_its_schema(generator: LocalGenerator):
    pytest.importorskip("llguidance")
    step = {
        "type": "object",
        "properties": {"n": {"type": "integer"}, "city": {"type": "string", "maxLength": 8}},
        "required": ["n", "city"],
        "additionalProperties": False,
    }
    unknown = {"type": "object", "$ref": "#/nowhere"}
    wanted = [SCHEMA, step, None, unknown, {"enum": ["\ud800", 2**64]}]
    drawn = Sampling(1.0, 90, 3)
    found = answers(
        generator,
        *(Request((Turn("user", "你好"),), drawn, schema) for schema in wanted[:2]),
        *(Request((Turn("user", "What is gold leaf?"),), GREEDY, each) for each in wanted[2:]),
    )
    assert json.loads(found[0].text)["better"] in ("first", "second", "tie")
    said = json.loads(found[1].text)
    assert sorted(said) == ["city", "n"] and isinstance(said["n"], int) and len(said["city"]) <= 8
    free = KNOWN["What is gold leaf?"]
    assert {answer.text for answer in found[2:]} == {free}, "rows beside them stay free"


def test_an_answer_that_is_cut_says_so(generator: LocalGenerator):
    (found,) = answers(generator, asked("What is gold leaf?", Sampling(0, 4)))
    assert (found.outcome, found.text, found.cut) == ("answered", "Gold", True)
    assert found.answer_tokens == 4


def test_a_prompt_longer_than_the_context_costs_itself_alone(generator: LocalGenerator):
    found = answers(generator, asked("金" * 300), asked("你好"))
    assert [answer.outcome for answer in found] == ["too_long", "answered"]
    assert str(CONTEXT) in found[0].detail
    assert "模型最多" in translate_error(found[0].detail, "zh")


def test_a_killed_process_costs_its_batch_and_the_others_go_on(
    generator: LocalGenerator, monkeypatch: pytest.MonkeyPatch
):
    answers(generator, asked("你好"))
    monkeypatch.setenv("GOLDLEAF_ENDPOINT_KEY", "sk-canary")
    requests = [asked("x" * 9, Sampling(5.0, 200, n)) for n in range(3)] + [asked("y" * 99)]
    stream = generator.answer([*requests, *map(asked, KNOWN)])

    def kill() -> None:
        time.sleep(0.05)
        os.kill(generator.pid or 0, signal.SIGKILL)

    first = generator.pid
    killer = threading.Thread(target=kill)
    killer.start()
    found = {place: answer for group in stream for place, answer in group}
    killer.join()
    outcomes = [found[place].outcome for place in range(len(found))]
    assert len(outcomes) == 8 and outcomes.count("worker_died") == 4, outcomes
    assert "SIGKILL" in next(a.detail for a in found.values() if a.outcome == "worker_died")
    answers(generator, asked("你好"))  # where the last batch was killed, it starts anew only now
    assert generator.pid and generator.pid != first
    assert b"canary" not in Path(f"/proc/{generator.pid}/environ").read_bytes()


def test_a_process_that_answers_too_late_is_ended(generator: LocalGenerator):
    answers(generator, asked("你好"))
    generator.patience = 0.001
    try:
        (found,) = answers(generator, asked("z", Sampling(5.0, 200)))
        assert found.outcome == "timed_out" and generator.pid is None
    finally:
        generator.patience = 600


def test_the_process_ends_with_its_parent(tiny_model: Path):
    """However the parent ends, the pipe closes; what the process does then does not matter."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "goldleaf.generation.local_worker"], stdin=subprocess.PIPE
    )
    assert process.stdin
    settings = {"path": str(tiny_model), "adapter": "", "dtype": "auto", "device": "cpu"}
    write_frame(cast("BinaryIO", process.stdin), settings | {"threads": 1})
    process.stdin.close()
    assert process.wait(30) == 0


def test_batches_of_what_is_left_are_those_of_the_whole():
    requests = [asked("x" * n) for n in (5, 900, 30, 4, 300, 60, 2, 90, 7, 600)]
    whole = list(batches(requests, 4))
    assert sorted(place for batch in whole for place in batch) == list(range(10))
    assert [len(batch) for batch in whole] == [4, 4, 2]
    left = [place for place in range(10) if place not in whole[0]]
    rest = list(batches([requests[place] for place in left], 4))
    assert [[left[place] for place in batch] for batch in rest] == whole[1:]


def copy_of(model: Path, target: Path, *without: str) -> Path:
    shutil.copytree(model, target)
    for name in without:
        (target / name).unlink()
    return target


def says(error: GoldleafError, english: str, chinese: str) -> None:
    """Hold that an error is one plain message with a fix, in both languages."""
    assert english in error.what and error.fix
    zh = error.shown("zh")
    assert chinese in zh and "解决办法" in zh and "Traceback" not in zh, zh


def test_a_folder_that_holds_no_model(tmp_path: Path, tiny_model: Path):
    with pytest.raises(UsageError) as absent:
        ModelFolder(tmp_path / "none")
    says(absent.value, "no such model folder", "没有这个模型文件夹")
    with pytest.raises(UsageError) as empty:
        ModelFolder(tmp_path)
    says(empty.value, "holds no model", "没有模型")


def test_weights_that_are_no_safetensors(tmp_path: Path, tiny_model: Path):
    import torch

    folder = copy_of(tiny_model, tmp_path / "m", "model.safetensors")
    torch.save({}, folder / "pytorch_model.bin")
    with pytest.raises(UsageError) as refused:
        LocalGenerator(folder)
    says(refused.value, "not safetensors", "不是 safetensors")


@pytest.mark.parametrize("content", [b"", b"\xff" * 64, b"\x10\0\0\0\0\0\0\0{]"])
def test_damaged_weights(tmp_path: Path, tiny_model: Path, content: bytes):
    folder = copy_of(tiny_model, tmp_path / "m")
    (folder / "model.safetensors").write_bytes(content)
    with pytest.raises(UsageError) as refused:
        LocalGenerator(folder)
    says(refused.value, "damaged", "损坏")


def test_a_model_without_a_chat_template(tmp_path: Path, tiny_model: Path):
    folder = copy_of(tiny_model, tmp_path / "m", "chat_template.jinja")
    with pytest.raises(UsageError) as refused:
        answers(LocalGenerator(folder, threads=1), asked("x"))
    says(refused.value, "no chat template", "没有对话模板")


def test_a_model_with_code_of_its_own_runs_none_of_it(tmp_path: Path, tiny_model: Path):
    folder = copy_of(tiny_model, tmp_path / "m")
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "mine", "auto_map": {"AutoConfig": "mine.C"}}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "mine.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\nclass C: pass\n")
    with pytest.raises(GoldleafError) as refused:
        answers(LocalGenerator(folder, threads=1), asked("x"))
    says(refused.value, "code of its own", "自带代码")
    assert not (tmp_path / "ran").exists()


def test_too_little_memory(tiny_model: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(model_folder, "available_memory", lambda: 100_000)
    with pytest.raises(GoldleafError) as refused:
        LocalGenerator(tiny_model)
    says(refused.value, "of memory", "内存")
    assert ModelFolder(tiny_model).needed("bfloat16") < ModelFolder(tiny_model).needed("auto")


@pytest.mark.parametrize("module", ["torch", "transformers"])
def test_without_torch(tiny_model: Path, monkeypatch: pytest.MonkeyPatch, module: str):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UsageError) as refused:
        LocalGenerator(tiny_model)
    says(refused.value, f"needs {module}", f"需要 {module}")


def test_an_adapter_that_is_none(tiny_model: Path, tmp_path: Path):
    with pytest.raises(UsageError) as refused:
        LocalGenerator(tiny_model, adapter=tmp_path)
    says(refused.value, "no adapter", "没有适配器")


def test_the_version_is_of_the_content(tmp_path: Path, tiny_model: Path):
    same = copy_of(tiny_model, tmp_path / "same")
    assert folder_version(same) == folder_version(tiny_model)
    weights = same / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"!")
    assert folder_version(same) != folder_version(tiny_model)


@pytest.mark.skipif("GOLDLEAF_SERVE_PYTHON" not in os.environ, reason="make accept-serve")
@pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing.:FutureWarning")  # peft's own
def test_an_adapter_changes_what_the_model_answers(
    generator: LocalGenerator, tiny_model: Path, tmp_path: Path
):
    peft = pytest.importorskip("peft")
    import torch
    from transformers import Qwen2ForCausalLM

    model = Qwen2ForCausalLM.from_pretrained(tiny_model)
    torch.manual_seed(1)
    layers = ["q_proj", "v_proj"]
    settings = peft.LoraConfig(r=4, target_modules=layers, init_lora_weights=False)
    peft.get_peft_model(model, settings).save_pretrained(tmp_path / "lora")
    changed = LocalGenerator(tiny_model, adapter=tmp_path / "lora", threads=1)
    try:
        (answer,) = answers(changed, asked("What is gold leaf?", Sampling(0, 20)))
    finally:
        changed.close()
    assert changed.name.startswith(f"{generator.name}+lora@")
    assert answer.outcome in ("answered", "empty")
    assert answer.text != KNOWN["What is gold leaf?"][: len(answer.text)]
