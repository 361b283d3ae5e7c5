"""goldleaf why: explains every row, record and input, and suggests names like an unknown one."""

import contextlib
import gzip
from dataclasses import replace

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goldleaf.audit.explain import explain
from goldleaf.audit.explain_text import explanation_text
from goldleaf.core.errors import GoldleafError, UsageError
from goldleaf.core.input_results import InputResult
from goldleaf.core.record_hash import record_id
from goldleaf.core.records import Demonstration, Provenance, Tags, Turn
from goldleaf.core.translations import Translations
from goldleaf.exporters.export import export
from goldleaf.exporters.publishing.ledger import LEDGER, read_ledger
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import Repeat, Split
from goldleaf.recipes.shares import Share, Shares

ANNOTATION = "project:3/task:12/annotation:40"


@pytest.fixture(scope="module")
def out(made, tmp_path_factory):
    """An export with repeats, duplicates, a contradiction, rejected rows and a held-out side."""
    found = made.many(30)
    for n in range(30):
        shown = ("multi_turn",) if n < 4 else ()
        found.append(
            InputResult(f"sft.jsonl:{n}", (made.demonstration(n, shown, file="first.jsonl"),))
        )
    person = Provenance(
        source="S4",
        project=3,
        task=12,
        annotation=40,
        annotator="person:aa",
        origin="edited",
        drafted_by="qwen",
        licence="MIT",
    )
    asked = (Turn("user", "What is gold?"),)
    gold = Demonstration(asked, (Turn("assistant", "A metal."),), parents=(person,))
    found.append(InputResult(f"{ANNOTATION}@2026-01-01T00:00:00Z", (gold,)))
    spaced = replace(gold, response=(Turn("assistant", "A metal.  "),))
    found.append(InputResult("copy.jsonl:1", (spaced,)))
    found += [made.reading(made.judgement(1, good), f"kto:{good}") for good in (True, False)]
    folder = tmp_path_factory.mktemp("explanation") / "out"
    shares = Shares(multi_turn=Share(min=0.2))
    recipe = Recipe(shares=shares, split=Split(test=0.2), repeat=Repeat(max=3))
    export(found, recipe, folder, inputs=[{"file": "rows.jsonl", "bytes": 9, "sha256": "ab" * 32}])
    return folder


def lines(out, name, lang="en"):
    return "\n".join(explanation_text(explain(out, name), Translations(lang)))


def test_an_annotation_is_found_without_its_time(out):
    explanation = lines(out, ANNOTATION)
    assert explanation.startswith(f"Input {ANNOTATION}@2026-01-01T00:00:00Z")
    for text in ("person:aa", "changed by a person", "over a draft of qwen", "experts (S4)", "MIT"):
        assert text in explanation


def test_every_row_leads_to_its_input(out, rows_of):
    rows = [row for side in ("train", "test") for row in rows_of(out, side, "sft")]
    assert any(row["repeat_of"] for row in rows)
    for row in rows:
        explanation = explain(out, row["id"])
        assert explanation.kind == "row" and explanation.name == row["id"]
        assert explanation.answers and all(line["by"] for line in explanation.answers)
        if row["repeat_of"]:
            assert f"{row['id']}  repeats {row['repeat_of']}" in lines(out, row["id"])


def test_a_duplicate_says_what_stands_in_its_place(out):
    dropped = [line for line in read_ledger(out) if line.get("reason") == "exact_duplicate"]
    stays = next(line for line in dropped if "record" in line)
    explanation = lines(out, stays["record"])
    other = stays["instead"]["exact_duplicate"]
    assert f"kept instead: record {other}" in explanation
    assert "the same example is there already (exact_duplicate)" in explanation
    assert "goldleaf rules" in explanation
    assert explain(out, other).records[0]["fate"] != "dropped"


def test_a_contradicted_answer_says_by_which(out):
    explanation = lines(out, "kto:True")
    opposite = explain(out, "kto:False").records[0]["record"]
    assert f"contradicted by record {opposite}" in explanation
    assert "contradictory labels" in explanation


def test_a_row_that_no_screen_showed_says_what_it_says(out):
    assert "decided: good (thumb up)" in lines(out, "kto:True")
    assert "decided: bad (thumb down)" in lines(out, "kto:False")
    pair = lines(out, "rows.jsonl:1")
    assert "decided: the chosen answer is slightly better than the rejected one" in pair
    assert ": imported" in pair
    assert "decided" not in lines(out, "sft.jsonl:1")


def test_a_rejected_input_says_why(out):
    explanation = lines(out, "rows.jsonl:10")
    assert "rejected: invalid JSON in this line (json)" in explanation
    assert "detail: cut off" in explanation
    assert "rows.jsonl (9 bytes, SHA-256 abababababab)" in explanation


def test_the_place_where_a_row_was_first_read_finds_it(out, made):
    explanation = explain(out, "first.jsonl:5")
    assert explanation.name == "sft.jsonl:5"
    assert "first read from first.jsonl:5" in lines(out, "sft.jsonl:5")


def test_six_characters_are_enough_where_they_are_alone(out, made):
    identity = record_id(made.demonstration(7, (), file="first.jsonl"))
    assert explain(out, identity[:6]).name == identity
    assert explain(out, identity[:6]).plain() == explain(out, identity).plain() | {"kind": "record"}


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("sft.jsonl:99", "sft.jsonl:9"),
        ("f" * 32, "give a row's id"),
        ("ab", ""),
        ("", ""),
        ("\u202e", ""),
    ],
)
def test_unknown_names_have_neighbours(out, name, near):
    with pytest.raises(UsageError, match="Nothing here is called") as error:
        explain(out, name)
    assert near in str(error.value) or "did you mean" in str(error.value)


def test_several_things_that_begin_alike(made, tmp_path):
    out = tmp_path / "out"
    export([made.reading(made.demonstration(1), "r:1")], Recipe(), out)
    found = list(read_ledger(out))
    (record,) = [line for line in found if "record" in line]
    twin = record | {"record": record["record"][:20] + "0" * 12, "rows": {}}
    with gzip.GzipFile(out / LEDGER, "wb") as file:
        file.write(b"".join(orjson.dumps(line) + b"\n" for line in [*found, twin]))
    for length in (6, 20):
        with pytest.raises(UsageError, match="fits 2"):
            explain(out, record["record"][:length])
    assert explain(out, record["record"][:31]).name == record["record"]
    assert explain(out, twin["record"]).records == [twin]


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(name=st.text(max_size=20))
def test_no_name_is_a_crash(out, name):
    with contextlib.suppress(UsageError):
        assert explanation_text(explain(out, name), Translations("zh"))


def test_both_languages_tell_the_same(out):
    english, chinese = lines(out, ANNOTATION), lines(out, ANNOTATION, "zh")
    assert len(english.split("\n")) == len(chinese.split("\n"))
    assert "人工修改" in chinese and "changed" not in chinese


def test_no_export_and_a_torn_ledger(out, tmp_path):
    import shutil

    with pytest.raises(UsageError, match="not an export of goldleaf"):
        explain(tmp_path, "x")
    torn = tmp_path / "torn"
    shutil.copytree(out, torn)
    ledger = torn / LEDGER
    ledger.write_bytes(ledger.read_bytes()[:-20])
    with pytest.raises(GoldleafError, match="cannot be read"):
        explain(torn, "f" * 32)


def test_a_merged_record_has_all_its_inputs(made, tmp_path):
    one = made.demonstration(1)
    other = replace(one, parents=(Provenance(annotator="person:b", origin="human"),), tags=Tags())
    export(
        [InputResult("a:1", (one,)), InputResult("b:1", (other,))],
        Recipe(split=Split(test=0)),
        tmp_path / "o",
    )
    explanation = explain(tmp_path / "o", record_id(one))
    assert [line["answer"] for line in explanation.answers] == ["a:1", "b:1"]
    assert explanation.answers[1]["by"]["annotator"] == ["person:b"]
