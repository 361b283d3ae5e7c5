"""TRL trains on what we write: two real steps, every row kept."""

import json
from dataclasses import replace

import pytest
import yaml

from goldleaf.exporters.export import export
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import Split
from goldleaf.recipes.shares import Share, Shares

pytestmark = [
    pytest.mark.trainer,
    # TRL 1 still asks transformers 5 for the old name of activation checkpointing
    pytest.mark.filterwarnings("ignore:.*gradient_checkpointing.*deprecated:FutureWarning"),
]

RECIPE = Recipe(split=Split(test=0.0), shares=Shares(multi_turn=Share(min=0.3)))


@pytest.fixture
def exported(made, tmp_path):
    """An export with a row of everything, some of it repeated."""
    records = [
        *(made.demonstration(n) for n in range(12)),
        made.demonstration(12, prompt="And why? " * 60),
        *(made.conversation(n, train=True) for n in range(3)),
        *(made.conversation(n, train=False) for n in range(3, 6)),
        *(made.tool_demonstration(n) for n in range(6)),
        *(made.judgement(n, good=n % 3 > 0) for n in range(8)),
        *(made.tool_comparison(n) for n in range(6, 12)),
        made.comparison("And why? " * 60),
    ]
    readings = [made.reading(record, f"all:{n}") for n, record in enumerate(records)]
    return export([*made.many(12), *readings], RECIPE, tmp_path / "out")


@pytest.mark.parametrize(
    ("trainer", "table"),
    [
        ("SFT", "sft"),
        ("SFT", "sft_completion"),
        ("SFT", "sft_tools"),
        ("DPO", "dpo"),
        ("DPO", "dpo_tools"),
        ("Reward", "dpo"),
        ("Reward", "dpo_tools"),
        ("KTO", "kto"),
    ],
)
def test_two_steps_and_no_row_dropped(exported, two_steps, trainer, table):
    (told,) = [t for t in exported.tables if t.name == table]
    assert told.rows["train"] > 0
    assert two_steps(exported.out, table, trainer) == told.rows["train"]
    assert (told.repeats > 0) == (table in ("sft", "sft_completion"))


@pytest.mark.parametrize(("trainer", "table"), [("SFT", "sft"), ("KTO", "kto")])
def test_the_settings_we_advise_are_the_trainers_own(exported, two_steps, trainer, table):
    file = exported.out / "trl" / f"{table}.yaml"
    written = yaml.safe_load(file.read_text("utf-8"))
    command = {"model_name_or_path", "dataset_name", "dataset_config", "output_dir"}
    assert command <= written.keys()
    settings = {name: value for name, value in written.items() if name not in command}
    length = int(settings.pop("max_length"))
    assert (
        settings.keys()
        == {
            "SFT": {"assistant_only_loss"},
            "KTO": {"desirable_weight", "undesirable_weight"},
        }[trainer]
    )
    (rows,) = [t.rows["train"] for t in exported.tables if t.name == table]
    assert two_steps(exported.out, table, trainer, length, **settings) == rows


def test_a_dropped_row_would_be_seen(exported, two_steps):
    trained_on = two_steps(exported.out, "dpo", "Reward", max_length=300)
    (told,) = [t for t in exported.tables if t.name == "dpo"]
    assert trained_on == told.rows["train"] - 1, "what TRL does in silence beyond max_length"


def test_the_reward_trainer_reads_the_margin_and_dpo_is_none_the_worse(made, tmp_path, monkeypatch):
    """By how much the better score is higher; a pair without scores stands beside it as 0."""
    from tiny_trainer import trainer_on

    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    plain = made.comparison("Sky?")
    scored = [
        replace(made.comparison(f"Sky {n}?"), candidates=rated(made.comparison(), *scores))
        for n, scores in enumerate([(4.5, 2.0), (3, None), (1.0, 2.0)])
    ]
    readings = [made.reading(r, f"f:{n}") for n, r in enumerate([plain, *scored])]
    out = export(readings, Recipe(split=Split(test=0.0)), tmp_path / "out").out
    rows = [json.loads(line) for line in (out / "trl/dpo/train.jsonl").read_text().splitlines()]
    assert sorted(row["margin"] for row in rows) == [0.0, 0.0, 0.0, 2.5]
    assert all(isinstance(row["margin"], float) for row in rows)
    running = trainer_on(out, "dpo", "Reward", tmp_path / "reward")
    batches = [batch["margin"].tolist() for batch in running.get_train_dataloader()]
    assert sorted(margin for batch in batches for margin in batch) == [0.0, 0.0, 0.0, 2.5]
    running.train()
    assert running.state.global_step == 2
    assert trainer_on(out, "dpo", "DPO", tmp_path / "dpo").train_dataset.num_rows == 4


def rated(comparison, *scores):
    pair = zip(comparison.candidates, scores, strict=True)
    return tuple(replace(candidate, score=score) for candidate, score in pair)
