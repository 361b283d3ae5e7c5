"""S18: stages that hold their own rows and some of before, and an order that moves evenly."""

import json
import random
from collections import Counter
from math import ceil

import polars as pl
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from goldleaf.audit.check import check
from goldleaf.core.records import BEHAVIOURS
from goldleaf.exporters.export import export
from goldleaf.exporters.ingest.behaviours import mask
from goldleaf.exporters.planning.order import (
    LONG_TAIL,
    SAFETY,
    SPREAD,
    WIDTH,
    replay_results,
    soft_key,
    stage_of,
    staged,
    with_replays,
)
from goldleaf.recipes.recipe import NATURAL, Recipe
from goldleaf.recipes.sections import Core, Diverse, Order, Repeat, Split, Total
from goldleaf.recipes.shares import RefusalShare, Share, Shares
from goldleaf.trainers.table import Table
from goldleaf.trainers.training_plan import runs

STAGES = ("general", "long_tail", "safety")
FORMATS = ("trl", "parquet", "llamafactory", "alpaca", "swift", "openai")


def recipe(mode, *, replay=0.1, most=4, test=0.1, stages=STAGES):
    order = Order(mode=mode, replay=replay, stages=list(stages))
    return Recipe(order=order, repeat=Repeat(max=most), split=Split(test=test))


@pytest.fixture(scope="module")
def pool(made):
    """Readings of every use, of every stage, with and without tools."""
    tags = {0: ("refusal",), 1: ("structured_output",), 2: ("reasoning_chain",)}
    records = [
        *(made.demonstration(n, tags.get(n % 8, ("chat",))) for n in range(120)),
        *(made.tool_demonstration(n) for n in range(12)),
        *(made.conversation(n, train=bool(n % 2)) for n in range(12)),
        *(made.judgement(n, good=n % 3 > 0) for n in range(8)),
        *(made.comparison(f"Pair {n}?", line=n) for n in range(8)),
    ]
    return [made.reading(record, f"f:{n}") for n, record in enumerate(records)]


EXAMPLES = st.lists(
    st.tuples(
        st.sampled_from(["sft", "sft", "sft", "dpo", "kto"]),
        st.sampled_from(["train", "train", "test"]),
        st.sets(st.sampled_from(BEHAVIOURS), max_size=3),
        st.booleans(),
        st.integers(1, 3),
        st.integers(0, 2**64 - 1),
    ),
    max_size=60,
)
RECIPES = st.builds(
    recipe,
    st.sampled_from(["staged", "staged", "soft", "shuffled"]),
    replay=st.sampled_from([0.0, 0.05, 0.3, 0.9]),
    most=st.integers(3, 5),
    stages=st.permutations(STAGES).flatmap(
        lambda order: st.integers(1, 3).map(lambda count: order[:count])
    ),
)


def frame(examples):
    columns = ("use", "side", "behaviours", "risk", "copies", "sample_key")
    types = (pl.String, pl.String, pl.UInt32, pl.Boolean, pl.Int64, pl.UInt64)
    rows = [(u, s, mask(tuple(b)), r, c, lu) for u, s, b, r, c, lu in examples]
    found = pl.DataFrame(rows, dict(zip(columns, types, strict=True)), orient="row")
    return found.with_row_index("number")


@given(EXAMPLES, RECIPES)
def test_one_stage_each_and_replays_of_earlier_stages_within_the_cap(examples, wanted):
    kept = staged(frame(examples), wanted)
    stages, own = wanted.order.stages, Counter()
    for row in kept.iter_rows(named=True):
        ordered = row["use"] == "sft" and row["side"] == "train"
        if wanted.order.mode == "shuffled" or not ordered:
            assert (row["stage"], row["replays"]) == ("", [])
            continue
        assert row["stage"] == stage_of(row["behaviours"], stages, risk=row["risk"])
        own[row["stage"]] += row["copies"]
        later = stages[stages.index(row["stage"]) + 1 :]
        assert set(row["replays"]) <= set(later) and len(set(row["replays"])) == len(row["replays"])
        assert row["copies"] + len(row["replays"]) <= wanted.repeat.max
        assert not row["replays"] or wanted.order.mode == "staged"
    if wanted.order.mode == "staged":
        drawn = Counter(stage for stages in kept["replays"].to_list() for stage in stages)
        asked = {s: ceil(round(wanted.order.replay * own[s], 9)) for s in stages[1:]}
        assert all(drawn[stage] <= asked[stage] for stage in asked)
        missed = any(result.missed for result in replay_results(kept, wanted))
        assert missed == (drawn.total() < sum(asked.values()))
        assert with_replays(kept)["copies"].sum() == kept["copies"].sum() + drawn.total()


@given(EXAMPLES, RECIPES, st.randoms())
def test_no_order_is_known_and_natural_behaviours_are_not_read(examples, wanted, shuffle):
    one = frame(examples)
    places = list(range(one.height))
    shuffle.shuffle(places)
    bits = [shuffle.getrandbits(32) & mask(NATURAL) for _ in places]
    natural = pl.Series(bits, dtype=pl.UInt32)
    other = one.with_columns((pl.col("behaviours") & ~mask(NATURAL)) | natural)[places]
    told = ["number", "stage", "replays"]
    assert (
        staged(one, wanted).select(told).rows()
        == staged(other, wanted).sort("number").select(told).rows()
    )


@pytest.mark.parametrize(
    ("behaviours", "risk", "stages", "stage"),
    [
        ((), False, STAGES, "general"),
        (NATURAL, False, STAGES, "general"),
        *(((name,), False, STAGES, "long_tail") for name in LONG_TAIL),
        *(((name, "tool_call"), False, STAGES, "safety") for name in SAFETY),
        ((), True, STAGES, "safety"),
        (("refusal",), False, ("general", "long_tail"), "general"),
        (("tool_call",), False, ("safety", "general"), "safety"),
        ((), False, ("long_tail", "safety"), "long_tail"),
    ],
)
def test_the_stage_of_an_example(behaviours, risk, stages, stage):
    assert stage_of(mask(behaviours), stages, risk=risk) == stage


def test_replays_run_out_and_that_is_told():
    one = frame(
        [("sft", "train", {"chat"}, False, 1, 5), ("sft", "train", {"refusal"}, False, 3, 6)]
    )
    wanted = recipe("staged", replay=0.9, most=4)
    (short,) = replay_results(staged(one, wanted), wanted)
    assert short.missed and (short.key, short.rule) == ("order.replay", "S18")
    assert (short.wanted, short.got) == (3, 1)


@pytest.mark.parametrize("mode", ["staged", "soft"])
def test_the_same_bytes_for_any_order_of_inputs(pool, tmp_path, bytes_of, mode):
    export(pool, recipe(mode), tmp_path / "one", formats=FORMATS)
    assert check(tmp_path / "one") == []
    shuffled = [*pool, *pool[:9]]
    random.Random(3).shuffle(shuffled)
    export(shuffled, recipe(mode), tmp_path / "other", formats=FORMATS)
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "other")


def stage_rows(out, table):
    """Return stage folder -> rows of a table in TRL's format."""
    files = sorted((out / "trl" / table).glob("*/train.jsonl"))
    lines = {file.parent.name: file.read_text("utf-8").split("\n")[:-1] for file in files}
    return {stage: [json.loads(line) for line in told] for stage, told in lines.items()}


def test_one_file_a_stage_with_marked_replays(pool, tmp_path, rows_of):
    outcome = export(pool, recipe("staged", replay=0.25), tmp_path / "out")
    assert outcome.shortfalls == ()
    assert rows_of(outcome.out, "train", "sft") == []
    assert rows_of(outcome.out, "test", "sft") and rows_of(outcome.out, "train", "dpo")
    (plain,) = [table for table in outcome.tables if table.name == "sft"]
    files = stage_rows(outcome.out, "sft")
    assert plain.folders == tuple(files) == ("1_general", "2_long_tail", "3_safety")
    first = {stage: {r["id"] for r in rows if not r["repeat_of"]} for stage, rows in files.items()}
    sets = list(first.values())
    assert sum(map(len, sets)) == len(set.union(*sets)), "every row begins in one stage alone"
    own = Counter()
    drawn = Counter()
    for table in ("sft", "sft_tools", "sft_completion"):
        seen = set()
        for stage, rows in stage_rows(outcome.out, table).items():
            again = [row["repeat_of"] for row in rows if row["repeat_of"] in seen]
            own[stage] += len(rows) - len(again)
            drawn[stage] += len(again)
            seen |= {row["id"] for row in rows}
    assert drawn == {s: 0 if s == "1_general" else ceil(0.25 * own[s]) for s in own}
    (told,) = [count for count in outcome.counts if (count.use, count.behaviour) == ("sft", "")]
    assert told.train == own.total() + drawn.total() == told.examples + drawn.total()


@pytest.mark.parametrize("replay", [0.05, 0.4])
def test_floors_and_totals_hold_with_the_replays(made, tmp_path, replay):
    tags = {0: ("refusal",), 1: ("structured_output",), 2: ("structured_output",)}
    records = [made.demonstration(n, tags.get(n % 20, ("chat",))) for n in range(400)]
    asked = Shares(refusal=RefusalShare(min=0.1), structured_output=Share(min=0.15))
    found = recipe("staged", replay=replay, test=0.0)
    found = found.model_copy(update={"shares": asked, "total": Total(max=400)})
    readings = [made.reading(record, f"f:{n}") for n, record in enumerate(records)]
    outcome = export(readings, found, tmp_path / "out")
    assert (outcome.shortfalls, check(outcome.out)) == ((), [])
    (table,) = outcome.tables
    assert table.rows["train"] <= 400 and sum(stage.replays for stage in table.stages) > 0


def test_no_replay_leaves_each_example_once(pool, tmp_path):
    outcome = export(pool, recipe("staged", replay=0.0), tmp_path / "out")
    assert sum(table.repeats for table in outcome.tables) == 0


def test_soft_order_moves_evenly_from_stage_to_stage(made, tmp_path, rows_of):
    tags = [("chat",), ("structured_output",), ("refusal",)]
    readings = [
        made.reading(made.demonstration(n, tags[n % 3], prompt=f"{n % 3} of {n}"), f"f:{n}")
        for n in range(1_500)
    ]
    outcome = export(readings, recipe("soft", test=0.0), tmp_path / "out")
    (table,) = outcome.tables
    assert table.ordered and table.shown_first == 1 and not table.stages
    rows = [row["messages"][0]["content"][0] for row in rows_of(outcome.out, table="sft")]
    thirds = [Counter(rows[start : start + 500]) for start in (0, 500, 1_000)]
    assert [max(third, key=third.__getitem__) for third in thirds] == ["0", "1", "2"]
    assert thirds[0]["0"] > thirds[1]["0"] > thirds[2]["0"] > 0
    assert 0 < thirds[0]["2"] < thirds[1]["2"] < thirds[2]["2"]


@given(st.integers(0, 2**63), st.text(max_size=40), st.integers(0, 2))
def test_a_soft_key_is_near_its_stage(seed, row, stage):
    assert abs(soft_key(seed, row, stage) - stage * WIDTH) <= SPREAD * WIDTH


@pytest.mark.parametrize("mode", ["staged", "soft"])
def test_a_row_of_every_shape_still_stands_first(pool, tmp_path, mode):
    outcome = export(pool, recipe(mode, test=0.0), tmp_path / "out")
    name = "2_long_tail/train.jsonl" if mode == "staged" else "train.jsonl"
    lines = (outcome.out / "trl" / "sft_tools" / name).read_text("utf-8").splitlines()
    calls = [json.loads(line)["messages"][1]["tool_calls"][0]["function"] for line in lines]
    assert {tuple(call["arguments"]) for call in calls[:2]} == {("city",), ("deep", "size")}


class TestRuns:
    def table(self, name, *folders, test=True):
        from goldleaf.trainers.table import StageFile

        numbered = [folder.partition("_") for folder in folders]
        files = [StageFile(int(number), stage, 5, 0) for number, _, stage in numbered]
        rows = {"train": 5} | ({"test": 1} if test else {})
        return Table("trl", name, rows, 1024, stages=tuple(files))

    def test_all_tables_go_through_a_stage_before_the_next(self):
        tables = [
            self.table("sft", "1_general", "2_long_tail", "3_safety"),
            self.table("sft_tools", "2_long_tail", "3_safety", test=False),
            self.table("dpo"),
        ]
        found = runs(tables)
        assert [run.name for run in found] == [
            *("sft_1_general", "sft_2_long_tail", "sft_tools_2_long_tail"),
            *("sft_3_safety", "sft_tools_3_safety", "dpo"),
        ]
        assert [run.after for run in found] == ["", *(run.name for run in found[:4]), ""]
        assert found[2].train == "sft_tools/2_long_tail/train.jsonl"
        assert (found[0].test, found[2].test) == ("sft/test.jsonl", "")


def test_every_configuration_names_files_that_are_there(pool, tmp_path):
    outcome = export(pool, recipe("staged", test=0.2), tmp_path / "out", formats=FORMATS)
    out, trained = outcome.out, Counter()
    for format in ("llamafactory", "alpaca"):
        info = json.loads((out / format / "dataset_info.json").read_text("utf-8"))
        assert {str(f.relative_to(out / format)) for f in (out / format).rglob("*.jsonl")} == {
            entry["file_name"] for entry in info.values()
        }
        for file in (out / format).glob("*.yaml"):
            said = yaml.safe_load(file.read_text("utf-8"))
            assert {said["dataset"], said["eval_dataset"]} <= info.keys()
            trained[format] += 1
    for format, key, kind in (("swift", "dataset", ""), ("trl", "datasets", ".axolotl")):
        for file in (out / format).glob(f"*{kind}.yaml"):
            (entry,) = yaml.safe_load(file.read_text("utf-8"))[key]
            assert (out / format / (entry if format == "swift" else entry["path"])).is_file()
            trained[format] += 1
    (front,) = yaml.safe_load_all((out / "README.md").read_text("utf-8").split("\n---\n")[0])
    configs = {config["config_name"] for config in front["configs"]}
    own = {f for f in (out / "trl").glob("*.yaml") if ".axolotl" not in f.name}
    for file in own:  # what `load_dataset` finds by the dataset card
        said = yaml.safe_load(file.read_text("utf-8"))
        assert (said["dataset_name"], said["dataset_config"] in configs) == ("..", True)
    assert len(own) == len(list((out / "trl").rglob("train.jsonl"))) + 1, (
        "a pair is also a reward's"
    )
    # three stages, pairs and verdicts; `sft_last`, and for axolotl `sft_tools`, have a long tail
    assert trained == {"llamafactory": 6, "alpaca": 6, "swift": 5, "trl": 5}
    jobs = (out / "openai" / "README.md").read_text("utf-8")
    assert [line[3:] for line in jobs.splitlines() if line[:1].isdigit()] == [
        *("`sft/1_general/train.jsonl`", "`sft/2_long_tail/train.jsonl`"),
        *("`sft_tools/2_long_tail/train.jsonl`", "`sft/3_safety/train.jsonl`"),
    ]
    page = (out / "trl" / "sft_tools" / "2_long_tail" / "README.md").read_text("utf-8")
    assert 'model="../../sft/2_long_tail/model"' in page


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_services_promise_no_order_and_that_is_said(pool, tmp_path, lang):
    outcome = export(pool, recipe("soft"), tmp_path / "out", formats=["openai"], lang=lang)
    said = (outcome.out / "openai" / "README.md").read_text("utf-8")
    assert "`sft`, `sft_tools`" in said and "mode: staged" in said
    assert ("服务" in said) == (lang == "zh")


def test_a_shuffled_export_says_nothing_of_order(pool, tmp_path):
    outcome = export(pool, recipe("shuffled"), tmp_path / "out", formats=FORMATS)
    assert not any(table.ordered or table.stages for table in outcome.tables)
    assert not (outcome.out / "openai" / "README.md").exists()
    told = [f.read_text("utf-8") for f in outcome.out.rglob("*") if f.suffix in (".yaml", ".md")]
    settings = ("disable_shuffling", "curriculum_sampling", "dataset_shuffle", "sequential")
    assert not any(setting in text for setting in settings for text in told)


def test_a_floor_out_of_reach_does_not_pull_down_one_within_where_rows_are_replayed(made, tmp_path):
    tags = {0: ("refusal",), 1: ("refusal",), 2: ("refusal",)}
    records = [made.demonstration(n, tags.get(n, ())) for n in range(103)]
    asked = Shares(
        refusal=RefusalShare(min=0.1), multi_turn=Share(min=0.2), reflection=Share(min=0.2)
    )
    found = recipe("staged", replay=0.05, test=0.0).model_copy(update={"shares": asked})
    outcome = export(
        [made.reading(r, f"f:{n}") for n, r in enumerate(records)], found, tmp_path / "o"
    )
    (refusals,) = [c for c in outcome.counts if c.behaviour == "refusal"]
    assert refusals.train == 12, "four times each: a tenth"
    assert {s.key for s in outcome.shortfalls} == {"shares.multi_turn.min", "shares.reflection.min"}


@pytest.mark.parametrize("replay", [0.1, 0.3])
def test_floors_hold_with_the_replays_of_many_rows(made, tmp_path, replay):
    tags = {
        0: ("refusal",),
        1: ("structured_output",),
        2: ("structured_output",),
        3: ("reflection",),
    }
    records = [made.demonstration(n, tags.get(n % 31, ())) for n in range(6_000)]
    asked = Shares(
        refusal=RefusalShare(min=0.1),
        structured_output=Share(min=0.15),
        reflection=Share(min=0.07),
    )
    found = recipe("staged", replay=replay, most=6, test=0.0).model_copy(update={"shares": asked})
    readings = [made.reading(record, f"f:{n}") for n, record in enumerate(records)]
    assert export(readings, found, tmp_path / "out").shortfalls == ()


def test_ceilings_and_sizes_hold_with_the_replays(made, tmp_path):
    def source(n):
        return "S4" if n % 3 == 0 else "S2"

    tags = {1: ("refusal",), 2: ("refusal",), 3: ("structured_output",)}
    records = [made.demonstration(n, tags.get(n % 5, ()), source(n)) for n in range(300)]
    asked = Shares(refusal=RefusalShare(max=0.3), structured_output=Share(max=0.15))
    found = recipe("staged", replay=0.3, test=0.0).model_copy(
        update={
            "shares": asked,
            "core": Core(size=10, max=50),
            "diverse": Diverse(max=100),
        }
    )
    readings = [made.reading(record, f"f:{n}") for n, record in enumerate(records)]
    outcome = export(readings, found, tmp_path / "out")
    assert (outcome.shortfalls, check(outcome.out)) == ((), [])
    assert sum(stage.replays for table in outcome.tables for stage in table.stages) > 0
