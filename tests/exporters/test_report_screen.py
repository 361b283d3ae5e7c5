"""report.html in a real Chromium: nothing is fetched, nothing runs, it fits, it can be read."""

from __future__ import annotations

import json

import pytest
from chromium import COLOURS, started

from goldleaf.core.input_results import InputResult
from goldleaf.core.records import Demonstration, Provenance, Tags, Turn
from goldleaf.exporters.export import export
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import Split
from goldleaf.recipes.shares import Share, Shares

CONTRAST = (
    COLOURS
    + """
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walk.nextNode()) { const e = walk.currentNode.parentElement;
  if (!walk.currentNode.data.trim() || !e.checkVisibility() || e.closest('svg')) continue;
  const [x, y] = [light(parse(getComputedStyle(e).color)), light(behind(e))].sort((p, q) => q - p);
  found.push([(x + 0.05) / (y + 0.05), walk.currentNode.data.slice(0, 30)]) }
return found
"""
)
"""Contrast of every text with what is behind it (WCAG 2.2), and the text."""


@pytest.fixture(scope="module")
def chrome(tmp_path_factory):
    found = started(tmp_path_factory.mktemp("chromium"), logs=True)
    yield found
    found.quit()


HOSTILE = "\n".join(
    [
        "<script>window.hit=1</script></script><script>window.hit=2</script>",
        "</style><img src='https://goldleaf.invalid/img' onerror='window.hit=3'>",
        "<svg onload=\"window.hit=4\"><image href='https://goldleaf.invalid/svg'/></svg>",
        "<link rel=stylesheet href='https://goldleaf.invalid/css'><base href='//goldleaf.invalid'>",
        "<div style=\"background:url('https://goldleaf.invalid/style')\">x</div>",
    ]
)


@pytest.fixture(scope="module", params=["en", "zh"])
def page(request, tmp_path_factory):
    """A report with every section, hostile texts wherever data can say something."""
    readings = []
    for n in range(60):
        tags = Tags(
            behaviours=("refusal", "multi_turn", "tool_call", "writing")[n % 4 : n % 4 + 1],
            prototype=(HOSTILE, "a-very-long-name-without-any-space-" * 4, "plan")[n % 3],
            language=("en", "zh")[n % 2],
        )
        who = (f"person:{n % 5}{HOSTILE}", "script:1")[n % 2]
        parent = Provenance(source="S4", file="f", line=n, annotator=who, licence=HOSTILE)
        said = (Turn("assistant", f"{n} {HOSTILE} 中文\u202e{'word ' * n * 9}"),)
        row = Demonstration((Turn("user", f"{HOSTILE} {n}"),), said, tags=tags, parents=(parent,))
        readings.append(InputResult(f"f:{n}", (row,)))
    readings.append(InputResult(HOSTILE, reason="json", detail=HOSTILE))
    shares = Shares(multi_turn=Share(min=0.5), reasoning_chain=Share(min=0.2))
    recipe = Recipe(model="8B", shares=shares, split=Split(test=0.1))
    out = tmp_path_factory.mktemp(request.param) / "out"
    export(readings, recipe, out, lang=request.param)
    return out / "report.html"


def shown(chrome, page, width, scheme="light", media="screen"):
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    emulated = {"media": media, "features": features}
    chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", emulated)
    chrome.get_log("performance"), chrome.get_log("browser")
    chrome.get(page.as_uri())
    chrome.execute_script("document.querySelectorAll('details').forEach(d => d.open = true)")


def test_nothing_leaves_the_page_and_nothing_runs(chrome, page):
    shown(chrome, page, 1280)
    entries = [json.loads(entry["message"])["message"] for entry in chrome.get_log("performance")]
    asked = [
        e["params"]["request"]["url"] for e in entries if e["method"] == "Network.requestWillBeSent"
    ]
    assert asked == [page.as_uri()]
    assert chrome.get_log("browser") == [], "the page's own policy must not refuse its own styles"
    assert chrome.execute_script("return window.hit") is None
    assert "<script>window.hit=1" in chrome.find_element("tag name", "body").text
    drawn = chrome.execute_script(
        "return [document.querySelectorAll('svg.gl-chart').length,"
        " getComputedStyle(document.querySelector('section')).borderRadius,"
        " getComputedStyle(document.querySelector('svg .bar')).fill]"
    )
    assert drawn[0] >= 5 and drawn[1] == "10px" and drawn[2] == "rgb(31, 108, 181)"


@pytest.mark.parametrize("width", [390, 1280])
def test_it_fits(chrome, page, width):
    shown(chrome, page, width)
    wide = chrome.execute_script("return document.documentElement.scrollWidth")
    assert wide <= width


@pytest.mark.parametrize(
    ("scheme", "media"), [("light", "screen"), ("dark", "screen"), ("dark", "print")]
)
def test_it_can_be_read(chrome, page, scheme, media):
    shown(chrome, page, 1280, scheme, media)
    found = chrome.execute_script(CONTRAST)
    assert len(found) > 200
    assert [each for each in found if each[0] < 4.5] == []


def test_it_prints(chrome, page):
    shown(chrome, page, 1280)
    printed = chrome.execute_cdp_cmd("Page.printToPDF", {"printBackground": False})
    assert len(printed["data"]) > 20_000
