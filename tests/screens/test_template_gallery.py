"""From Label Studio's template gallery to a checked export, by mouse alone.

`make accept-gallery` does so with every kind in both languages.
"""

from __future__ import annotations

import base64
import csv
import json
import os
import sqlite3
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from chromium import until
from scripted_answers import blank, decided
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.expected_conditions import visibility_of_element_located

from goldleaf.backend.credentials import Credentials
from goldleaf.backend.server import RunningBackend
from goldleaf.label_configs.registry import kind_named, kinds
from goldleaf.label_configs.safe_html import guide_html
from goldleaf.label_configs.screen import INDEX
from goldleaf.studio.backend_link import backend_rows, webhooks
from goldleaf.studio.client import Studio
from goldleaf.studio.embedded_label_studio import EmbeddedStudio
from goldleaf.studio.empty_database import database_of
from goldleaf.studio.local_backend import KnownBackend, instance_of, keep_backend
from goldleaf.studio.marked_tabs import marked_name, tabs_of
from goldleaf.studio.projects import create_project, get_project
from goldleaf.workflows.check import check
from goldleaf.workflows.load_in_trainers import load_in_trainers

pytestmark = [pytest.mark.label_studio, pytest.mark.browser]

EVERY = [(name, lang) for name in kinds() for lang in ("en", "zh")]
BY_MOUSE = EVERY if os.environ.get("GOLDLEAF_EVERY_TEMPLATE") else [("preference", "zh")]
PICTURES = os.environ.get("GOLDLEAF_PICTURES", "")
TO_DO = {"en": "To do", "zh": "待标注"}
TABS = ["to_do", "skipped", "disagreements", "checked", "all"]
UNDRAFTED = {"instruction", "preference", "ranking"}
"""Kinds of whose first sample rows no rule says anything."""
HAS_DRAFT = """
const asked = performance.getEntriesByType("resource").map(each => each.name);
return asked.some(name => /projects.\\d+.file-uploads/.test(name));
"""
"""Whether the "Create Project" dialog has asked for the files of the project that it made."""
LOADED = """const found = [...document.querySelectorAll('[class*=templates-list] li img')];
return found.length && found.every(e => e.naturalWidth) ? found.map(e => e.src) : null"""
"""The addresses of the pictures of the group that is shown, once all are there."""
Click = Callable[[str], None]


@pytest.fixture(scope="module")
def backend(label_studio: EmbeddedStudio) -> Iterator[RunningBackend]:
    """A backend of the same data directory, as `goldleaf up` runs one."""
    data = label_studio.data
    login = ("goldleaf", "a password", "a webhook secret")
    instance = instance_of(data)
    with RunningBackend(data.events, credentials=Credentials(*login), instance=instance) as running:
        keep_backend(data, KnownBackend(running.url, *login))
        yield running
    (data.path / "running-backend.secret.json").unlink()


@pytest.fixture
def click(chromium: webdriver.Chrome) -> Click:
    """Return a function that clicks the first shown element of an XPath, as soon as it is there."""

    def click(xpath: str) -> None:
        def found(chrome: webdriver.Chrome):
            shown = [e for e in chrome.find_elements(By.XPATH, xpath) if e.is_displayed()]
            return shown[0] if shown else None

        element = until(chromium, found)
        assert element is not None
        element.click()

    return click


@pytest.fixture
def sent(label_studio: EmbeddedStudio) -> Callable[[int, Path], httpx.Response]:
    """Return a function that sends a file to a project, as the Import dialog does."""

    def sent(project: int, file: Path) -> httpx.Response:
        header = {"Authorization": label_studio.studio._credential.header()}
        address = f"{label_studio.url}/api/projects/{project}/import"
        with file.open("rb") as opened:
            return httpx.post(address, headers=header, files={"file": opened}, timeout=60)

    return sent


def rows_of(kind: str, folder: Path, count: int = 3) -> Path:
    """Write the first sample rows of a kind as a user has them: CSV where they are flat."""
    rows = kind_named(kind).sample_tasks()[:count]
    if kind != "preference":
        file = folder / "rows.json"
        file.write_text(json.dumps(rows, ensure_ascii=False), "utf-8")
        return file
    file = folder / "rows.csv"
    with file.open("w", encoding="utf-8", newline="") as opened:
        table = csv.DictWriter(opened, ["prompt", "answer_a", "answer_b"], extrasaction="ignore")
        table.writeheader()
        table.writerows(rows)
    return file


def assert_set_up(label_studio: EmbeddedStudio, number: int, kind: str, lang: str) -> None:
    """Check that a project has what `goldleaf project new` gives one."""
    studio, project = label_studio.studio, get_project(label_studio.studio, number)
    assert project["expert_instruction"] == guide_html(kind_named(kind).guide(lang))
    assert project["show_instruction"] and not project["enable_empty_annotation"]
    assert project["sampling"] == "Uncertainty sampling"
    tabs = tabs_of(studio, number)
    assert [marked_name(tab) for tab in tabs] == TABS
    assert tabs[0]["data"]["title"] == TO_DO[lang]


def assert_linked(
    chromium: webdriver.Chrome, label_studio: EmbeddedStudio, number: int, url: str
) -> None:
    """Wait until a project has the backend, and check that events go there with the secret."""
    studio = label_studio.studio
    until(chromium, lambda chrome: get_project(studio, number)["model_version"])
    (row,) = backend_rows(studio, number, url)
    (hook,) = webhooks(studio, number, f"{url}/webhook")
    assert row["state"] == "CO" and "X-Goldleaf-Webhook" in hook["headers"]


@pytest.mark.parametrize(("kind", "lang"), BY_MOUSE)
def test_from_the_gallery_to_a_checked_zip_by_mouse(
    chromium: webdriver.Chrome,
    label_studio: EmbeddedStudio,
    backend: RunningBackend,
    click: Click,
    annotator_in: Any,
    tmp_path: Path,
    kind: str,
    lang: str,
):
    chromium.set_window_size(1366, 900)
    chromium.get(f"{label_studio.url}/projects")
    chromium.execute_script("performance.setResourceTimingBufferSize(10000)")
    click("//button[contains(., 'Create')]")
    # A template that is chosen before the page has its draft of a project is lost on it.
    until(chromium, lambda chrome: chrome.execute_script(HAS_DRAFT))
    click("//*[text() = 'Labeling Setup']")
    click("//li[starts-with(., 'Alignment')]")
    shown = until(chromium, lambda chrome: chrome.execute_script(LOADED))
    assert len(shown) == 2 * len(kinds())
    assert all(source.startswith(f"{label_studio.url}/goldleaf/") for source in shown)
    if PICTURES:
        picture(chromium, "template-gallery")
    click(f"//li[.//h3[text() = '{kind_named(kind).title(lang)}']]")
    # Saved before its preview is there, the project would be without the template.
    until(chromium, visibility_of_element_located((By.CSS_SELECTOR, "[class*=preview] .gl")))
    click("//button[normalize-space(.) = 'Save']")
    until(chromium, lambda chrome: "/data" in chrome.current_url)
    number = int(chromium.current_url.split("/projects/")[1].split("/")[0])
    assert_set_up(label_studio, number, kind, lang)

    click("//*[self::a or self::button][normalize-space(.) = 'Import']")
    until(chromium, lambda chrome: chrome.find_elements(By.CSS_SELECTOR, "input[type=file]"))
    file = rows_of(kind, tmp_path)
    chromium.find_element(By.CSS_SELECTOR, "input[type=file]").send_keys(str(file))
    if file.suffix == ".csv":
        click("//label[contains(., 'List of tasks')]")
    click("//button[@aria-label = 'Finish import' and not(@disabled)]")
    tasks = until(
        chromium,
        lambda chrome: label_studio.studio.get("/api/tasks", {"project": number, "fields": "all"})[
            "tasks"
        ],
    )
    assert [task["data"]["kind"] for task in tasks] == [kind] * 3
    assert tasks[0]["data"]["source"].endswith((f"{file.name}:1", f"{file.name}:2"))
    assert_linked(chromium, label_studio, number, backend.url)
    pages = {"settings": "General", "settings/ml": "Model", "data": TO_DO[lang]}
    for page, mark in pages.items():
        chromium.get(f"{label_studio.url}/projects/{number}/{page}")
        until(chromium, visibility_of_element_located((By.XPATH, f"//*[.='{mark}']")))

    click("//button[contains(., 'Label All Tasks')]")
    answer_by_mouse(annotator_in(chromium, label_studio, kind_named(kind), lang, number, 3))
    out = exported(chromium, label_studio, number, click, tmp_path)
    assert not check(out).findings
    loaded = [each for _, _, files in load_in_trainers(out, ["trl"]) for each in files]
    assert loaded and all(each.kept == each.rows > 0 for each in loaded), loaded
    label_studio.studio.delete(f"/api/projects/{number}/")


def answer_by_mouse(annotator: Any) -> None:
    """Answer all tasks of the label stream, where the guide is still open, by clicks alone."""
    kind, studio = annotator.kind, annotator.label_studio.studio
    annotator.close_guide()
    for number in range(annotator.count):
        annotator.wait(".gl .lsf-htx-richtext")
        annotator.wait(".lsf-bottombar button[aria-label*='submit' i]")
        annotator.settle()
        shown = annotator.chrome.execute_script("return Htx.task.id")
        task = studio.get(f"/api/tasks/{shown}/")
        draft = blank(kind, task["data"], task)
        click_answer(annotator, draft, decided(kind, task["data"], draft))
        assert annotator.submit_by_click() == number + 1, annotator.texts()
    assert any(task["predictions"] for task in annotator.tasks()) or kind.name in UNDRAFTED


def click_answer(annotator: Any, draft: Any, answer: Any) -> None:
    """Click what an answer says beyond the draft."""
    for place, each in enumerate(getattr(answer, "answers", ())):
        annotator.click_in(".gl-rank", place, str(each.rank))
    for place, each in enumerate(getattr(answer, "steps", ())):
        if each.verdict and each.verdict != draft.steps[place].verdict:
            name = annotator.names[f"verdict_{INDEX}"][each.verdict]
            annotator.click_in(".gl-step", place, name)
    for each in getattr(answer, "pairs", ()):
        annotator.click(f"better_{INDEX}", each.better)
    for control in ("verdict", "decision", "did", "risk"):
        wanted = getattr(answer, control, None)
        if wanted and wanted != getattr(draft, control):
            annotator.click(control, wanted)
            assert annotator.chosen(control) == {wanted}


def exported(
    chrome: webdriver.Chrome, label_studio: EmbeddedStudio, project: int, click: Click, folder: Path
) -> Path:
    """Take the 8B recipe of the Export dialog; return the folder that its zip holds."""
    place = {"behavior": "allow", "downloadPath": str(folder)}
    chrome.execute_cdp_cmd("Browser.setDownloadBehavior", place)
    chrome.get(f"{label_studio.url}/projects/{project}/data")
    click("//*[@data-testid = 'dm-export-button']")
    formats = "//*[contains(@class, 'lsf-formats__item')]"
    click(f"{formats}[starts-with(., 'Alignment: recipe for 8B')]")
    if PICTURES:
        last = chrome.find_element(By.XPATH, f"{formats}[contains(., '70B')]")
        chrome.execute_script("arguments[0].scrollIntoView({block: 'end'})", last)
        picture(chrome, "export-dialog")
    click("//button[@aria-label = 'Export data']")
    (file,) = until(chrome, lambda _: list(folder.glob("*.zip")))
    with zipfile.ZipFile(file) as archive:
        archive.extractall(folder / "in")
    (out,) = (folder / "in").iterdir()
    return out


def picture(chrome: webdriver.Chrome, name: str) -> None:
    """Take a picture of the page for the docs."""
    form = {"format": "webp", "quality": 80}
    shot = chrome.execute_cdp_cmd("Page.captureScreenshot", form)
    Path(PICTURES, f"{name}.webp").write_bytes(base64.b64decode(shot["data"]))


def test_label_studio_takes_every_template(label_studio: EmbeddedStudio):
    offered = label_studio.studio.get("/api/templates")
    ours = [each for each in offered["templates"] if each["group"] == "Alignment"]
    assert offered["groups"][0] == "Alignment" and len(ours) == len(EVERY)
    assert len({each["title"] for each in ours}) == len(ours), "its page tells them by title"
    header = {"Authorization": label_studio.studio._credential.header(), "Accept-Language": "zh-CN"}
    chinese = httpx.get(f"{label_studio.url}/api/templates", headers=header).json()["templates"]
    (first,) = [each for each in chinese if each["group"] == "Alignment" and each["order"] == 1]
    assert first["title"] == kind_named(EVERY[0][0]).title("zh")
    for template in ours:
        config = {"label_config": template["config"]}
        label_studio.studio.post("/api/projects/validate/", config)  # 400 is an error


def test_a_project_made_by_its_api_and_files_that_do_not_fit(
    label_studio: EmbeddedStudio,
    backend: RunningBackend,
    sent: Callable[[int, Path], httpx.Response],
    tmp_path: Path,
):
    studio, kind = label_studio.studio, kind_named("ranking")

    def linked_again(before: str) -> str:
        """Wait for the link, whose write of the project may undo another of the same moment."""
        end = time.monotonic() + 60
        while (version := get_project(studio, number)["model_version"] or "") in ("", before):
            assert time.monotonic() < end, "the backend was not linked"
            time.sleep(0.1)
        return version

    made = studio.post("/api/projects", {"title": "gallery", "label_config": kind.config("en")})
    number = made["id"]
    assert_set_up(label_studio, number, "ranking", "en")
    version = linked_again("")
    studio.patch(f"/api/projects/{number}", {"label_config": kind_named("refusal").config("zh")})
    linked_again(version)
    project = get_project(studio, number)
    assert project["expert_instruction"] == guide_html(kind_named("refusal").guide("zh"))
    studio.patch(f"/api/projects/{number}", {"expert_instruction": "mine"})
    studio.patch(f"/api/projects/{number}", {"label_config": kind.config("en")})
    assert get_project(studio, number)["expert_instruction"] == "mine"

    good = sent(number, rows_of("ranking", tmp_path))
    assert good.status_code == 201, good.text
    assert good.json()["task_count"] == 3
    (tmp_path / "bad.json").write_text('[{"prompt": "p", "responses": ["a", "b", "c"]}, {"x": 1}]')
    bad = sent(number, tmp_path / "bad.json")
    assert bad.status_code == 400
    assert "1 of 2 rows of bad.json cannot be used: " in bad.text
    assert f"goldleaf import bad.json --project {number}" in bad.text

    stored = studio.get("/api/tasks", {"project": number, "fields": "all"})["tasks"]
    assert len(stored) == 3, "nothing of the bad file"
    (tmp_path / "again.json").write_text(json.dumps([{"data": stored[0]["data"]}]), "utf-8")
    assert sent(number, tmp_path / "again.json").json()["task_count"] == 1
    tasks = studio.get("/api/tasks", {"project": number, "fields": "all"})["tasks"]
    assert tasks[-1]["data"] == stored[0]["data"]

    # What nobody foresees is no fault of Label Studio's: here a stored file is gone.
    upload = good.json()["file_upload_ids"][0]
    (file,) = label_studio.data.label_studio.glob(f"media/upload/{number}/*rows.json")
    file.unlink()
    header = {"Authorization": studio._credential.header()}
    address = f"{label_studio.url}/api/projects/{number}/reimport"
    gone = httpx.post(address, headers=header, json={"file_upload_ids": [upload]}, timeout=60)
    assert gone.status_code == 400 and "Traceback" not in gone.text
    assert "rows.json could not be read: No such file." in gone.text
    assert f"goldleaf import rows.json --project {number}" in gone.text
    assert len(studio.get("/api/tasks", {"project": number})["tasks"]) == 4, "and none is lost"
    studio.delete(f"/api/projects/{number}/")


def test_users_who_chose_no_keys_get_those_of_the_screens(label_studio: EmbeddedStudio):
    studio = label_studio.studio
    config = kind_named("preference").config("en")
    project = studio.post("/api/projects", {"title": "Keys", "label_config": config})["id"]
    path = "/api/current-user/hotkeys/"
    keys = studio.get(path)["custom_hotkeys"]
    studio.delete(f"/api/projects/{project}/")
    assert keys["annotation:annotation:skip"]["key"] == "ctrl+shift+space"
    assert keys["regions:region:unselect"]["active"] is False
    # What "Reset to Defaults" sends: a choice that the next project leaves as it is.
    studio.patch(path, {"custom_hotkeys": {}, "hotkey_settings": {}})
    project = studio.post("/api/projects", {"title": "Keys", "label_config": config})["id"]
    reset = studio.get(path)["custom_hotkeys"]
    studio.delete(f"/api/projects/{project}/")
    studio.patch(path, {"custom_hotkeys": keys})
    assert {name: key["active"] for name, key in reset.items()} == {"regions:region:unselect": True}


def test_the_owner_gets_the_keys_with_a_project_that_the_command_makes(
    label_studio: EmbeddedStudio,
):
    path = "/api/current-user/hotkeys/"
    kept = label_studio.studio.get(path)["custom_hotkeys"]
    database = database_of(label_studio.data.label_studio)
    with closing(sqlite3.connect(database, timeout=60)) as opened, opened:
        opened.execute("UPDATE htx_user SET custom_hotkeys = '{}' WHERE id = 1")  # as it is made
    assert label_studio.studio.get(path)["custom_hotkeys"] == {}
    create_project(label_studio.studio, kind_named("dialogue"), lang="zh")
    keys = label_studio.studio.get(path)["custom_hotkeys"]
    label_studio.studio.patch(path, {"custom_hotkeys": kept or keys})
    assert keys["annotation:annotation:skip"]["key"] == "ctrl+shift+space"


def test_a_file_is_imported_while_others_write(
    label_studio: EmbeddedStudio, sent: Callable[[int, Path], httpx.Response], tmp_path: Path
):
    studio, config = label_studio.studio, kind_named("preference").config("en")
    number = studio.post("/api/projects", {"title": "Busy", "label_config": config})["id"]
    done = threading.Event()

    def write() -> None:
        with Studio(label_studio.url, label_studio.token) as other:
            while not done.is_set():
                other.patch(f"/api/projects/{number}", {"title": "Busy"})

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    header = {"Authorization": studio._credential.header()}
    address = f"{label_studio.url}/api/projects/{number}"
    began = time.monotonic()
    try:
        for _ in range(5):
            with rows_of("preference", tmp_path).open("rb") as file:
                path = f"{address}/import?commit_to_project=false"
                kept = httpx.post(path, headers=header, files={"file": file}, timeout=90).json()
            chosen = {"file_upload_ids": kept["file_upload_ids"], "files_as_tasks_list": True}
            made = httpx.post(f"{address}/reimport", headers=header, json=chosen, timeout=90)
            assert made.status_code == 201 and made.json()["task_count"] == 3
    finally:
        done.set()
        for writer in writers:
            writer.join()
    assert time.monotonic() - began < 20, "Label Studio waited with a transaction open"
    studio.delete(f"/api/projects/{number}/")
