"""`curation.html` as its reader sees it: the command run, its page opened in a real Chromium."""

from __future__ import annotations

import json
import re

import pytest
from chromium import started

LONG = "The {} stands by the old harbour, and everybody who passes it stops for a while to look."
ROWS = [
    {"instruction": f"Say where the {thing} stands.", "output": LONG.format(thing)}
    for thing in "lantern bridge engine garden window maple copper river".split()
]
NEAR = {name: text.upper() + " " for name, text in ROWS[1].items()}


@pytest.fixture(scope="module")
def chrome(tmp_path_factory):
    found = started(tmp_path_factory.mktemp("chromium"))
    yield found
    found.quit()


@pytest.fixture
def page(inside, tmp_path, chrome):
    """Return a function that curates the rows and opens the page, all of it unfolded."""

    def opened(lang, width):
        lines = [*ROWS, ROWS[0], NEAR, {"instruction": "Say more.", "output": "a" * 90}]
        file = tmp_path / "rows.jsonl"
        file.write_text("".join(json.dumps(row) + "\n" for row in lines), "utf-8")
        done = inside("curate", file, "--out", tmp_path / "out", "--lang", lang)
        assert done.returncode == 0, done.stderr
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
        chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        chrome.get((tmp_path / "out" / "curation.html").as_uri())
        chrome.execute_script("document.querySelectorAll('details').forEach(d => d.open = true)")
        return chrome

    return opened


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_whole_of_every_bar_is_seen(page, lang, width):
    chrome = page(lang, width)
    assert chrome.execute_script("return document.documentElement.scrollWidth") <= width
    boxes = chrome.execute_script(
        "const table = document.querySelector('#funnel .scroll');"
        "const seen = table.getBoundingClientRect();"
        "return [[seen.left, seen.right, table.scrollWidth - table.clientWidth],"
        " ...[...table.querySelectorAll('svg')].map(e => e.getBoundingClientRect())"
        ".map(e => [e.left, e.right, e.width])]"
    )
    (left, right, hidden), *bars = boxes
    assert len(bars) >= 2 and hidden == 0
    for begins, ends, wide in bars:
        assert left <= begins and ends <= right and wide > 200, (boxes, width)


@pytest.mark.browser
def test_no_header_of_a_phone_breaks_inside_a_chinese_word(page):
    chrome = page("zh", 390)
    assert chrome.execute_script("return document.documentElement.scrollWidth") <= 390
    heads = chrome.execute_script(
        "return [...document.querySelectorAll('th.whole')].filter(e => e.offsetHeight).map(e => {"
        "const text = document.createRange(); text.selectNodeContents(e);"
        "return [e.textContent, text.getClientRects().length]})"
    )
    assert {"记录数", "建议的处理"} <= {text for text, _ in heads}
    assert {lines for _, lines in heads} == {1}


@pytest.mark.browser
@pytest.mark.parametrize(("lang", "same"), [("en", "the equal record that stays"), ("zh", "保留")])
def test_a_duplicate_names_the_line_that_is_kept(page, lang, same):
    chrome = page(lang, 1280)
    (equal,) = chrome.find_elements("css selector", "#exact_duplicate article")
    assert "rows.jsonl:9" in equal.find_element("css selector", "h3").text
    kept = equal.find_element("css selector", ".turn:last-child").text
    assert kept.endswith("rows.jsonl:1") and same in kept
    (near,) = chrome.find_elements("css selector", "#near_duplicate article")
    named = [
        near.find_element("css selector", css).text for css in ("h3", ".turn:last-child .role")
    ]
    assert {text.split()[-1] for text in named} == {"rows.jsonl:2", "rows.jsonl:10"}


@pytest.mark.parametrize(("lang", "said"), [("en", "the set is too small"), ("zh", "数据集太小")])
def test_a_small_set_says_that_swapped_answers_are_not_judged(inside, tmp_path, lang, said):
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in ROWS), "utf-8")
    assert not inside("curate", file, "--out", tmp_path / "out", "--lang", lang).returncode
    page = (tmp_path / "out" / "curation.html").read_text("utf-8")
    (part,) = re.findall(r"<h3>[^<]*flaw\.swapped[^<]*</h3>\n<table>.*?</table>", page, re.DOTALL)
    assert said in part and "1,000" in part


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_page_shows_the_backticks_of_our_own_words(inside, tmp_path, lang):
    """Rows curated and exported by the sized recipe, whose report speaks of `hard.signals`."""
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in ROWS), "utf-8")
    assert not inside("curate", file, "--out", tmp_path / "out", "--lang", lang).returncode
    records = tmp_path / "out" / "records.jsonl"
    command = ("export", records, "--model", "1B", "--out", tmp_path / "set", "--lang", lang)
    assert not inside(*command).returncode
    report = (tmp_path / "set" / "report.html").read_text("utf-8")
    assert "<code>hard.signals</code>" in report
    for page in (report, (tmp_path / "out" / "curation.html").read_text("utf-8")):
        shown = page.partition("</style>")[2]
        assert "`" not in shown, shown[max(0, shown.index("`") - 90) :][:180]


CHARTS = """return [...document.querySelectorAll('.chart')].map(chart => {
  const drawn = [...chart.querySelectorAll('svg')].filter(svg => svg.getClientRects().length);
  const frame = drawn[0].getBoundingClientRect();
  const texts = [...drawn[0].querySelectorAll('text')].map(e => [e, e.getBoundingClientRect()]);
  const scale = frame.width / drawn[0].viewBox.baseVal.width;
  return {shown: drawn.length, hidden: chart.scrollWidth - chart.clientWidth,
    outside: texts.filter(([e, box]) => box.left < frame.left || box.right > frame.right)
      .map(([e]) => e.textContent),
    letters: Math.min(...texts.map(([e]) => scale * parseFloat(getComputedStyle(e).fontSize)))};
})"""
"""For each chart: drawings that are seen, pixels that only scrolling shows, texts that leave the
frame, the size of the smallest letters."""

PAIRS = [
    {
        "prompt": f"Say where the {thing} stands.",
        "chosen": LONG.format(thing) + " It is old, and nobody knows who put it there." * (n % 3),
        "rejected": f"I have never seen a {thing}.",
    }
    for n, thing in enumerate("lantern bridge engine garden window maple copper river".split())
]


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_phone_shows_every_chart_whole_and_a_wide_window_one_of_each(
    inside, tmp_path, chrome, lang
):
    """The pages of a curation and of an export: no chart scrolls, no letter is outside or tiny."""
    file = tmp_path / "pairs.jsonl"
    file.write_text("".join(f"{json.dumps(row)}\n" for row in [*PAIRS, *ROWS]), "utf-8")
    curated, made = tmp_path / "out", tmp_path / "set"
    done = inside("curate", file, "--format", "trl", "--out", curated, "--lang", lang)
    assert done.returncode == 0, done.stderr
    command = ("export", curated / "records.jsonl", "--model", "8B", "--out", made, "--lang", lang)
    done = inside(*command)
    assert done.returncode == 0, done.stderr
    pages = [(curated / "curation.html", 3), (made / "report.html", 6)]
    for page, least in pages:
        for width in (360, 390, 1280):
            phone = width < 500
            size = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": phone}
            chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
            chrome.get(page.as_uri())
            charts = chrome.execute_script(CHARTS)
            assert len(charts) >= least
            for chart in charts:
                assert chart["shown"] == 1 and chart["hidden"] <= 0, (page.name, width, chart)
                assert chart["outside"] == [] and chart["letters"] >= 9.8, (width, chart)


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("width", [360, 390, 1366])
def test_no_column_of_a_table_is_hidden(inside, tmp_path, chrome, lang, width):
    file = tmp_path / "pairs.jsonl"
    file.write_text("".join(f"{json.dumps(row)}\n" for row in [*PAIRS, *ROWS]), "utf-8")
    done = inside("curate", file, "--format", "trl", "--out", tmp_path / "out", "--lang", lang)
    assert done.returncode == 0, done.stderr
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    chrome.get((tmp_path / "out" / "curation.html").as_uri())
    chrome.execute_script("document.querySelectorAll('details').forEach(d => d.open = true)")
    cells = chrome.execute_script(
        "return [...document.querySelectorAll('table td, table th')]"
        ".filter(e => e.offsetParent && e.closest('thead,tbody').offsetHeight)"
        ".map(e => [e.innerText, e.getBoundingClientRect().left, e.getBoundingClientRect().right])"
    )
    assert len(cells) > 20
    assert all(begins >= 0 and ends <= width for _, begins, ends in cells), cells
    rows = chrome.execute_script(
        "const table = document.querySelector('#pairs table.stacked');"
        "const names = [...table.querySelectorAll('th')].map(e => e.textContent);"
        "const shown = table.tHead.offsetHeight > 0;"
        "return [...table.tBodies[0].rows].map(row => [...row.cells].map((cell, n) =>"
        " [names[n], shown ? names[n]"
        "  : JSON.parse(getComputedStyle(cell, '::before').content.replace('none', '\"\"'))]))"
    )
    assert rows
    for first, *others in rows:
        assert first[1] in ("", first[0])
        assert all(name and name == said for name, said in others), (rows, width)
