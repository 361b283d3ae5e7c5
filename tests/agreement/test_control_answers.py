"""What annotators answered, control by control, from a Label Studio export on disk."""

import json

import polars as pl
import pytest
from label_studio_export import ASKED, Project, shown_answer, shown_pair

from goldleaf.agreement.control_answers import (
    SINGLE,
    control_answer_schema,
    control_answers,
    current_answers,
)
from goldleaf.core.records import Candidate, Comparison, Turn
from goldleaf.core.settings import Settings
from goldleaf.label_configs.regions import to_regions
from goldleaf.label_configs.registry import kinds
from goldleaf.workflows.control_answers import read_control_answers


@pytest.fixture
def read(tmp_path):
    """Return what reads projects as the files that Label Studio's menu writes."""

    def table(*projects, name="export"):
        paths = [str(each.write(tmp_path / f"{name}-{each.number}.json")) for each in projects]
        return read_control_answers(paths, Settings())

    return table


def said(table, control):
    return table.filter(control=control).sort("annotation")


def test_a_row_for_each_control_with_its_scale(read):
    project = Project(1, "preference")
    task = project.task(shown_pair())
    project.prefer(task, 1, "Ask a locksmith.", "_much", note="clear")
    project.annotate(task, 2, decision="both_bad", own="Buy a key.")
    project.annotate(task, 3)
    table = read(project)
    assert dict(table.schema) == control_answer_schema()
    decisions = said(table, "decision")
    side = "a" if task["data"]["answer_a"] == "Ask a locksmith." else "b"
    assert decisions["value"].to_list() == [f"{side}_much", "both_bad"]
    assert decisions["scale"].to_list() == ["ordinal", "ordinal"]
    assert decisions["rank"].to_list() == [0.0 if side == "a" else -4.0, None]
    assert said(table, "note").select("value", "scale", "change").row(0) == (
        *("clear", "text", "written"),
    )
    # Nothing noticed is an answer; a box that does not belong to the decision holds none.
    assert said(table, "noticed")["value"].to_list() == ["", ""]
    assert said(table, "own")["value"].to_list() == ["Buy a key."]
    assert not said(table, "reasons").height
    skipped = table.filter(state="skipped")
    assert skipped.select("control", "value", "change", "place").row(0) == ("", "", "none", SINGLE)
    assert table["annotator"].n_unique() == 3
    assert table["annotator"].str.starts_with("unknown:").all()


def test_what_became_of_the_text_and_the_draft(read):
    project = Project(1, "refusal")
    task = project.task(shown_answer())
    drafted = kinds()["refusal"].codec.Answer(did="comply", risk="none", corrected="Drafted.")
    values = kinds()["refusal"].to_annotation(drafted)
    task["predictions"] = [
        {"id": 7, "model_version": "rules/1", "result": to_regions(values, project.kind.screen)}
    ]
    words = {"decision": "benign_comply", "did": "comply", "risk": "none"}
    left = project.annotate(task, 1, **words, corrected="Drafted.")
    changed = project.annotate(task, 2, **{**words, "did": "full_refusal"}, corrected="Mine.")
    left["parent_prediction"] = changed["parent_prediction"] = 7
    left["lead_time"], changed["lead_time"] = 3.5, None
    project.annotate(task, 3, **words, corrected="Ask a locksmith.")
    table = read(project)
    text = said(table, "corrected")
    assert text["change"].to_list() == ["accepted", "edited", "accepted"]
    assert text["model"].to_list() == ["rules/1", "rules/1", ""]
    assert text["seconds"].to_list() == [3.5, None, None]
    assert said(table, "did")["change"].to_list() == ["accepted", "edited", "written"]
    assert said(table, "decision")["model"].to_list() == ["", "", ""]


def test_places_of_a_repeater_and_ranks(read):
    project = Project(1, "ranking")
    texts = ("One.", "Two.", "Three.")
    task = project.task(Comparison(ASKED, tuple(Candidate((Turn("assistant", t),)) for t in texts)))
    inner = project.kind.codec.Answer.__dataclass_fields__["answers"].metadata["control"][1]
    rank = inner["answer"]
    project.annotate(task, 1, answers=(rank("1"), rank("1"), rank("bad")))
    table = read(project)
    ranks = said(table, "rank_{{idx}}").sort("place")
    assert ranks["place"].to_list() == [0, 1, 2]
    assert ranks["value"].to_list() == ["1", "1", "bad"]
    assert ranks["rank"].to_list() == [0.0, 0.0, -8.0]
    # The box under a first rank is open and holds the answer as it came.
    assert not said(table, "edit_{{idx}}").height


def test_the_newest_state_and_the_newest_annotation_of_a_person_count(read):
    project = Project(1, "preference")
    first, second = project.task(shown_pair()), project.task(shown_pair("One.", "Two."))
    old = project.annotate(first, 1, decision="a", at="2026-01-01")
    project.annotate(first, 1, decision="tie", at="2026-01-02")
    project.annotate(first, 2, decision="b", at="2026-01-01")
    again = project.annotate(second, 1, decision="a", at="2026-01-01")
    before = read(project, name="before")
    skipped = {"was_cancelled": True, "updated_at": "2026-01-03T00:00:00Z"}
    second["annotations"][0] = {**again, **skipped}
    table = pl.concat([before, read(project)])
    current = current_answers(table)
    assert old["id"] not in current["annotation"].to_list()
    decisions = current.filter(control="decision", task=first["id"])
    assert sorted(decisions["value"].to_list()) == ["b", "tie"]
    assert current.filter(task=second["id"])["state"].to_list() == ["skipped"]
    shuffled = table.sample(fraction=1, shuffle=True, seed=3)
    assert current_answers(shuffled).equals(current)


def test_one_task_in_two_projects_and_another_order_shown(read):
    one, two, three = Project(1, "preference"), Project(2, "preference"), Project(3, "preference")
    pair = shown_pair()
    for project, record in ((one, pair), (two, pair), (three, shown_pair("No idea.", "Other."))):
        project.annotate(project.task(record), 1, decision="a")
    hashes = dict(
        read(one, two, three).group_by("project").agg(pl.col("task_hash").unique()).rows()
    )
    assert hashes[1] == hashes[2] != hashes[3]


def test_unreadable_answers_are_told(read, tmp_path):
    project = Project(1, "preference")
    task = project.task(shown_pair())
    project.annotate(task, 1, decision="a")
    broken = project.annotate(task, 2, decision="a")
    broken["result"] = [{"from_name": "decision", "type": "choices", "value": {"choices": ["zzz"]}}]
    empty = project.annotate(task, 3, decision="a")
    empty["result"] = []
    table = read(project)
    found = {row["state"]: row["reason"] for row in table.iter_rows(named=True)}
    assert found == {"submitted": "", "rejected": "unknown_choice", "empty": ""}
    assert table.filter(state="rejected")["kind"].to_list() == ["preference/1"]
    file = tmp_path / "foreign.json"
    file.write_text(json.dumps([{"id": 1, "data": {}, "annotations": [{"id": 5, "result": [1]}]}]))
    assert read_control_answers([str(file)], Settings())["reason"].to_list() == ["bad_task"]


def test_no_answers_is_an_empty_table():
    empty = control_answers([])
    assert current_answers(empty).schema == empty.schema
