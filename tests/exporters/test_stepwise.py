"""Verdicts on steps: an example and a table of their own, beside the verdict on the whole."""

import json
from dataclasses import replace

import pytest

from goldleaf.audit.check import check
from goldleaf.cli.export import summary
from goldleaf.core.records import Judgement, Step, Turn
from goldleaf.core.translations import Translations
from goldleaf.exporters.export import export
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import Split

ASKED = (Turn("user", "What is 2 plus 3 times 4?"),)
SAID = (Turn("assistant", "3 times 4 is 12.\n\n2 plus 12 is 15."),)
STEPS = (Step("3 times 4 is 12.", good=True), Step("2 plus 12 is 15.", good=False))


@pytest.fixture
def outcome(made, tmp_path):
    both = Judgement(ASKED, SAID, good=False, steps=STEPS)
    alone = replace(both, context=(Turn("user", "Once more?"),), good=None)
    long = replace(alone, context=(*ASKED, *SAID, Turn("user", "Sure?")))
    readings = [made.reading(r, f"f:{n}") for n, r in enumerate([both, alone, long])]
    recipe = Recipe(split=Split(test=0.0))
    return export(readings, recipe, tmp_path / "out", formats=["trl", "parquet", "swift"])


def test_rows_of_steps_beside_rows_of_verdicts(outcome):
    rows = {f"{table.format} {table.name}": table.rows["train"] for table in outcome.tables}
    expected = {"trl kto": 1, "trl stepwise": 2, "parquet kto": 1, "parquet stepwise": 2}
    assert rows == expected | {"swift kto": 1}
    assert outcome.reasons["dropped"] == {"multi_turn_prompt": 1}
    assert outcome.refused == {"swift": {"steps_unsupported": 2}}
    assert check(outcome.out) == []


def test_what_stands_beside_them_says_how_to_train(outcome):
    advice = (outcome.out / "trl" / "stepwise" / "README.md").read_text("utf-8")
    assert "from trl.experimental.prm import PRMConfig, PRMTrainer" in advice
    assert "`completions`" in advice and "`tools`" not in advice
    axolotl = (outcome.out / "trl" / "stepwise.axolotl.yaml").read_text("utf-8")
    assert "type: stepwise_supervised" in axolotl
    assert "process_reward_model: true" in axolotl
    assert "`../stepwise.axolotl.yaml`" in advice
    packed = (outcome.out / "parquet" / "stepwise" / "README.md").read_text("utf-8")
    assert "axolotl" not in packed  # nothing of axolotl's stands there


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "not in swift steps_unsupported 2"),
        ("zh", "swift 未收 steps_unsupported（此格式没有放逐步判定的位置） 2"),
    ],
)
def test_what_only_some_formats_took_is_told(outcome, lang, said):
    told = " ".join(summary(outcome, Translations(lang)).split())
    assert said in told
    assert "| `swift` | steps_unsupported | 2 |" in (outcome.out / "README.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"labels": [True]}, "bad_label"),
        ({"labels": [1, 0]}, "bad_label"),
        ({"completions": ["a", " "]}, "empty_response"),
        ({"prompt": "\n"}, "no_prompt"),
    ],
)
def test_a_spoiled_row_is_found(outcome, change, code):
    file = outcome.out / "trl" / "stepwise" / "train.jsonl"
    first, *others = file.read_text("utf-8").splitlines()
    spoiled = json.dumps(json.loads(first) | change)
    file.write_text("".join(f"{line}\n" for line in (spoiled, *others)), "utf-8")
    assert code in {finding.code for finding in check(outcome.out)}
