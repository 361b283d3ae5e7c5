"""Charts are well-formed SVG in both languages, say their figures, and stay in the frame."""

import re
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldleaf.core.chart_layout import WIDTH
from goldleaf.core.charts import (
    Bar,
    CurvePoint,
    ShareRow,
    bar_chart,
    calibration_chart,
    share_chart,
    text_bar,
)
from goldleaf.core.translations import LANGUAGES, Translations

SVG = "{http://www.w3.org/2000/svg}"
ROWS = [
    ShareRow("refusal", 0.05, 0.1, 0.3, 0.01, "12 rows"),
    ShareRow("多轮对话", 0.5, 0.1, 0.3),
    ShareRow("tool call", 0.2, 0.05),
    ShareRow("chat", 0.002),
]


def texts(svg):
    return [node.text for node in fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_share_chart_says_what_was_got_and_wanted(lang):
    words = Translations(lang)
    svg = share_chart(ROWS, words, "Mix")
    said = texts(svg)
    for text in ("Mix", "refusal", "多轮对话", "5.0 %", "10–30 %", "50.0 %", "0.20 %"):
        assert text in said
    assert words("chart.at_least", share="5 %") in said
    assert svg == share_chart(list(ROWS), words, "Mix")
    assert [row.state() for row in ROWS] == ["short", "over", "met", "free"]
    assert svg.count('<rect class="short"') == svg.count('<rect class="over"') == 1
    bands = [n for n in fromstring(svg).iter(f"{SVG}rect") if n.get("class") == "band"]
    assert len(bands) == 3 + 1, "one for every wanted range, one in the legend"


def test_a_bar_is_as_long_as_its_value():
    root = fromstring(bar_chart([Bar("a", 30, 60), Bar("b", 15)], Translations("en"), "Sources"))
    bars = [float(n.get("width", "0")) for n in root.iter(f"{SVG}rect") if n.get("class") == "bar"]
    before = [
        float(n.get("width", "0")) for n in root.iter(f"{SVG}rect") if n.get("class") == "was"
    ]
    assert bars[0] == pytest.approx(2 * bars[1], abs=0.2)
    assert before[0] == pytest.approx(2 * bars[0], abs=0.2)


def test_a_chart_of_nothing():
    assert texts(share_chart([], Translations("en"), "Mix"))
    assert texts(bar_chart([], Translations("zh"), "Mix")) == ["Mix"]
    fromstring(bar_chart([Bar("a", 0)], Translations("en")))


def test_charts_need_nothing_from_elsewhere():
    svg = share_chart(ROWS, Translations("en"), "Mix") + bar_chart(
        [Bar("a", 1)], Translations("en"), "Mix"
    )
    assert not re.search(r"href|url\(|<script|@import", svg)
    assert set(re.findall(r"https?://[^\"]+", svg)) == {"http://www.w3.org/2000/svg"}


shares = st.floats(0, 1, allow_nan=False)


@given(st.lists(st.builds(ShareRow, st.text(), shares, shares, shares, st.none() | shares)))
def test_any_rows_stay_in_the_frame(rows):
    for node in fromstring(share_chart(rows, Translations("en"), "<&>\x00")).iter():
        for end in ("x", "cx", "x2"):
            assert 0 <= float(node.get(end, 0)) <= WIDTH
        if node.tag == f"{SVG}rect":
            assert 0 <= float(node.get("x", 0)) + float(node.get("width", 0)) <= WIDTH


@given(st.floats(0, 1e9), st.floats(0, 1e9))
def test_a_bar_in_a_terminal(value, most):
    bar = text_bar(value, most, 10)
    assert len(bar) <= 10
    assert bool(bar) == (value > 0 and most > 0)


def test_a_bar_in_a_terminal_is_an_eighth_fine():
    assert [text_bar(n, 8, 1) for n in range(9)] == list(["", *"▏▎▍▌▋▊▉█"])


def test_a_calibration_curve_has_its_points_where_they_belong():
    points = [
        CurvePoint("70–80 %", 0.75, 0.5, 0.41, 0.6, "5 of 10"),
        CurvePoint("95–100 %", 1.0, 1.0, 0.9, 1.0, "30 of 30"),
    ]
    svg = calibration_chart(points, Translations("zh"), "did")
    root = fromstring(svg)
    dots = [
        tuple(float(n.get(name, "nan")) for name in ("cx", "cy")) for n in root.iter(f"{SVG}circle")
    ][:2]
    marks = [n for n in root.iter(f"{SVG}line") if n.get("class") == "mark"]
    left, bottom, right, top = (float(marks[0].get(n, "nan")) for n in ("x1", "y1", "x2", "y2"))
    assert dots[1] == (right, top), "sure and right: the upper end of the diagonal"
    # The axes begin at 40 %.
    x, y = ((at - 0.4) / 0.6 for at in (0.75, 0.5))
    assert dots[0] == pytest.approx((left + x * (right - left), bottom + y * (top - bottom)), 0.01)
    for text in ("70–80 %", "50.0 %", "5 of 10", "40 %", "100 %", "草稿的置信度"):
        assert text in texts(svg)
    heights = [n for n in root.iter(f"{SVG}rect") if n.get("class") == "bar"]
    assert float(heights[0].get("height", "0")) == pytest.approx((bottom - top) * 0.19 / 0.6, 0.01)
    fromstring(calibration_chart([], Translations("en")))
