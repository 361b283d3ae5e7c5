"""What the page says of the queue and of a server that does not answer; no answer is lost."""

from __future__ import annotations

import os
import signal
from uuid import uuid4

import pytest
from chromium import until
from selenium.webdriver.common.by import By

from goldleaf.core.errors import GoldleafError
from goldleaf.core.records import Demonstration, Turn
from goldleaf.label_configs.registry import kinds

pytestmark = [pytest.mark.label_studio, pytest.mark.browser]


def said(chrome, name):
    """Return what the page says, "" for nothing."""
    found = chrome.find_elements(By.CSS_SELECTOR, f".gl-status-{name}")
    return found[0].text if found else ""


def test_an_answer_waits_for_a_server_that_went_away_and_is_stored_once(annotator_of, label_studio):
    prompts = [(Turn("user", f"Question {n}?"),) for n in range(3)]
    rows = [Demonstration(prompt, (Turn("assistant", "Yes."),)) for prompt in prompts]
    annotator = annotator_of(kinds()["instruction"], "zh", rows)
    annotator.open()
    chrome = annotator.chrome

    def offline(*, is_off):
        unlimited = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        chrome.execute_cdp_cmd("Network.emulateNetworkConditions", {"offline": is_off, **unlimited})

    until(chrome, lambda _: said(chrome, "progress") == "已答 0 / 3")
    chrome.execute_cdp_cmd("Network.enable", {})
    annotator.press("1")
    offline(is_off=True)
    try:
        annotator.button("submit").click()
        until(chrome, lambda _: "没有回应" in said(chrome, "silent"))
        assert "Failed to fetch" not in annotator.texts()
    finally:
        offline(is_off=False)
    until(chrome, lambda _: said(chrome, "progress") == "已答 1 / 3", seconds=30)
    assert (annotator.stored(), said(chrome, "silent")) == (1, "")

    annotator.wait(".gl .lsf-htx-richtext")
    annotator.press("1")
    os.kill(label_studio.pid, signal.SIGSTOP)
    try:  # it takes requests, and is silent
        annotator.button("submit").click()
        until(chrome, lambda _: "没有回应" in said(chrome, "silent"), seconds=20)
    finally:
        os.kill(label_studio.pid, signal.SIGCONT)
    until(chrome, lambda _: said(chrome, "progress") == "已答 2 / 3", seconds=30)
    assert (annotator.stored(), said(chrome, "silent")) == (2, "")


@pytest.mark.parametrize("query", ["", "?was_cancelled=1"])
def test_label_studio_takes_an_answer_of_one_identifier_once(annotator_of, query):
    row = Demonstration((Turn("user", "Question?"),), (Turn("assistant", "Yes."),))
    annotator = annotator_of(kinds()["instruction"], "en", [row])
    (task,) = annotator.tasks()
    path = f"/api/tasks/{task['id']}/annotations/{query}"
    studio, body = annotator.label_studio.studio, {"result": [], "unique_id": uuid4().hex}
    first = studio.post(path, body)
    with pytest.raises(GoldleafError, match="unique id already exists"):
        studio.post(path, body)
    (kept,) = studio.get(f"/api/tasks/{task['id']}/")["annotations"]
    assert kept["id"] == first["id"]
