"""The order that a recipe promises (S18), through the trainers' own data loaders."""

import json
import shutil

import pytest
from typer.testing import CliRunner

from goldleaf.cli.main import app
from goldleaf.core.input_results import InputResult
from goldleaf.core.records import Demonstration, Tags, Turn
from goldleaf.exporters.export import export
from goldleaf.exporters.publishing.manifest import load_manifest
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import Order, Split
from goldleaf.trainers.verify import verify
from goldleaf.trainers.worker_main import moved

pytestmark = [
    pytest.mark.trainer,
    # TRL 1 still asks transformers 5 for the old name of activation checkpointing
    pytest.mark.filterwarnings("ignore:.*gradient_checkpointing.*deprecated:FutureWarning"),
]

TAGS = (("chat",), ("structured_output",), ("refusal",))


def asked(number):
    said = (Turn("user", f"Question {number}?"),), (Turn("assistant", f"Answer {number}."),)
    return Demonstration(*said, tags=Tags(behaviours=TAGS[number % 3]))


FORMATS = ("trl", "parquet", "llamafactory", "alpaca")


def ordered(mode, out):
    """Export thirty demonstrations that every trainer reads."""
    readings = [InputResult(f"f:{number}", (asked(number),)) for number in range(30)]
    recipe = Recipe(order=Order(mode=mode, replay=0.2), split=Split(test=0.0))
    return export(readings, recipe, out, formats=FORMATS)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("order")
    return {mode: ordered(mode, folder / mode) for mode in ("soft", "staged")}


def run(*arguments):
    return CliRunner().invoke(app, ["check", *map(str, arguments)], catch_exceptions=False)


@pytest.mark.parametrize("mode", ["soft", "staged"])
def test_trainers_keep_every_row_and_the_order_that_is_promised(outcomes, mode):
    outcome = outcomes[mode]
    done = run(outcome.out, "--with", "trl,llamafactory", "--json", "--lang", "en")
    told = json.loads(done.stdout)
    assert (done.exit_code, told["findings"]) == (0, [])
    assert {file["order"] for file in told["loaded"]} == {"kept" if mode == "soft" else ""}
    assert {file["file"] for file in told["loaded"]} == {
        path for table in outcome.tables for path in table.files()
    }


def test_two_steps_on_every_stage(outcomes, two_steps):
    outcome = outcomes["staged"]
    (table,) = [table for table in outcome.tables if table.format == "trl"]
    kept = [two_steps(outcome.out, config, "SFT") for config in table.configs]
    assert kept == [stage.rows for stage in table.stages]
    assert [stage.replays for stage in table.stages] == [0, 2, 2]


@pytest.mark.usefixtures("loaded_once")
@pytest.mark.parametrize(
    ("trainer", "name", "setting"),
    [
        ("trl", "trl/sft.yaml", "train_sampling_strategy"),
        ("llamafactory", "llamafactory/sft.yaml", "disable_shuffling"),
    ],
)
def test_a_trainer_that_shuffles_is_found_out(outcomes, trainer, name, setting, tmp_path):
    out = shutil.copytree(outcomes["soft"].out, tmp_path / "out")
    lines = (out / name).read_text("utf-8").splitlines(keepends=True)
    left = [line for line in lines if setting not in line]
    assert len(left) < len(lines)
    (out / name).write_text("".join(left), "utf-8")
    ((_, _, files),) = verify(out, load_manifest(out), [trainer])
    changed = {file.file: (file.order, file.moved > 15) for file in files}
    assert changed.pop(f"{trainer}/sft/train.jsonl") == ("lost", True)
    assert set(changed.values()) == {("kept", False)}
    done = run(out, "--with", trainer, "--lang", "zh")
    assert done.exit_code == 1
    assert "order_lost" in done.output and "不在原位" in done.output


def test_rows_are_told_apart_by_their_numbers():
    texts = [f"<|im_start|>user\n[goldleaf {number}] Sky?" for number in (0, 2, 1, 3)]
    assert moved(texts) == 2
    assert moved([texts[0], texts[2], texts[3]]) == 0, "dropped rows move nobody"
    with pytest.raises(ValueError, match="without its beginning"):
        moved(["Sky?"])
