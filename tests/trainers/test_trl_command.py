"""`trl sft --config FILE` and its siblings train from the files that an export writes."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from goldleaf.core.input_results import InputResult
from goldleaf.core.records import Candidate, Comparison, Demonstration, Judgement, Tags, Turn
from goldleaf.exporters.export import export
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import Order, Split

pytestmark = pytest.mark.trainer

HERE = Path(__file__).parent
sys.path.append(str(HERE))

TAGS = (("chat",), ("structured_output",), ("refusal",))
FILES = ("sft.yaml", "sft_completion.yaml", "dpo.yaml", "dpo.reward.yaml", "kto.yaml")


def says(text, *, train=True):
    return (Turn("assistant", text, train=train),)


def records(number):
    """Yield a row for every table of TRL's that its command trains on."""
    asked = (Turn("user", f"Question {number}?"),)
    tags = Tags(behaviours=TAGS[number % 3])
    yield Demonstration(asked, says(f"Answer {number}."), tags=tags)
    if number < 8:
        later = (*asked, *says("Hm.", train=False), Turn("user", "And?"))
        yield Demonstration(later, says(f"Later {number}."), tags=tags)
        answers = (says("Good."), says("Bad."))
        pair = tuple(Candidate(turns, rank) for rank, turns in enumerate(answers, 1))
        yield Comparison((Turn("user", f"Compare {number}."),), pair)
        judged = (Turn("user", f"Judge {number}."),)
        yield Judgement(judged, says("Well."), good=number % 2 == 0)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """An export in soft order with test rows, in two formats that TRL reads."""
    readings = [
        InputResult(f"f:{number}:{place}", (record,))
        for number in range(40)
        for place, record in enumerate(records(number))
    ]
    recipe = Recipe(order=Order(mode="soft"), split=Split(test=0.2))
    out = tmp_path_factory.mktemp("command") / "out"
    return export(readings, recipe, out, formats=("trl", "parquet"))


def offline(work):
    caches = {"HF_HOME": str(work / "cache"), "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
    return os.environ | caches | {"ACCELERATE_USE_CPU": "true", "CUDA_VISIBLE_DEVICES": ""}


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return tmp_path_factory.mktemp("tiny") / "model"


@pytest.fixture(scope="module")
def trained(exported, model, tmp_path_factory):
    """Return what came of every file of settings, trained on for two steps in one process."""
    work = tmp_path_factory.mktemp("work")
    names = [*(f"trl/{name}" for name in FILES), "parquet/sft.yaml"]
    done = subprocess.run(
        [sys.executable, HERE / "run_trl_scripts.py", model, work / "found.json", *names],
        cwd=exported.out,
        env=offline(work),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3_000:]
    return json.loads((work / "found.json").read_text("utf-8"))


def test_every_file_of_settings_trains_two_steps(exported, trained):
    written = {path.name for path in (exported.out / "trl").glob("*.yaml")}
    assert {name for name in written if "axolotl" not in name} == set(FILES)
    assert {found["steps"] for found in trained.values()} == {2}
    assert {Path(name).name for name in trained} == set(FILES)
    for name in FILES:
        settings = yaml.safe_load((exported.out / "trl" / name).read_text("utf-8"))
        assert (exported.out / "trl" / settings["output_dir"] / "model.safetensors").exists()


@pytest.mark.parametrize("format", ["trl", "parquet"])
def test_rows_are_learned_in_the_order_of_the_file(exported, trained, format):
    lines = (exported.out / "trl/sft/train.jsonl").read_text("utf-8").splitlines()
    wanted = [json.loads(line)["messages"][0]["content"] for line in lines]
    texts = trained[f"{format}/sft.yaml"]["rows"]
    learned = [question for text in texts for question in re.findall(r"Question \d+\?", text)]
    assert len(learned) == 8
    assert learned == wanted[:8]
    assert learned != sorted(learned)


@pytest.mark.usefixtures("trained")
def test_the_command_itself_trains(exported, model, tmp_path):
    from run_trl_scripts import command

    config = exported.out / "trl" / "sft.yaml"
    arguments = [*command(config, model), "--output_dir", str(tmp_path / "model")]
    done = subprocess.run(
        [sys.executable, "-m", "trl.cli.main", *arguments],
        cwd=exported.out / "trl",
        env=offline(tmp_path),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3_000:]
    assert (tmp_path / "model" / "model.safetensors").exists()


def test_the_page_names_the_commands_for_the_files_there_are(exported):
    for page in (exported.out / "trl").rglob("README.md"):
        said = re.findall(r"^trl (\w+) --config (\S+)$", page.read_text("utf-8"), re.MULTILINE)
        assert said, page
        for method, name in said:
            text = (exported.out / "trl" / name).read_text("utf-8")
            assert f"trl {method} --config {name}" in text.splitlines()[0]
