"""A real Chromium in front of the real Label Studio: what an annotator sees and does."""

from __future__ import annotations

import http.server
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar
from xml.etree.ElementTree import fromstring

import pytest
from chromium import COLOURS, log_in, started, until
from selenium import webdriver
from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.expected_conditions import staleness_of

from goldleaf.core.input_results import InputResult
from goldleaf.core.records import Record
from goldleaf.label_configs.kind import Kind
from goldleaf.label_configs.read_annotations import AnsweredProject, read_task
from goldleaf.studio.annotation_stream import stream_tasks
from goldleaf.studio.embedded_label_studio import EmbeddedStudio
from goldleaf.studio.prediction_import import store_predictions
from goldleaf.studio.projects import create_project, get_project
from goldleaf.studio.task_import import import_tasks

CONTRAST = (
    COLOURS
    + """
const faded = e => { let part = 1;
  for (; e; e = e.parentElement) part *= Number(getComputedStyle(e).opacity); return part };
const weigh = (e, style, text, back) => {
  if (parseFloat(style.fontSize) === 0) return;
  const colour = parse(style.color);
  const mixed = over([...colour.slice(0, 3), colour[3] * faded(e)], back);
  const [x, y] = [light(mixed.slice(0, 3)), light(back.slice(0, 3))].sort((p, q) => q - p);
  found.push([(x + 0.05) / (y + 0.05), text.slice(0, 30)]) };
const seen = { visibilityProperty: true, contentVisibilityAuto: true };
const screen = document.querySelector('.gl');
const walk = document.createTreeWalker(screen, NodeFilter.SHOW_TEXT);
const range = document.createRange();
while (walk.nextNode()) { const e = walk.currentNode.parentElement;
  range.selectNodeContents(walk.currentNode);
  if (walk.currentNode.data.trim() && e.tagName !== 'STYLE' && e.checkVisibility(seen)
      && range.getClientRects().length)
    weigh(e, getComputedStyle(e), walk.currentNode.data, behind(e)) }
for (const e of [...screen.querySelectorAll('*'), ...document.querySelectorAll('.lsf-controls')])
  for (const part of ['::before', '::after']) {
    const style = getComputedStyle(e, part);
    if (!/^"[^]*\\S/.test(style.content.slice(0, -1)) || !e.checkVisibility(seen)) continue;
    if (style.display === 'none' || style.visibility === 'hidden') continue;
    weigh(e, style, 'style: ' + style.content, over(parse(style.backgroundColor), behind(e))) }
const boxes = document.querySelectorAll('.gl textarea, .gl input.ant-input');
for (const e of boxes) if (e.checkVisibility(seen)) {
  weigh(e, getComputedStyle(e), e.value, behind(e));
  const hint = getComputedStyle(e, '::placeholder');
  weigh(e, hint, 'placeholder ' + e.placeholder, behind(e)) }
return found
"""
)
"""Contrast of every text in the screen with what is behind it (WCAG 2.2), and the text.

What the style says before or after an element counts too; colours and backgrounds that let others
through are mixed with those.
"""
SHOWN = """return [...document.querySelectorAll(arguments[0])].find(e =>
  e.getClientRects().length && e.checkVisibility({visibilityProperty: true, opacityProperty: true})
) ?? null"""
"""The first element that a selector finds and that is shown."""
UPDATE = "[data-testid=bottombar-update-button]"
"""The button that stores a changed answer."""
SETTLED = """const done = arguments[0], idle = () => requestIdleCallback(() => done());
setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(idle)), 100)"""
"""Calls back when what came of an input has been drawn and the page has nothing left to do."""
CHOICE = """const own = document.querySelector('.gl-' + arguments[1]);
return [...(own ?? document).querySelectorAll('.gl .lsf-choice label')]
  .find(e => e.querySelector('input')?.name === arguments[0]) ?? null"""
"""The label of the first choice of a name, inside the view that is named after its control."""
CHOSEN = """const found = {}, own = document.querySelector('.gl-' + arguments[0]);
for (const e of (own ?? document).querySelectorAll('.gl .lsf-choice label input'))
  found[e.name] ??= e.checked;
return found"""
"""Whether each choice on the screen is set, by its name."""


@pytest.fixture(scope="session")
def chromium(
    label_studio: EmbeddedStudio, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[webdriver.Chrome]:
    """One browser, logged in to the session's Label Studio."""
    chrome = started(tmp_path_factory.mktemp("chromium"))
    try:
        log_in(chrome, label_studio.url, label_studio.email, label_studio.password)
        yield chrome
    finally:
        chrome.quit()


@dataclass
class Annotator:
    """A project on the screen, and the hands in front of it."""

    chrome: webdriver.Chrome
    label_studio: EmbeddedStudio
    kind: Kind
    lang: str
    project: int
    count: int
    names: dict[str, dict[str, str]] = field(default_factory=dict)
    SIZES: ClassVar = [(1280, 800), (1366, 768), (1920, 1080)]
    """Windows that annotators really have."""

    def __post_init__(self) -> None:
        """Learn what each choice is called on this screen."""
        for control in fromstring(self.kind.config(self.lang)).iter("Choices"):
            self.names[control.attrib["name"]] = {
                choice.attrib["alias"]: choice.attrib["value"] for choice in control.iter("Choice")
            }

    def sizes(self) -> Iterator[tuple[int, int]]:
        """Open the label stream, and yield the size of the window: one after the other."""
        self.open(self.SIZES[0])
        for size in self.SIZES:
            self.resize(size)
            yield size

    def resize(self, size: tuple[int, int]) -> None:
        """Give the window a size: width and height in pixels."""
        width, height = size
        self.chrome.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
        )
        until(
            self.chrome,
            lambda chrome: (
                chrome.execute_script("return [innerWidth, innerHeight]") == [width, height]
            ),
        )

    def open(self, size: tuple[int, int] = (1366, 768)) -> None:
        """Open the label stream as an annotator does, and close the guide that greets them.

        Tasks come in the table's order: that of a browser in which nobody has clicked "Label All
        Tasks", which Label Studio remembers in the browser's local storage.
        """
        self.resize(size)
        storage = {"origin": self.label_studio.url, "storageTypes": "local_storage"}
        self.chrome.execute_cdp_cmd("Storage.clearDataForOrigin", storage)
        self.chrome.get(f"{self.label_studio.url}/projects/{self.project}/data?labeling=1")
        self.close_guide()
        page = self.texts()
        assert "ConfigurationError" not in page and "Not expecting tag" not in page

    def close_guide(self) -> None:
        """Close the guide, with which a label stream begins."""
        self.wait(".gl .lsf-htx-richtext")
        self.wait("[class*=modal] button").click()
        until(
            self.chrome,
            lambda chrome: not chrome.find_elements(By.CSS_SELECTOR, "[class*=modal] button"),
        )

    def assert_readable(self) -> None:
        """Check that every text contrasts with its ground by 4.5, by day and by night."""
        for scheme in ("dark", "light"):
            self.chrome.execute_script(
                "document.documentElement.dataset.colorScheme = arguments[0]", scheme
            )
            deadline = time.monotonic() + 30  # colours fade over, on a busy machine slowly
            while (worst := min(self.chrome.execute_script(CONTRAST)))[0] < 4.5:
                assert time.monotonic() < deadline, (scheme, worst)
                time.sleep(0.2)

    def assert_in_view(self, elements: Iterable[WebElement]) -> None:
        """Check that nobody must scroll to see these."""
        bar = self.wait(".lsf-bottombar").rect["y"]
        for element in elements:
            box = element.rect
            assert box["y"] >= 0 and box["y"] + box["height"] <= bar, (element.text, box, bar)

    def wait(self, css: str) -> WebElement:
        """Return the first shown element, as soon as there is one."""

        element = until(self.chrome, lambda chrome: chrome.execute_script(SHOWN, css))
        assert element is not None
        return element

    def settle(self) -> None:
        """Wait until the page has drawn what the last input changed, and rests."""
        self.chrome.execute_async_script(SETTLED)

    def press(self, *keys: str) -> None:
        """Press keys with nothing in focus."""
        ActionChains(self.chrome).send_keys(*keys).perform()
        self.settle()

    def leave_box(self, *keys: str) -> None:
        """Leave the box by a click on the prompt, then press keys."""
        self.wait(".gl-prompt").click()
        self.press(*keys)

    def reopen(self, task: int) -> None:
        """Open a task that has an answer."""
        self.chrome.get(f"{self.label_studio.url}/projects/{self.project}/data?task={task}")
        self.wait(".gl .lsf-htx-richtext")
        self.wait(UPDATE)
        time.sleep(0.5)  # seen: a key pressed at once was heard by nobody, once in fifty times
        self.settle()

    def update(self) -> None:
        """Click Update, and wait until Label Studio has the change."""
        before = [annotation["updated_at"] for annotation in self.annotations()]
        self.wait(UPDATE).click()
        deadline = time.monotonic() + 30
        while [a["updated_at"] for a in self.annotations()] == before:
            assert time.monotonic() < deadline, "the change was not stored"
            time.sleep(0.1)

    def submit_by_key(self) -> int:
        """Press Ctrl and Enter; return how many annotations there are then."""
        keys = ActionChains(self.chrome).key_down(Keys.CONTROL).send_keys(Keys.ENTER)
        return self._stored(lambda: keys.key_up(Keys.CONTROL).perform())

    def submit_by_click(self) -> int:
        """Click Submit; return how many annotations there are then."""
        return self._stored(lambda: self.button("submit").click())

    def skip(self) -> int:
        """Click Skip; return how many annotations there are then."""
        return self._stored(lambda: self.button("skip").click())

    def button(self, name: str) -> WebElement:
        """Return a button of the bottom bar."""
        return self.wait(f".lsf-bottombar button[aria-label*='{name}' i]")

    def _stored(self, act: Any) -> int:
        before = self.stored()
        screen = self.chrome.find_element(By.CSS_SELECTOR, ".gl")
        act()
        deadline = time.monotonic() + 30
        gone = staleness_of(screen)
        while not gone(self.chrome) and time.monotonic() < deadline:
            time.sleep(0.05)  # the next task is shown once Label Studio has this answer
        while (after := self.stored()) == before and time.monotonic() < deadline:
            time.sleep(0.05)
        if before < after < self.count:
            until(self.chrome, staleness_of(screen))
            self.wait(".gl .lsf-htx-richtext")
            time.sleep(0.2)  # drafts draw a new task twice
            self.settle()
        return after

    def stored(self) -> int:
        """Return how many annotations Label Studio has, skipped ones too, by counting alone."""
        names = ("total_annotations_number", "skipped_annotations_number")
        query = {"ids": self.project, "include": ",".join(names)}
        (counts,) = self.label_studio.studio.get("/api/projects/counts/", query)["results"]
        return sum(counts[name] for name in names)

    def choice(self, control: str, alias: str) -> WebElement:
        """Return the label of one choice."""
        name = self.names[control][alias]
        label = self.chrome.execute_script(CHOICE, name, control.split("_{{")[0])
        assert label is not None, f"{control} shows no {name}"
        return label

    def click(self, control: str, alias: str) -> None:
        """Click one choice."""
        self.choice(control, alias).click()
        self.settle()

    def click_in(self, part: str, place: int, name: str) -> None:
        """Click the choice of this name in one of the parts that a CSS selector finds."""
        row = self.chrome.find_elements(By.CSS_SELECTOR, part)[place]
        label = row.find_element(By.XPATH, f".//label[.//input[@name='{name}']]")
        self.chrome.execute_script("arguments[0].scrollIntoView({block: 'center'})", label)
        label.click()
        self.settle()

    def chosen(self, control: str) -> set[str]:
        """Return the choices that are set."""
        shown = self.chrome.execute_script(CHOSEN, control.split("_{{")[0])
        missing = set(self.names[control].values()) - shown.keys()
        assert not missing, f"{control} shows no {missing}"
        return {alias for alias, name in self.names[control].items() if shown[name]}

    def pick(self, control: str, alias: str) -> None:
        """Choose from a drop-down list."""
        self.drop_down().click()
        self.wait(f"[data-testid='select-option-{self.names[control][alias]}']").click()
        self.settle()

    def picked(self, control: str) -> str:
        """Return what a drop-down list says, "" for nothing."""
        said = self.drop_down().get_attribute("data-value")
        return next((alias for alias, name in self.names[control].items() if name == said), "")

    def drop_down(self) -> WebElement:
        """Return the screen's drop-down list."""
        return self.wait(".gl .lsf-choices_layout_select button")

    def stars(self) -> list[WebElement]:
        """Return the stars of a rating."""
        return self.chrome.find_elements(By.CSS_SELECTOR, ".gl .ant-rate-star")

    def starred(self) -> int:
        """Return how many stars are given."""
        return len(self.chrome.find_elements(By.CSS_SELECTOR, ".gl .ant-rate-star-full"))

    def box(self, name: str = "") -> WebElement:
        """Return an edit box, by default the one that is shown first; a draft is opened first."""
        if not name:
            return self.wait(".gl-edit textarea")
        for draft in self.chrome.find_elements(By.CSS_SELECTOR, f".gl div[name^='{name}:']"):
            parent = draft.find_element(By.XPATH, "..")
            parent.find_element(By.CSS_SELECTOR, "[aria-label='Edit Region']").click()
        tags = [f".gl {tag}" for tag in ("input", "textarea")]
        return self.wait(", ".join(f"{t}[name='{name}'], {t}[name^='{name}:']" for t in tags))

    def write(self, text: str, name: str = "") -> None:
        """Replace the text of an edit box."""
        box = self.box(name)
        box.send_keys(Keys.CONTROL, "a")
        box.send_keys(text)
        self.settle()

    def annotations(self) -> list[Mapping[str, Any]]:
        """Return what Label Studio has stored, oldest first."""
        found = [a for task in self.tasks() for a in task["annotations"]]
        return sorted(found, key=lambda annotation: annotation["id"])

    def tasks(self) -> list[dict[str, Any]]:
        """Return the project's tasks."""
        return list(stream_tasks(self.label_studio.studio, self.project))

    def readings(self) -> list[InputResult]:
        """Return what goldleaf reads, in the order of the annotations."""
        known = get_project(self.label_studio.studio, self.project)
        project = AnsweredProject(self.kind, known["label_config"], known["expert_instruction"])
        found = {
            annotation["id"]: reading
            for task in self.tasks()
            for annotation, reading in zip(
                sorted(task["annotations"], key=lambda a: a["id"]),
                read_task(task, project),
                strict=True,
            )
        }
        return [found[number] for number in sorted(found)]

    def texts(self) -> str:
        """Return all that is written on the page."""
        return self.chrome.find_element(By.TAG_NAME, "body").text


@pytest.fixture
def annotator_in() -> type[Annotator]:
    """The class of annotators, for a browser and a project that a test opened itself."""
    return Annotator


class Listener(http.server.BaseHTTPRequestHandler):
    """Counts who calls."""

    calls: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.calls.append(self.path)
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@dataclass
class Hostile:
    """A text that would like to call home and to run, and whether it managed."""

    here: str

    @property
    def text(self) -> str:
        """Return every trick we know of, in one text."""
        here = self.here
        return "\n\n".join(
            [
                f"<img src='{here}/img' onerror='window.hit=1'>",
                f"![picture]({here}/markdown)",
                f"![picture][ref]\n\n[ref]: {here}/reference",
                f"<script>window.hit=2;fetch('{here}/script')</script>",
                f"</script><script>window.hit=3;fetch('{here}/closed')</script>",
                f"<svg onload=\"window.hit=4\"><image href='{here}/svg'/></svg>",
                f"<iframe src='{here}/iframe'></iframe><link rel=stylesheet href='{here}/css'>",
                f"<div style=\"background:url('{here}/style')\">x</div>",
                "{{7*7}} $answer $answer_b ${7*7}",
            ]
        )

    def assert_shown_as_text(self, annotator: Annotator) -> None:
        """Check that the screen shows what the text is written with."""
        shown = annotator.texts()
        assert f"<img src='{self.here}/img'" in shown and "</script><script>" in shown
        assert f"![picture]({self.here}/markdown)" in shown

    def assert_silent(self, annotator: Annotator) -> None:
        """Check, after a look at the table of tasks, that nothing was asked for and nothing ran."""
        annotator.chrome.get(f"{annotator.label_studio.url}/projects/{annotator.project}/data")
        annotator.wait(".lsf-table, .lsf-data-view-dm, [class*=table]")
        assert annotator.chrome.execute_script("return window.hit") is None
        assert Listener.calls == []


@pytest.fixture
def hostile() -> Iterator[Hostile]:
    """A listener on loopback, and the text that tries to reach it."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    Listener.calls = []
    try:
        yield Hostile(f"http://127.0.0.1:{server.server_address[1]}")
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def hands_of(chromium: webdriver.Chrome, label_studio: EmbeddedStudio):
    """Return a function that sits down before a project that is there; `count` ends its queue."""

    def make(kind: Kind, project: int, count: int, lang: str = "en") -> Annotator:
        return Annotator(chromium, label_studio, kind, lang, project, count)

    return make


@pytest.fixture
def annotator_of(chromium: webdriver.Chrome, label_studio: EmbeddedStudio):
    """Return a function that makes a project with tasks and drafts and sits down before it."""

    def make(
        kind: Kind,
        lang: str,
        records: Sequence[Record],
        drafts: Mapping[int, Any] | None = None,
    ) -> Annotator:
        from goldleaf.label_configs.regions import to_regions

        def regions(values: Mapping[str, tuple[str, ...]]) -> list[dict[str, Any]]:
            # As a learned model's: how sure it is of each value must not be in anyone's way.
            return to_regions(values, kind.screen, dict.fromkeys(values, 0.93))

        studio = label_studio.studio
        project = create_project(studio, kind, lang=lang)
        ids = import_tasks(
            studio, project, [kind.codec.to_task(record) for record in records]
        ).task_ids
        if drafts:
            store_predictions(
                studio,
                project,
                [
                    {
                        "task": ids[position],
                        "result": regions(kind.to_annotation(answer)),
                        "score": 0.5,
                        "model_version": "test/1",
                    }
                    for position, answer in drafts.items()
                ],
            )
        return Annotator(chromium, label_studio, kind, lang, project, len(records))

    return make
