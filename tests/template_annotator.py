"""Hands in front of a project made from one of Label Studio's own templates."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from chromium import until
from selenium import webdriver
from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from goldleaf.studio.embedded_label_studio import EmbeddedStudio

LET_THROUGH = """const style = document.createElement('style');
style.textContent = '[class*=toast] { pointer-events: none !important }';
document.head.append(style)"""
"""Clicks go through the note that an answer was saved, which covers the buttons for a while."""
SIDE = """return [...document.querySelectorAll('.lsf-htx-richtext')]
  .find(e => e.textContent.trim() === arguments[0]) ?? null"""
"""The object that shows a text."""
ITEM = """return [...document.querySelectorAll('.htx-ranker-item')]
  .find(e => e.textContent.includes(arguments[0])) ?? null"""
"""The item of a Ranker that holds a text."""
ANNOUNCED = """return [...document.querySelectorAll('[id^=rbd-announcement]')]
  .map(e => e.textContent).join(' ')"""
"""What was last said to a screen reader about an item that is carried."""
COLUMN = """const item = [...document.querySelectorAll('.htx-ranker-item')]
  .find(e => e.textContent.includes(arguments[0]));
return [...document.querySelectorAll('.htx-ranker-column')].findIndex(c => c.contains(item))"""
"""The column, from 0, in which a Ranker's item is."""


class TemplateAnnotator:
    """Answers the tasks of one project in the label stream, one after the other.

    Clicks and keys alone change an answer; what they store is counted through the API.
    """

    def __init__(
        self,
        chrome: webdriver.Chrome,
        label_studio: EmbeddedStudio,
        config: str,
        tasks: Sequence[Mapping[str, Any]],
    ) -> None:
        """Make the project, put its tasks in, open its label stream."""
        self.chrome, self.label_studio = chrome, label_studio
        studio = label_studio.studio
        body = {"title": "a shipped template", "label_config": config}
        self.project = int(studio.post("/api/projects", body)["id"])
        studio.post(f"/api/projects/{self.project}/import", list(tasks))
        chrome.get(f"{label_studio.url}/projects/{self.project}/data?labeling=1")
        self.wait(".lsf-bottombar button[aria-label*='submit' i]")
        chrome.execute_script(LET_THROUGH)

    def wait(self, css: str) -> WebElement:
        """Return the first shown element that a selector finds, as soon as there is one."""
        found: list[WebElement] = until(
            self.chrome,
            lambda chrome: [
                each for each in chrome.find_elements(By.CSS_SELECTOR, css) if each.is_displayed()
            ],
        )
        return found[0]

    def find(self, script: str, *given: object) -> WebElement:
        """Return the element that a script finds, as soon as there is one."""
        return until(self.chrome, lambda chrome: chrome.execute_script(script, *given))

    def pick_side(self, text: str) -> None:
        """Click the side of a Pairwise that shows a text."""
        self.find(SIDE, text).click()
        time.sleep(0.2)

    def write(self, text: str) -> None:
        """Type into the box that is shown."""
        self.wait(".lsf-main-content textarea, textarea[name]").send_keys(text)
        time.sleep(0.2)

    def stars(self, count: int) -> None:
        """Give a number of stars."""
        self.wait(".ant-rate-star")
        self._click(self.chrome.find_elements(By.CSS_SELECTOR, ".ant-rate-star")[count - 1])

    def choose(self, control: int, choice: str) -> None:
        """Click a choice of the control at a place among the screen's Choices, from 0."""
        self.wait(".lsf-choices")
        box = self.chrome.find_elements(By.CSS_SELECTOR, ".lsf-choices")[control]
        for label in box.find_elements(By.CSS_SELECTOR, "label"):
            if label.text.strip().startswith(choice):
                return self._click(label)
        raise AssertionError(f"no choice {choice} in {box.text}")

    def _click(self, element: WebElement) -> None:
        self.chrome.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()
        time.sleep(0.1)

    def move(self, text: str, columns: int) -> None:
        """Carry a Ranker's item some columns to the right by keys, one column at a time."""
        self.find(ITEM, text)  # a new task may still be drawn
        target = self.chrome.execute_script(COLUMN, text) + columns
        for _ in range(4 * columns):
            if self.chrome.execute_script(COLUMN, text) == target:
                break
            self._step_right(text)
        assert self.chrome.execute_script(COLUMN, text) == target, text
        time.sleep(0.3)

    def _step_right(self, text: str) -> None:
        """Lift an item with Space, carry it one column, drop it; look where it is afterwards.

        Each key waits until the page announces what it did, as it does to a screen reader.
        """
        self.chrome.execute_script("arguments[0].focus()", self.find(ITEM, text))
        if self._announced(Keys.SPACE, "lifted"):
            self._announced(Keys.ARROW_RIGHT, "moved")
            self._announced(Keys.SPACE, "dropped")
        time.sleep(0.5)  # it glides into its place

    def _announced(self, key: str, word: str) -> bool:
        """Press a key; return whether the page announces it, with something new to say."""
        said = self.chrome.execute_script(ANNOUNCED)
        ActionChains(self.chrome).send_keys(key).perform()
        deadline = time.monotonic() + 3
        while time.monotonic() < deadline:
            now = self.chrome.execute_script(ANNOUNCED)
            if word in now and now != said:
                return True
            time.sleep(0.05)
        return False

    def submit(self) -> None:
        """Click Submit and wait until the answer is stored."""
        self._stored("submit")

    def skip(self) -> None:
        """Click Skip and wait until that is stored."""
        self._stored("skip")

    def _stored(self, button: str) -> None:
        before, task = self.stored(), self.task()
        self.wait(f".lsf-bottombar button[aria-label*='{button}' i]").click()
        until(self.chrome, lambda _: self.stored() == before + 1, seconds=30)
        until(self.chrome, lambda _: self.task() != task or self.finished(), seconds=30)
        time.sleep(0.3)  # a new task is drawn twice

    def task(self) -> str:
        """Return what names the task on the screen."""
        found = self.chrome.find_elements(By.CSS_SELECTOR, ".lsf-current-task, .lsf-task-id")
        return found[0].text if found else ""

    def finished(self) -> bool:
        """Return whether the queue is empty."""
        return "No More Tasks" in self.chrome.find_element(By.TAG_NAME, "body").text

    def stored(self) -> int:
        """Return how many answers Label Studio has, skipped ones too."""
        names = ("total_annotations_number", "skipped_annotations_number")
        query = {"ids": self.project, "include": ",".join(names)}
        (counts,) = self.label_studio.studio.get("/api/projects/counts/", query)["results"]
        return sum(counts[name] for name in names)
