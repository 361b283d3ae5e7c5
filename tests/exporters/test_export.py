"""An export: nothing lost, no order known, the same bytes again."""

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goldleaf.audit.check import check
from goldleaf.core.errors import GoldleafError, NothingUsable, UsageError
from goldleaf.core.input_results import InputResult
from goldleaf.core.prompt_normalization import normalize_prompt
from goldleaf.core.record_hash import record_id
from goldleaf.core.records import (
    Candidate,
    Comparison,
    Judgement,
    Provenance,
    Turn,
)
from goldleaf.exporters.export import export
from goldleaf.exporters.publishing.ledger import Tally, read_ledger
from goldleaf.exporters.publishing.manifest import MANIFEST, file_description
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import Pairs, Split

HALF = Recipe(split=Split(test=0.5))
ALL = Recipe(split=Split(test=0.0))


def ledger(out):
    return list(read_ledger(out))


def test_every_input_and_every_record_is_accounted_for(made, tmp_path, rows_of):
    fine = made.comparison("One?", line=1)
    edited = made.comparison(
        "Two?", ("c", "a", "b"), (1, 2, 3), origins=("edited", "imported", "imported"), line=2
    )
    tie = made.comparison("Three?", ranks=(1, 1), strength="tie", line=3)
    unread = Judgement((Turn("user", "a"),), (Turn("assistant", "b"),))
    unsaid = made.comparison("Five?", ("\ud800", "b"), line=5)
    empty = made.comparison("Six?", ("", "b"), line=6)
    readings = [
        *(made.reading(record) for record in (fine, edited, tie, empty)),
        made.reading(unread, "f:4"),
        made.reading(unsaid),
        made.reading("cancelled", "f:7"),
    ]
    outcome = export(readings, ALL, tmp_path / "out")
    assert outcome.answers == {**{"read": 7, "used": 2, "held_out": 0, "rejected": 2, "dropped": 3}}
    assert outcome.records == {"made": 5, "exported": 2, "held_out": 0, "dropped": 3}
    assert outcome.reasons == {
        "rejected": {"bad_unicode": 1, "cancelled": 1},
        "dropped": {"tie": 1, "no_verdict": 1, "empty_response": 1},
    }
    rows = rows_of(outcome.out)
    told = {row["chosen"][0]["content"] + row["rejected"][0]["content"] for row in rows}
    assert told == {"Blue.Green.", "ca", "cb"}
    lines = ledger(outcome.out)
    answers = [line for line in lines if "answer" in line]
    assert [line["answer"] for line in answers] == [f"f:{n}" for n in range(1, 8)]
    assert answers[2]["fate"] == "dropped"
    assert answers[2]["reason"] == "tie"
    (of_edited,) = [line for line in lines if line.get("record") == record_id(edited)]
    assert sorted(of_edited["rows"]["trl/dpo/train.jsonl"]) == sorted(
        row["id"] for row in rows_of(outcome.out) if row["chosen"][0]["content"] == "c"
    )
    assert check(outcome.out) == []


def test_equal_records_are_one_with_two_parents(made, tmp_path, rows_of):
    one, other = made.comparison(line=1), made.comparison(line=2)
    turned = replace(other, candidates=other.candidates[::-1])
    out = tmp_path / "out"
    outcome = export([made.reading(one), made.reading(turned)], ALL, out)
    assert outcome.answers["used"] == 2
    assert outcome.records["made"] == len(rows_of(out)) == 1


def test_the_same_pair_out_of_two_records_is_kept_once(made, tmp_path, rows_of):
    one = made.comparison(strength="slight", line=1)
    other = made.comparison(answers=("Blue. ", "Green."), strength="strong", line=2)
    out = tmp_path / "out"
    outcome = export([made.reading(one), made.reading(other)], ALL, out)
    assert outcome.reasons["dropped"] == {"exact_duplicate": 1}
    assert len(rows_of(out)) == 1


def test_opposite_pairs_go_both(made, tmp_path, rows_of):
    one = made.comparison(line=1)
    other = made.comparison(answers=("Green.", "Blue."), strength="strong", line=2)
    apart = made.comparison("Another?", ("Green.", "Blue."), line=3)
    out = tmp_path / "out"
    outcome = export([made.reading(record) for record in (one, other, apart)], ALL, out)
    assert outcome.reasons["dropped"] == {"disagreement": 2}
    assert [row["prompt"][0]["content"] for row in rows_of(out)] == ["Another?"]


def test_an_example_that_another_annotator_turned_down_goes_with_the_verdict(made, tmp_path):
    taught = made.demonstration(1)
    doubted = Judgement(taught.context, taught.response, good=False, parents=taught.parents)
    kept = made.demonstration(2)
    readings = [made.reading(r, f"a:{n}") for n, r in enumerate((taught, doubted, kept))]
    outcome = export(readings, Recipe(split=Split(test=0.0)), tmp_path / "out")
    assert outcome.reasons["dropped"] == {"disagreement": 2}
    assert outcome.rows == 1


def test_a_mended_question_stays_on_the_side_of_the_one_it_grew_from(made, tmp_path, rows_of):
    recipe = Recipe(split=Split(test=0.5))
    readings = []
    for number in range(60):
        asked = replace(made.demonstration(number), context=(Turn("user", f"Wat is {number}?"),))
        parent = replace(asked.parents[0], grown_from=normalize_prompt(f"Wat is {number}?"))
        mended = replace(asked, context=(Turn("user", f"What is {number}?"),), parents=(parent,))
        readings += [made.reading(asked, f"a:{number}"), made.reading(mended, f"b:{number}")]
    export(readings, recipe, tmp_path / "out")
    sides = [
        {
            row["messages"][0]["content"].replace("Wat", "What")
            for row in rows_of(tmp_path / "out", side, "sft")
        }
        for side in ("train", "test")
    ]
    assert sides[0] and sides[1] and not sides[0] & sides[1]


def test_a_question_edited_into_a_held_out_one_is_not_trained_on(made, tmp_path, rows_of):
    readings = []
    for number in range(60):
        asked = replace(made.demonstration(number), context=(Turn("user", f"What is {number}?"),))
        parent = replace(asked.parents[0], grown_from=f"Wat is {number}?")
        answer = (Turn("assistant", f"A number, and {number} it is."),)
        edited = replace(asked, response=answer, parents=(parent,))
        readings += [made.reading(asked, f"a:{number}"), made.reading(edited, f"b:{number}")]
    out = tmp_path / "out"
    outcome = export(readings, Recipe(split=Split(test=0.5)), out)
    train, test = (
        {row["messages"][0]["content"] for row in rows_of(out, side, "sft")}
        for side in ("train", "test")
    )
    assert train and test and not train & test
    assert outcome.reasons["dropped"].keys() == {"prompt_held_out"}
    assert check(out) == []


def test_answers_that_read_the_same_make_no_pair(made, tmp_path):
    same = made.comparison(answers=("Caf\u00e9\r\n", "Cafe\u0301"))
    with pytest.raises(NothingUsable, match="identical_pair 1"):
        export([made.reading(same)], ALL, tmp_path / "out")


def test_the_stronger_pairs_of_a_prompt_stay(made, tmp_path, rows_of):
    slight = [made.comparison(answers=(f"a{n}", f"b{n}"), line=n) for n in range(5)]
    strong = made.comparison(answers=("x", "y"), strength="strong", line=9)
    recipe = Recipe(pairs=Pairs(per_prompt=2), split=Split(test=0.0))
    out = tmp_path / "out"
    outcome = export([made.reading(record) for record in (*slight, strong)], recipe, out)
    assert outcome.reasons["dropped"] == {"per_prompt": 4}
    assert "x" in {row["chosen"][0]["content"] for row in rows_of(out)}


def test_nothing_usable_still_says_why(made, tmp_path):
    tie = made.comparison(ranks=(1, 1), strength="tie")
    with pytest.raises(
        NothingUsable, match="inputs rejected: cancelled 1; records dropped: tie 1"
    ) as none:
        export([made.reading(tie), made.reading("cancelled")], ALL, tmp_path / "out")
    assert none.value.exit_code == 4
    assert not list((tmp_path / "out").rglob("*.jsonl"))
    manifest = json.loads((tmp_path / "out" / MANIFEST).read_text("utf-8"))
    assert manifest["tables"] == []
    assert manifest["reasons"] == {"rejected": {"cancelled": 1}, "dropped": {"tie": 1}}
    assert check(tmp_path / "out") == []


def test_no_input_at_all(tmp_path):
    with pytest.raises(NothingUsable, match="there were none"):
        export([], ALL, tmp_path / "out")
    assert check(tmp_path / "out") == []


def test_two_files_of_one_name_lose_nothing(made, tmp_path):
    one, other = made.comparison("One?"), made.comparison("Two?")
    readings = [made.reading(one), made.reading(other), made.reading(one)]
    outcome = export(readings, ALL, tmp_path / "out")
    assert outcome.answers["read"] == outcome.answers["used"] == 2
    keys = [line["answer"] for line in ledger(outcome.out) if "answer" in line]
    assert all(key.startswith("f:1#") for key in keys)
    assert len(set(keys)) == 2


def test_inputs_that_are_sorted_in_ranges_are_the_same(made, tmp_path, bytes_of, monkeypatch):
    readings = [*made.many(30), made.many(1)[0], *made.many(40)[30:]]
    export(readings, Recipe(), tmp_path / "at once")
    monkeypatch.setattr("goldleaf.exporters.ingest.ingest.SORTED", 7)
    export(readings, Recipe(), tmp_path / "ranges")
    assert bytes_of(tmp_path / "ranges") == bytes_of(tmp_path / "at once")


def test_rows_with_tools_stand_apart_and_show_every_shape_first(made, tmp_path, rows_of):
    records = [made.tool_comparison(number) for number in range(6)]
    readings = [made.reading(record, f"t:{n}") for n, record in enumerate(records)]
    outcome = export([*readings, *made.many(5)], ALL, tmp_path / "out")
    assert [(table.name, table.rows) for table in outcome.tables] == [
        ("dpo", {"train": 5}),
        ("dpo_tools", {"train": 6}),
    ]
    first, second, *_ = rows_of(outcome.out, table="dpo_tools")
    shown = [row["prompt"][1]["tool_calls"][0]["function"]["arguments"] for row in (first, second)]
    assert sorted(map(sorted, shown)) == [["city"], ["deep", "size"]]
    assert check(outcome.out) == []


def test_a_folder_of_others_is_never_replaced(made, tmp_path):
    readings = made.many(5)
    theirs = tmp_path / "out" / "thesis.txt"
    theirs.parent.mkdir()
    theirs.write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="not an export of goldleaf"):
        export(readings, ALL, tmp_path / "out")
    theirs.unlink()
    export(readings, ALL, tmp_path / "out")
    theirs.write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="did not write"):
        export(readings, ALL, tmp_path / "out")
    assert theirs.read_text("utf-8") == "mine"
    with pytest.raises(UsageError, match="a file, not a folder"):
        export(readings, ALL, theirs)


@pytest.mark.parametrize("formats", [(), ("hh",), ("nonsense",)])
def test_formats_that_cannot_be_written(made, tmp_path, formats):
    with pytest.raises(UsageError):
        export(made.many(2), ALL, tmp_path / "out", formats=formats)
    assert list(tmp_path.iterdir()) == []


def test_a_failing_input_leaves_the_old_export(made, tmp_path, bytes_of):
    out = tmp_path / "out"
    export(made.many(20), ALL, out)
    before = bytes_of(out)

    def failing():
        yield from made.many(5)
        raise GoldleafError("Label Studio went away.")

    with pytest.raises(GoldleafError, match="went away"):
        export(failing(), ALL, out)
    assert bytes_of(out) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


def test_two_at_once_are_refused(made, tmp_path):
    def nested():
        with pytest.raises(UsageError, match="Another goldleaf"):
            export(made.many(2), ALL, tmp_path / "out")
        yield from made.many(5)

    assert export(nested(), ALL, tmp_path / "out").rows == 5


def test_progress_is_told(made, tmp_path):
    told = []
    export(made.many(5), ALL, tmp_path / "out", progress=lambda *stage: told.append(stage))
    later = [(stage, 0) for stage in ("select", "write", "ledger", "report")]
    assert told == [*(("read", n) for n in range(1, 6)), *later]


def test_inputs_are_named_by_content(made, tmp_path):
    source = tmp_path / "rows.jsonl"
    source.write_bytes(b"abc")
    export(made.many(2), ALL, tmp_path / "out", inputs=[file_description(source)])
    text = (tmp_path / "out" / MANIFEST).read_text("utf-8")
    assert json.loads(text)["inputs"][0]["file"] == "rows.jsonl"
    assert str(tmp_path) not in text


def test_a_ledger_that_does_not_add_up_is_never_published():
    tally = Tally()
    tally.count({"answer": "a", "fate": "used"})
    with pytest.raises(GoldleafError, match="2 answers read, 1 accounted for"):
        tally.hold(read=2, made=0)
    tally.hold(read=1, made=0)


PROMPTS = st.sampled_from(["Sky?", "sky? ", "Sea?", "天空？", "Leaf?"])
ANSWERS = st.sampled_from(["Blue.", " Blue.", "Green.", "蓝。", "", "None of them."])


@st.composite
def readings(draw, prefix="f"):
    found = []
    for number in range(draw(st.integers(0, 12))):
        key = f"{prefix}:{number}"
        if draw(st.integers(0, 6)) == 0:
            found.append(InputResult(key, reason=draw(st.sampled_from(["json", "cancelled"]))))
            continue
        candidates = tuple(
            Candidate(
                (Turn("assistant", draw(ANSWERS)),),
                rank=draw(st.sampled_from([1, 2, 3, None])),
                acceptable=draw(st.sampled_from([None, False])),
                origin=draw(st.sampled_from(["imported", "edited"])),
            )
            for _ in range(draw(st.integers(1, 4)))
        )
        strength = draw(st.sampled_from(["strong", "slight", "tie", "unknown"]))
        parents = (Provenance(source="S5", file=prefix, line=number),)
        context = (Turn("user", draw(PROMPTS)),)
        record = Comparison(context, candidates, strength=strength, parents=parents)
        found.append(InputResult(key, (record,)))
    return found


RECIPES = st.builds(
    Recipe,
    pairs=st.builds(
        Pairs,
        policy=st.sampled_from(["best_worst", "adjacent", "all"]),
        per_prompt=st.integers(1, 4),
        edits=st.booleans(),
    ),
    split=st.builds(Split, test=st.sampled_from([0.0, 0.3])),
    seed=st.integers(0, 3),
)

few = settings(
    max_examples=18, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def quietly(given_, recipe, out):
    try:
        return export(given_, recipe, out)
    except NothingUsable:
        return None


@few
@given(readings(), RECIPES, st.randoms())
def test_sums_bytes_and_order(tmp_path_factory, bytes_of, given_, recipe, random):
    folder = tmp_path_factory.mktemp("laws")
    one, other = folder / "one", folder / "other"
    quietly(given_, recipe, one)
    assert check(one) == []
    manifest = json.loads((one / MANIFEST).read_text("utf-8"))
    assert manifest["answers"]["read"] == len(given_)
    made = {record_id(record) for reading in given_ for record in reading.records}
    assert manifest["records"]["made"] == len(made)
    shuffled = given_ * 2
    random.shuffle(shuffled)
    quietly(shuffled, recipe, other)
    assert bytes_of(one) == bytes_of(other), "another order, everything twice: the same bytes"
    quietly(given_, recipe, one)
    assert bytes_of(one) == bytes_of(other), "again over the old one: the same bytes"


@few
@given(readings(), RECIPES)
def test_an_unrelated_record_moves_nobody(tmp_path_factory, made, rows_of, given_, recipe):
    folder = tmp_path_factory.mktemp("laws")
    stranger = made.comparison("Quite another question?", ("Yes.", "No."), file="other")
    quietly(given_, recipe, folder / "before")
    quietly([*given_, made.reading(stranger)], recipe, folder / "after")
    for side in ("train", "test"):
        before, after = rows_of(folder / "before", side), rows_of(folder / "after", side)
        assert before == [row for row in after if "another" not in row["prompt"][0]["content"]]


def test_split_is_about_the_share_asked_for_and_knows_the_seed(made, tmp_path, rows_of):
    readings_ = made.many(400)
    sides = {}
    for seed in (1, 2):
        recipe = Recipe(split=Split(test=0.25), seed=seed)
        export(readings_, recipe, tmp_path / str(seed))
        sides[seed] = {row["id"] for row in rows_of(tmp_path / str(seed), "test")}
        assert 55 < len(sides[seed]) < 125
    assert sides[1] != sides[2]


def test_all_pairs_of_a_prompt_fall_on_the_same_side(made, tmp_path, rows_of):
    records = [
        made.comparison(f"Question {n}?", (f"a{m}", f"b{m}"), line=10 * n + m)
        for n in range(30)
        for m in range(3)
    ]
    export([made.reading(record) for record in records], HALF, tmp_path / "out")
    train, test = (
        {row["group_id"] for row in rows_of(tmp_path / "out", side)} for side in ("train", "test")
    )
    assert train
    assert test
    assert not train & test
