"""The tabs and columns of a project's data manager, by Label Studio's API and in its page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from chromium import log_in, started, until
from fault_proxy import FaultProxy
from selenium import webdriver
from selenium.webdriver.common.by import By

from goldleaf.core.records_jsonl import from_line
from goldleaf.label_configs.kind import Kind
from goldleaf.label_configs.regions import to_regions
from goldleaf.label_configs.registry import kinds
from goldleaf.label_configs.table_columns import with_table_columns
from goldleaf.sources.read_file import read_file
from goldleaf.studio.accounts import create_account
from goldleaf.studio.data_manager_views import add_tabs
from goldleaf.studio.embedded_label_studio import EmbeddedStudio
from goldleaf.studio.projects import create_project
from goldleaf.studio.submit import submit_annotation
from goldleaf.studio.task_import import import_tasks

pytestmark = pytest.mark.label_studio
TITLES = {
    "en": ["To do", "Skipped", "Disagreements", "Checked", "All tasks"],
    "zh": ["待标注", "已跳过", "有分歧", "已完成", "全部任务"],
}
TEXTS = {
    "dialogue": ["answer", "prompt"],
    "instruction": ["answer", "prompt"],
    "preference": ["answer_a", "answer_b", "prompt"],
    "ranking": ["answer_texts", "prompt"],
    "reasoning": ["chain", "final", "prompt"],
    "refusal": ["answer", "prompt"],
    "tool_use": ["output", "prompt"],
}


def samples(kind: Kind, folder: Path) -> list[dict[str, Any]]:
    """Return the tasks of a kind's sample rows, read as a user's file is."""
    file = folder / f"{kind.name}.jsonl"
    lines = [json.dumps(row, ensure_ascii=False) for row in kind.sample_tasks()]
    file.write_text("\n".join(lines), "utf-8")
    results = read_file(file, "feedback", licence="Apache-2.0", consent="written for this test")
    return [kind.codec.to_task(record) for each in results for record in each.records]


@pytest.fixture(scope="module")
def chrome(
    label_studio: EmbeddedStudio, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[webdriver.Chrome]:
    """One browser of the module's own, logged in."""
    found = started(tmp_path_factory.mktemp("chromium"))
    try:
        found.set_window_size(1366, 900)
        log_in(found, label_studio.url, label_studio.email, label_studio.password)
        yield found
    finally:
        found.quit()


def tabs_of(label_studio: EmbeddedStudio, project: int) -> list[dict[str, Any]]:
    """Return the tabs as Label Studio has them, in its order."""
    return label_studio.studio.get("/api/dm/views/", {"project": project})


def in_tab(label_studio: EmbeddedStudio, tab: dict[str, Any]) -> set[int]:
    """Return the ids of the tasks that Label Studio lists in a tab."""
    query = {"project": tab["project"], "view": tab["id"], "page_size": 100}
    return {task["id"] for task in label_studio.studio.get("/api/tasks", query)["tasks"]}


@pytest.mark.parametrize("name", sorted(kinds()))
def test_every_kind_shows_plain_columns(label_studio: EmbeddedStudio, tmp_path: Path, name: str):
    studio, kind = label_studio.studio, kinds()[name]
    project = create_project(studio, kind, lang="zh")
    tasks = samples(kind, tmp_path)
    ids = import_tasks(studio, project, tasks).task_ids
    tabs = tabs_of(label_studio, project)
    assert [tab["data"]["title"] for tab in tabs] == TITLES["zh"]
    assert add_tabs(studio, project, kind.config("zh"), "zh") == [], "none is made twice"
    columns = studio.get("/api/dm/columns/", {"project": project})["columns"]
    for tab in tabs:
        hidden = tab["data"]["hiddenColumns"]["explore"]
        texts = [
            each["id"]
            for each in columns
            if each.get("parent") == "data" and f"tasks:data.{each['id']}" not in hidden
        ]
        assert sorted(texts) == sorted([*TEXTS[name], "kind", "language", "source"])
        built_in = {each["id"] for each in columns if each.get("parent") != "data"}
        assert {f"tasks:{each}" for each in built_in} - set(hidden) <= {
            *("tasks:total_annotations", "tasks:cancelled_annotations"),
            *("tasks:completed_at", "tasks:annotators"),
        }
    assert in_tab(label_studio, tabs[0]) == in_tab(label_studio, tabs[-1]) == set(ids)
    stored = studio.get(f"/api/tasks/{ids[0]}/")["data"]
    assert stored["kind"] == name and stored["source"] == f"S5 {name}.jsonl:1"
    assert stored["language"] in ("en", "zh")
    for column in TEXTS[name]:
        assert isinstance(stored[column], str) and '<div class="gl' not in stored[column]


def test_a_task_is_in_the_tab_of_its_state(label_studio: EmbeddedStudio, tmp_path: Path, inside):
    studio, kind = label_studio.studio, kinds()["preference"]
    project = create_project(studio, kind, overlap=2)
    ids = import_tasks(studio, project, samples(kind, tmp_path)[:6]).task_ids
    with create_account(studio, "second@goldleaf.invalid", "only for this test") as other:
        for task, mine, theirs in (
            *((ids[0], "a", "b"), (ids[1], "tie", "tie"), (ids[2], "skip", "skip")),
            *((ids[3], "a", ""), (ids[4], "both_bad", "skip")),
        ):
            for annotator, decision in ((studio, mine), (other, theirs)):
                answer = kind.codec.Answer(decision=None if decision == "skip" else decision)
                result = to_regions(kind.to_annotation(answer), kind.screen)
                if decision:
                    submit_annotation(annotator, task or 0, result, skipped=decision == "skip")
    where = ("--url", label_studio.url)
    (tmp_path / "goldleaf.toml").write_text(f'token = "{label_studio.token}"\n')
    done = inside("project", "tabs", project, "--json", *where)
    assert json.loads(done.stdout) == {
        "made": [],
        "filled": 0,
        "disagreements": 1,
        "unreadable": 0,
    }, done.stderr
    tabs = {tab["data"]["title"]: tab for tab in tabs_of(label_studio, project)}
    assert in_tab(label_studio, tabs["Disagreements"]) == {ids[0]}
    assert in_tab(label_studio, tabs["Checked"]) == {ids[0], ids[1]}
    assert in_tab(label_studio, tabs["Skipped"]) == {ids[2], ids[4]}
    assert in_tab(label_studio, tabs["To do"]) == {ids[3], ids[5]}


def test_an_older_project_gets_tabs_and_columns_and_keeps_its_own(
    label_studio: EmbeddedStudio, tmp_path: Path, inside
):
    studio, kind = label_studio.studio, kinds()["ranking"]
    # A guide that is there: the plug-in leaves the project as an earlier goldleaf made it.
    body = {"title": "An older one", "label_config": kind.config("zh"), "expert_instruction": "!"}
    project = studio.post("/api/projects", body)["id"]
    tasks = samples(kind, tmp_path)[:3]
    studio.post(f"/api/projects/{project}/import", [{"data": task} for task in tasks])
    own = {"project": project, "data": {"title": "Mine", "type": "list", "target": "tasks"}}
    studio.post("/api/dm/views/", own)
    (tmp_path / "goldleaf.toml").write_text(f'token = "{label_studio.token}"\n')
    where = ("--url", label_studio.url, "--lang", "en")
    done = inside("project", "tabs", project, *where)
    assert "tabs made: 待标注" in done.stdout, done.stderr
    assert "tasks that got their columns: 3" in done.stdout
    tabs = tabs_of(label_studio, project)
    assert {tab["data"]["title"] for tab in tabs} == {"Mine", *TITLES["zh"]}
    ours = next(tab for tab in tabs if tab["data"]["title"] == "待标注")
    ours["data"]["title"] = "Where we are"
    ours["data"]["hiddenColumns"]["explore"].append("tasks:data.kind")
    studio.patch(f"/api/dm/views/{ours['id']}/", {"project": project, "data": ours["data"]})
    done = inside("project", "tabs", project, *where)
    assert "tabs made: 0" in done.stdout and "columns: 0" in done.stdout, done.stderr
    again = tabs_of(label_studio, project)
    assert len(again) == len(tabs)
    (kept,) = (tab for tab in again if tab["id"] == ours["id"])
    assert kept["data"]["title"] == "Where we are"
    assert "tasks:data.kind" in kept["data"]["hiddenColumns"]["explore"]


@pytest.mark.browser
@pytest.mark.parametrize(("name", "lang"), [("ranking", "en"), ("preference", "zh")])
def test_the_page_shows_the_tabs_and_no_html(
    label_studio: EmbeddedStudio, chrome: webdriver.Chrome, tmp_path: Path, name: str, lang: str
):
    studio, kind = label_studio.studio, kinds()[name]
    project = create_project(studio, kind, lang=lang)
    tasks = [task for task in samples(kind, tmp_path) if "<" not in json.dumps(task["goldleaf"])]
    import_tasks(studio, project, tasks)
    chrome.get(f"{label_studio.url}/projects/{project}/data")
    until(chrome, lambda found: tasks[0]["prompt"] in page_text(found))
    text = page_text(chrome)
    places = [text.index(title) for title in TITLES[lang]]
    assert places == sorted(places), text[:400]
    assert "<" not in text
    for column in (*TEXTS[name], "kind", "language", "source"):
        assert f"\n{column}\n" in text, (column, text[:900])
    assert "shown_" not in text and "goldleaf\n" not in text
    # What Label Studio's page stores of a tab keeps the mark by which it is found again.
    tab = tabs_of(label_studio, project)[0]
    hide_column(chrome, "language")
    until(chrome, lambda _: hidden_in(label_studio, tab["id"], "tasks:data.language"))
    assert add_tabs(studio, project, kind.config(lang), lang) == []


CURATED = {
    "en": ["Name a river that flows north.", "The Nile flows north, and its delta is", "Findings"],
    "zh": ["说出一条向北流的河。", "尼罗河向北流。它的三角洲在地中海边。它的源头是", "筛查发现"],
}


NEW_ONES = {"en": "of these with updated findings {}", "zh": "其中更新筛查发现 {}"}
NO_TAB = {"en": "the tab of findings was not made", "zh": "未能建立筛查发现的标签页"}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_project_from_before_gets_its_findings_in_one_run(
    label_studio: EmbeddedStudio, tmp_path: Path, inside, lang: str
):
    """Imported without a curation, then with one, the tab refused; an older goldleaf's columns."""
    asked, cut_off, title = CURATED[lang]
    rows = [
        {"instruction": "What is seven times eight?", "output": "Seven times eight is 56."},
        {"instruction": asked, "output": cut_off},
    ]
    file = tmp_path / "rows.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    studio, kind = label_studio.studio, kinds()["instruction"]
    project = create_project(studio, kind, lang=lang)
    (tmp_path / "goldleaf.toml").write_text(f'token = "{label_studio.token}"\n')
    options = ("--lang", lang, "--project", project)
    done = inside("import", file, "--url", label_studio.url, *options)
    assert done.returncode == 0, done.stderr
    curate = ("--curate", tmp_path / "found")
    with FaultProxy(label_studio.url, rate=1, kinds=["500"], only="GET /api/dm/columns") as proxy:
        done = inside("import", file, "--url", proxy.url, *options, *curate)
    assert done.returncode == 0, done.stderr
    assert NEW_ONES[lang].format(2) in done.stdout
    assert NO_TAB[lang] in done.stderr and "goldleaf project tabs --" in done.stderr
    assert title not in [tab["data"]["title"] for tab in tabs_of(label_studio, project)]
    # as an earlier goldleaf left a curated task: with its record, without the column
    lines = (tmp_path / "found" / "records.jsonl").read_bytes().splitlines()
    (record,) = (each for each in map(from_line, lines) if each.tags.verdicts)
    own = {"found": "in the archive, box 7"}
    body = [{"data": {**kind.codec.to_task(record), **own}}]
    studio.post(f"/api/projects/{project}/import", body)
    done = inside("project", "tabs", project, "--url", label_studio.url, "--lang", lang)
    assert title in done.stdout, done.stderr
    tabs = {tab["data"]["title"]: tab for tab in tabs_of(label_studio, project)}
    ids = sorted(in_tab(label_studio, tabs[title]))
    listed = [studio.get(f"/api/tasks/{each}/") for each in ids]
    assert [task["data"]["curation_found"] for task in listed] == ["flaw.truncated"] * 2
    assert listed[1]["data"]["found"] == own["found"]


def test_a_column_of_a_user_s_own_stays():
    record = from_line(
        b'{"record": "demonstration", "context": [{"role": "user", "content": "Who?"}], '
        b'"response": [{"role": "assistant", "content": "Ann and"}], "tags": '
        b'{"verdicts": [{"screen": "flaw", "verdict": "truncated", "action": "review"}]}}'
    )
    data = kinds()["instruction"].codec.to_task(record)
    for given, shown in (
        ("in the archive, box 7", "in the archive, box 7"),
        (7, 7),
        ("pii.email, flaw.empty", "flaw.truncated"),
        ("", "flaw.truncated"),
    ):
        assert with_table_columns({**data, "curation_found": given})["curation_found"] == shown


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_a_curation_found_is_a_column_and_a_tab(
    label_studio: EmbeddedStudio, chrome: webdriver.Chrome, tmp_path: Path, inside, lang: str
):
    asked, cut_off, title = CURATED[lang]
    rows = [
        {"instruction": "What is seven times eight?", "output": "Seven times eight is 56."},
        {"instruction": asked, "output": cut_off},
        {"instruction": "Whom do I ask?", "output": "Write to Ann: ann.miller@gmail.com, please."},
    ]
    file = tmp_path / "rows.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    studio, kind = label_studio.studio, kinds()["instruction"]
    project = create_project(studio, kind, lang=lang)
    (tmp_path / "goldleaf.toml").write_text(f'token = "{label_studio.token}"\n')
    command = ("import", file, "--project", project, "--url", label_studio.url)
    done = inside(*command, "--curate", tmp_path / "found", "--lang", lang)
    assert done.returncode == 0, done.stderr
    verdicts = pl.read_parquet(tmp_path / "found" / "curation.parquet")
    assert set(verdicts["line"]) == {2, 3}
    tabs = {tab["data"]["title"]: tab for tab in tabs_of(label_studio, project)}
    assert list(tabs) == [*TITLES[lang], title]
    listed = [studio.get(f"/api/tasks/{task}/") for task in in_tab(label_studio, tabs[title])]
    assert {task["data"]["source"]: task["data"]["curation_found"] for task in listed} == {
        "S2 rows.jsonl:2": "flaw.truncated",
        "S2 rows.jsonl:3": "pii.email",
    }
    chrome.get(f"{label_studio.url}/projects/{project}/data?tab={tabs[title]['id']}")
    until(chrome, lambda found: "rows.jsonl:2" in page_text(found))
    text = page_text(chrome)
    assert title in text and "\ncuration_found\n" in text
    assert "flaw.truncated" in text and "pii.email" in text
    assert rows[0]["instruction"] not in text, "nothing was found there"
    again = inside(*command, "--curate", tmp_path / "found", "--lang", lang)
    assert not again.returncode
    assert NEW_ONES[lang].format(0) in again.stdout, "the same was found"
    assert len(tabs_of(label_studio, project)) == len(tabs)


def test_rows_that_were_not_curated_have_no_such_column(
    label_studio: EmbeddedStudio, tmp_path: Path
):
    project = create_project(label_studio.studio, kinds()["instruction"])
    import_tasks(label_studio.studio, project, samples(kinds()["instruction"], tmp_path)[:2])
    add_tabs(label_studio.studio, project, kinds()["instruction"].config("en"), "en")
    tabs = tabs_of(label_studio, project)
    assert [tab["data"]["title"] for tab in tabs] == TITLES["en"]
    for task in in_tab(label_studio, tabs[-1]):
        assert "curation_found" not in label_studio.studio.get(f"/api/tasks/{task}/")["data"]


def page_text(chrome: Any) -> str:
    """Return what can be read on the page."""
    return chrome.find_element(By.TAG_NAME, "body").text


def hide_column(chrome: Any, name: str) -> None:
    """Untick a column in the menu of columns."""
    buttons = chrome.find_elements(By.TAG_NAME, "button")
    next(button for button in buttons if button.text.strip() == "Columns").click()

    def item(found: Any) -> Any:
        labels = found.find_elements(By.CSS_SELECTOR, "label, li, [role=menuitem]")
        return next((each for each in labels if each.text.strip() == name), None)

    until(chrome, item).click()


def hidden_in(label_studio: EmbeddedStudio, tab: int, column: str) -> bool:
    """Return whether Label Studio has stored that a tab hides a column."""
    data = label_studio.studio.get(f"/api/dm/views/{tab}/")["data"]
    return column in data["hiddenColumns"]["explore"]
