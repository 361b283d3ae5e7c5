"""goldleaf in the Export dialog of Label Studio: the command's files, or why there are none."""

from __future__ import annotations

import io
import json
import zipfile
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from shipped_configs import shipped_config

from goldleaf.audit.check import check
from goldleaf.core.errors import UsageError
from goldleaf.core.records import Candidate, Comparison, Turn
from goldleaf.core.settings import Settings
from goldleaf.core.translations import Translations
from goldleaf.label_configs.adjudication_screen import CONTROL, SHOWN
from goldleaf.label_configs.regions import to_regions
from goldleaf.label_configs.registry import kind_named
from goldleaf.label_studio_plugin.export_formats import export_formats
from goldleaf.label_studio_plugin.project_zip import refuse_size
from goldleaf.studio.accounts import create_account
from goldleaf.studio.annotation_stream import stream_tasks
from goldleaf.studio.prediction_import import store_predictions
from goldleaf.studio.projects import create_project, get_project
from goldleaf.studio.submit import submit_annotation
from goldleaf.studio.task_identity import task_hash
from goldleaf.studio.task_import import import_tasks
from goldleaf.workflows.adjudicate import adjudicate
from goldleaf.workflows.export import export
from goldleaf.workflows.gold_key import GoldKey, GoldQuestion, keep_key, key_name

pytestmark = pytest.mark.label_studio
KIND = kind_named("preference")
OTHER = (
    '<View><Text name="t" value="$t"/>'
    '<Choices name="c" toName="t"><Choice value="x"/></Choices></View>'
)


def pair(number):
    """Return two answers to one question."""
    answers = (f"The sum of the first {number} numbers.", f"I do not know sum {number}.")
    candidates = tuple(Candidate((Turn("assistant", each),)) for each in answers)
    return Comparison((Turn("user", f"What is the sum of the first {number}?"),), candidates)


def imported(studio, project, numbers):
    """Import such pairs as tasks, and return their ids."""
    tasks = [KIND.codec.to_task(pair(number)) for number in numbers]
    return [id for id in import_tasks(studio, project, tasks).task_ids if id]


def regions(side, **more):
    return to_regions(KIND.to_annotation(KIND.codec.Answer(side, **more)), KIND.screen)


@pytest.fixture
def asked(label_studio):
    """Return a function that asks Label Studio as a browser does: its path, its query."""
    header = {"Authorization": label_studio.studio._credential.header()}
    with httpx.Client(base_url=label_studio.url, headers=header, timeout=120) as http:

        def ask(path, lang="zh-CN,zh;q=0.9", **query):
            return http.get(path, params=query, headers={"Accept-Language": lang})

        yield ask


@pytest.fixture
def settings(label_studio):
    state = label_studio.data.path
    return Settings(url=label_studio.url, token=label_studio.token, data_dir=state)


def answered(label_studio, settings):
    """Make a project with whatever an answer can be, and return its number."""
    studio = label_studio.studio
    project = create_project(studio, KIND, overlap=2)
    ids = imported(studio, project, range(2, 9))
    drafts = [{"task": id, "result": regions("a"), "model_version": "m/1"} for id in ids[:2]]
    store_predictions(studio, project, [each | {"score": 0.5} for each in drafts])
    tasks = stream_tasks(studio, project)
    began = [draft["id"] for task in tasks for draft in task["predictions"]]
    submit_annotation(studio, ids[0], regions("a"), parent_prediction=began[0])
    submit_annotation(studio, ids[1], regions("b"), parent_prediction=began[1])
    submit_annotation(studio, ids[2], regions("a", edit_a="一个更好的答案。"))
    submit_annotation(studio, ids[3], regions("a"), skipped=True)
    submit_annotation(studio, ids[4], regions("a_much"))
    with ExitStack() as opened:
        make = create_account(studio, "dora@dialog.invalid", "dora password")
        submit_annotation(opened.enter_context(make), ids[4], regions("b"))
    gold = next(task for task in stream_tasks(studio, project) if task["id"] == ids[5])
    submit_annotation(studio, ids[5], regions("b"))
    (settling,) = adjudicate([project], settings=settings)
    assert settling.settled_in
    (contested,) = stream_tasks(studio, settling.settled_in)
    first = {"from_name": CONTROL, "to_name": SHOWN, "type": "choices"}
    submit_annotation(studio, contested["id"], [first | {"value": {"choices": ["first"]}}])
    name = key_name(label_studio.url, get_project(studio, project))
    known = GoldQuestion(gold["data"], {"decision": ("a",)})
    keep_key(settings.state, name, GoldKey({task_hash(gold["data"]): known}))
    return project


def unpacked(answer, folder):
    """Return the one folder in the zip of an answer."""
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        archive.extractall(folder)
    (inside,) = folder.iterdir()
    return inside


def rejected(folder):
    return json.loads((folder / "manifest.json").read_text())["reasons"]["rejected"]


def test_the_zip_holds_what_the_command_writes(label_studio, asked, settings, tmp_path):
    project = answered(label_studio, settings)
    path = f"/api/projects/{project}/export"
    answer = asked(path, exportType="GOLDLEAF_8B")
    inside = unpacked(answer, tmp_path / "in")
    assert answer.headers["filename"].startswith(inside.name)
    assert inside.name == f"project-{project}-goldleaf-8b"
    export(f"project:{project}", tmp_path / "out", "8B", lang="zh", settings=settings)
    ours, theirs = (
        {str(p.relative_to(top)): p.read_bytes() for p in top.rglob("*") if p.is_file()}
        for top in (inside, tmp_path / "out")
    )
    assert ours == theirs
    assert {"README.md", "report.html", "ledger.jsonl.gz", "trl/dpo/train.jsonl"} <= ours.keys()
    assert json.loads(ours["manifest.json"])["inputs"][0]["adjudicated_in"]
    assert rejected(inside) == {"cancelled": 1, "gold_question": 1}

    studio, path_of_snapshots = label_studio.studio, f"/api/projects/{project}/exports/"
    one = f"{path_of_snapshots}{studio.post(path_of_snapshots, {})['id']}/"
    studio.post(f"{one}convert", {"export_type": "GOLDLEAF_8B"})
    snapshot = asked(f"{one}download", exportType="GOLDLEAF_8B")
    same = unpacked(snapshot, tmp_path / "snapshot")
    for name in (name for name in ours if name.endswith(".jsonl")):
        assert (same / name).read_bytes() == ours[name]

    import_broken(label_studio, project)
    more = unpacked(asked(path, exportType="GOLDLEAF_8B"), tmp_path / "more")
    assert rejected(more) == {"cancelled": 1, "gold_question": 1, "unreadable_task": 1}
    assert not check(more)


def import_broken(label_studio, project):
    """Import an answered task that Label Studio takes and its API cannot give."""
    broken = {**KIND.codec.to_task(pair(9)), "prompt": "POISON"}
    body = json.dumps([{"data": broken, "annotations": [{"result": regions("a")}]}])
    header = {"Authorization": label_studio.studio._credential.header()}
    httpx.post(
        f"{label_studio.url}/api/projects/{project}/import",
        content=body.replace("POISON", "\\ud800"),
        headers=header | {"Content-Type": "application/json"},
        timeout=60,
    ).raise_for_status()


def test_the_dialog_says_why_there_is_no_file(label_studio, asked):
    studio = label_studio.studio
    project = create_project(studio, KIND)
    path = f"/api/projects/{project}/export"
    tasks = imported(studio, project, (2, 3))
    empty = asked(path, exportType="GOLDLEAF", lang="en")
    assert empty.status_code == 422 and "has no answers yet" in empty.json()["detail"]
    for task in tasks:
        submit_annotation(studio, task, regions("a"), skipped=True)
    for lang, what, why in (
        ("en", "of 2 answers none becomes a row", "2 rejected: the annotator skipped it"),
        ("zh", "2 个回答中没有一个能成为一行", "拒收 2 个：标注者跳过了它"),
    ):
        told = asked(path, exportType="GOLDLEAF_70B", lang=lang)
        assert told.status_code == 422 and what in told.json()["detail"]
        assert told.json()["validation_errors"] == {"goldleaf": [why]}
    unknown = asked(path, exportType="GOLDLEAF_9T", lang="en")
    assert unknown.status_code == 422
    assert "GOLDLEAF_9T" in unknown.text and ", ".join(export_formats()) in unknown.text
    assert asked(path, exportType="CSV").status_code == 200
    assert asked("/api/projects/999999/export", exportType="GOLDLEAF").status_code == 404


def test_only_projects_that_are_read_offer_it(label_studio, asked, tmp_path):
    studio = label_studio.studio
    changed = KIND.config("en").replace('alias="b"', 'alias="bb"', 1)
    found, numbers = {}, {}
    theirs = shipped_config("generative-ai/supervised-llm")
    configs = {"none": OTHER, "changed": changed, "theirs": theirs, "ours": KIND.config("zh")}
    for name, config in configs.items():
        made = studio.post("/api/projects", {"title": f"dialog {name}", "label_config": config})
        numbers[name] = made["id"]
        formats = asked(f"/api/projects/{made['id']}/export/formats").json()
        assert formats[0]["name"] == "JSON", "chosen until a person chooses another"
        found[name] = [each for each in formats if each["name"].startswith("GOLDLEAF")]
    assert not found["none"]
    (off,) = found["changed"]
    assert off["disabled"] and "preference" in off["description"]
    for read in ("ours", "theirs"):
        assert [each["name"] for each in found[read]] == list(export_formats())
    assert all("对齐" in each["title"] for each in found["ours"])

    answer = {"from_name": "instruction", "to_name": "prompt", "type": "textarea"}
    said = [{"result": [answer | {"value": {"text": ["The Lena."]}}]}]
    task = {"data": {"prompt": "Name a river."}, "annotations": said}
    studio.post(f"/api/projects/{numbers['theirs']}/import", [task])
    out = unpacked(
        asked(f"/api/projects/{numbers['theirs']}/export", exportType="GOLDLEAF"), tmp_path
    )
    assert "The Lena." in (out / "trl" / "sft" / "train.jsonl").read_text("utf-8")


def test_what_is_too_large_names_the_command():
    eight, state = export_formats()["GOLDLEAF_8B"], Settings(data_dir=Path("/srv/gold leaf"))
    refuse_size(3, 50_000, eight, "http://x", state, Translations("en"))
    for lang in ("en", "zh"):
        with pytest.raises(UsageError) as told:
            refuse_size(3, 100_000, eight, "http://x", state, Translations(lang))
        assert "100,000" in told.value.what
        assert told.value.fix.endswith(
            "goldleaf export project:3 --model 8B --out project-3-goldleaf-8b --url http://x "
            "--data-dir '/srv/gold leaf'"
        )
