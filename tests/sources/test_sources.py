"""The five sources of data: what each asks, stamps and refuses."""

import json

import pytest

from goldleaf.core.errors import UsageError
from goldleaf.core.records import Demonstration, Provenance, Turn
from goldleaf.core.records_jsonl import to_line
from goldleaf.sources import self_instruct
from goldleaf.sources.read_file import read_file
from goldleaf.sources.source_registry import source_named, sources

ROW = {"instruction": "Say hello.", "output": "Hello!"}


def written(tmp_path, *rows):
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def read(tmp_path, row, source, **said):
    (reading,) = read_file(written(tmp_path, row), source, **said)
    return reading


def parent(tmp_path, row, source, **said):
    return read(tmp_path, row, source, **said).records[0].parents[0]


def test_the_five_sources():
    assert {name: unit.ID for name, unit in sources().items()} == {
        "online_log": "S1",
        "public": "S2",
        "self_instruct": "S3",
        "expert": "S4",
        "feedback": "S5",
    }
    for name in sources():
        assert "licence" in {question.field for question in source_named(name).QUESTIONS}


@pytest.mark.parametrize("source", ["online_log", "feedback"])
@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({}, ""),
        ({"consent": True}, ""),
        ({"consent": "yes"}, ""),
        ({"consent": None}, ""),
        ({"consent": False}, "no_consent"),
        ({"consent": "No"}, "no_consent"),
        ({"consent": 0}, "no_consent"),
        ({"consent": "不同意"}, "no_consent"),
        ({"opt_out": True}, "no_consent"),
        ({"opt_out": False}, ""),
        ({"opted_out": "true"}, "no_consent"),
    ],
)
def test_nobodys_words_who_said_no(tmp_path, source, said, reason):
    reading = read(tmp_path, {**ROW, **said}, source)
    assert reading.reason == reason
    if not reason:
        given = "given" if said.get("consent") else "unstated"
        assert reading.records[0].parents[0].consent == given


def test_the_model_that_wrote_an_answer(tmp_path):
    assert parent(tmp_path, ROW, "self_instruct", model="m").drafted_by == "m"
    assert parent(tmp_path, {**ROW, "model": "own"}, "self_instruct", model="m").drafted_by == "own"
    assert parent(tmp_path, {**ROW, "model_name": "own"}, "public").drafted_by == "own"
    assert parent(tmp_path, {**ROW, "model": 3}, "public").drafted_by == ""


def hidden(name):
    return f"person:{len(name)}"


def test_an_expert_must_be_named_and_is_hidden(tmp_path):
    assert read(tmp_path, ROW, "expert").reason == "no_annotator"
    said = {"annotator": "law team", "pseudonym": hidden}
    assert parent(tmp_path, ROW, "expert", **said).annotator == "person:8"
    row = {**ROW, "annotator": " ada@example.org "}
    assert parent(tmp_path, row, "expert", **said).annotator == "person:15"
    (reading,) = read_file(written(tmp_path, row), "expert")
    assert b"ada" not in to_line(reading.records[0])
    assert parent(tmp_path, {**ROW, "annotator": "gpt-4"}, "public").annotator == ""


def test_an_annotator_already_known_is_enough(tmp_path):
    record = Demonstration(
        (Turn("user", "a"),), (Turn("assistant", "b"),), parents=(Provenance(annotator="person:1"),)
    )
    row = json.loads(to_line(record))
    assert parent(tmp_path, row, "expert").annotator == "person:1"


def test_answers_to_questions_nobody_asked(tmp_path):
    path = written(tmp_path, ROW)
    with pytest.raises(UsageError, match="public does not ask for annotator"):
        read_file(path, "public", annotator="me")
    intake = read_file(path, "self_instruct", licence="mit")
    assert [question.field for question in intake.unanswered] == ["model", "spot_check"]


@pytest.mark.parametrize("share", ["5%", "-0.1", "1.01", "nan", "many"])
def test_a_share_is_a_number_from_0_to_1(tmp_path, share):
    with pytest.raises(UsageError, match="is no share"):
        read_file(written(tmp_path, ROW), "self_instruct", spot_check=share)


def marked(tmp_path, rows, share):
    readings = read_file(written(tmp_path, *rows), "self_instruct", spot_check=share)
    records = [r.records[0] for r in readings]
    return {
        r.response[0].content: r.tags.signals["spot_check"]
        for r in records
        if isinstance(r, Demonstration)
    }


def test_a_share_of_rows_is_marked_for_checking(tmp_path):
    rows = [{"instruction": "Count.", "output": str(number)} for number in range(2_000)]
    few, many = marked(tmp_path, rows, "0.1"), marked(tmp_path, rows, "0.3")
    assert 140 < sum(few.values()) < 260  # four and a half standard deviations around 200
    assert 500 < sum(many.values()) < 700
    assert all(many[output] for output, drawn in few.items() if drawn)
    assert marked(tmp_path, rows[::-1], "0.1") == few
    assert set(marked(tmp_path, rows[:50], "1").values()) == {1.0}


def test_the_share_is_kept_and_nobody_is_drawn_twice(tmp_path):
    reading = read(tmp_path, ROW, "self_instruct", spot_check="1")
    assert reading.records[0].tags.signals == {"spot_check": 1.0, "spot_check_share": 1.0}
    again = read(
        tmp_path, json.loads(to_line(reading.records[0])), "self_instruct", spot_check="1e-9"
    )
    assert again.records[0].tags.signals == {"spot_check": 1.0, "spot_check_share": 1.0}
    assert read(tmp_path, ROW, "self_instruct").records[0].tags.signals == {}
    assert not self_instruct.is_sampled(reading.records[0], 0.0)


def test_a_row_of_several_records_is_one_reading(tmp_path):
    instances = [{"input": "2, 2", "output": "4"}, {"input": "2, 3", "output": "5"}]
    reading = read(tmp_path, {"instruction": "Add", "instances": instances}, "public")
    assert reading.key == "rows.jsonl:1"
    assert len(reading.records) == 2
    assert {record.parents[0].line for record in reading.records} == {1}
