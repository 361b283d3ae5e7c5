"""TRL trains on what we write: two real steps, every row kept."""

import pytest

from goldleaf.exporters.export import export
from goldleaf.exporters.recipe import Recipe, Split

pytestmark = [
    pytest.mark.trainer,
    # TRL 1 still asks transformers 5 for the old name of activation checkpointing
    pytest.mark.filterwarnings("ignore:.*gradient_checkpointing.*deprecated:FutureWarning"),
]


@pytest.fixture
def trained(made, tmp_path, two_steps):
    """Return a function that exports, loads, trains, and gives (rows exported, rows trained)."""

    def train(trainer, table, max_length=2048):
        readings = [*made.many(12), made.reading(made.comparison("And why? " * 60))]
        readings += [made.reading(made.tool_comparison(n), f"t:{n}") for n in range(6)]
        outcome = export(readings, Recipe(split=Split(test=0.0)), tmp_path / "out")
        (told,) = [t for t in outcome.tables if t.name == table]
        return told.rows["train"], two_steps(outcome.out, table, trainer, max_length)

    return train


@pytest.mark.parametrize("table", ["dpo", "dpo_tools"])
@pytest.mark.parametrize("trainer", ["DPO", "Reward"])
def test_two_steps_and_no_row_dropped(trained, trainer, table):
    exported, trained_on = trained(trainer, table)
    assert exported == trained_on > 0


def test_a_dropped_row_would_be_seen(trained):
    exported, trained_on = trained("Reward", "dpo", max_length=300)
    assert trained_on == exported - 1, "this is what TRL does in silence to rows beyond max_length"
