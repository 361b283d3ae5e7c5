"""`goldleaf check --with`: what a person sees of what a trainer makes of an export."""

import json
import sys
from pathlib import Path

import pytest
from cases import CASES
from typer.testing import CliRunner

from goldleaf.cli.main import app
from goldleaf.core.input_results import InputResult
from goldleaf.exporters.export import export
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import Split
from goldleaf.trainers.registry import trainers

pytestmark = pytest.mark.trainer

SOME = ("single turn", "parallel tools", "DPO single", "KTO good", "KTO bad", "context only")


@pytest.fixture
def out(tmp_path):
    readings = [InputResult(f"f:{name}", (CASES[name],)) for name in SOME]
    folder = tmp_path / "out"
    export(readings, Recipe(split=Split(test=0.0)), folder, formats=["llamafactory", "openai"])
    return folder


def run(*arguments):
    return CliRunner().invoke(app, ["check", *map(str, arguments)], catch_exceptions=False)


def test_rows_kept_and_what_is_learned(out):
    done = run(out, "--with", "llamafactory,openai", "--lang", "en")
    assert done.exit_code == 0, done.output
    assert "llamafactory/sft/train.jsonl (llamafactory, sft): 2 of 2 rows kept" in done.output
    assert "llamafactory/dpo/train.jsonl (llamafactory, reward): 1 of 1 rows kept" in done.output
    assert "openai/sft_tools/train.jsonl (openai, sft): 1 of 1 rows kept" in done.output
    assert "fewer than 10 rows; this one has 1" in done.output
    assert "⟦<think>\n\n</think>\n\nRed is one.<|im_end|>\n⟧" in done.output
    assert done.output.rstrip().endswith("whole.")


@pytest.mark.usefixtures("loaded_once")
def test_a_sample_of_kto_has_the_label_that_the_trainer_reads(tmp_path):
    folder = tmp_path / "out"
    readings = [InputResult(f"f:{name}", (CASES[name],)) for name in ("KTO good", "KTO bad")]
    recipe = Recipe(split=Split(test=0.0))
    export(readings, recipe, folder, formats=["trl", "llamafactory"])
    wanted = {"With pleasure.": True, "Whatever.": False}
    told = json.loads(run(folder, "--with", "trl,llamafactory", "--json", "--lang", "en").stdout)
    assert {each["consumer"] for each in told["loaded"]} == {"trl", "llamafactory"}
    for each in told["loaded"]:
        found = {
            answer: label
            for sample, label in zip(each["samples"], each["labels"], strict=True)
            for answer in wanted
            if any(answer in text for text, _ in sample["text"])
        }
        assert found == wanted, each
    for lang, good, bad in (("en", "to be learned", "to be unlearned"), ("zh", "学习", "避免")):
        shown = run(folder, "--with", "trl", "--lang", lang).output
        for answer, label in (("With pleasure.", "true"), ("Whatever.", "false")):
            (part,) = (p for p in shown.split("\n-- ") if answer in p)
            head = part.splitlines()[0]
            assert label in head and (good if wanted[answer] else bad) in head, head


def test_a_row_that_the_trainer_drops_is_seen(out):
    file = out / "llamafactory" / "sft" / "train.jsonl"
    lines = file.read_text("utf-8").splitlines()
    row = json.loads(lines[0])
    row["conversations"].pop()
    file.write_text("\n".join([json.dumps(row), *lines[1:], ""]), "utf-8")
    done = run(out, "--with", "llamafactory", "--json", "--lang", "en")
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    lost = [f for f in told["findings"] if f["code"] == "rows_lost"]
    assert [f["detail"] for f in lost] == ["1 of 2 rows kept"]


def test_a_trainer_that_is_not_there_is_named_with_its_remedy(out):
    done = run(out, "--with", "swift", "--lang", "en")
    assert done.exit_code == 1
    assert "not_installed" in done.output
    assert trainers()["swift"].about.INSTALL in done.output


def test_no_table_to_read_is_no_fault(out):
    done = run(out, "--with", "trl", "--lang", "zh")
    assert done.exit_code == 0
    assert "TRL 不读取这些文件" in done.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--with", "mlx"), "choose one of"),
        (("--with", "trl", "--python", "/nowhere"), "cannot be"),
    ],
)
def test_what_cannot_be_asked_is_said(out, arguments, said, capsys, monkeypatch):
    from goldleaf.cli.main import main

    monkeypatch.setattr(sys, "argv", ["goldleaf", "check", str(out), *arguments])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code in (1, 2)
    assert said in capsys.readouterr().err


def test_a_loader_runs_without_goldleaf():
    """Its file also runs in the trainer's environment, which need not have us."""
    folder = Path(sys.modules["goldleaf.trainers.registry"].__file__ or "").parent
    for name in (*(f"{name}/loader" for name in trainers()), "worker_main"):
        text = (folder / f"{name}.py").read_text("utf-8")
        assert "import goldleaf" not in text and "from goldleaf" not in text, name
