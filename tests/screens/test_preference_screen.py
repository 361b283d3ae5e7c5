"""The preference screen in a real browser, both languages: what is seen, clicked and read back."""

from __future__ import annotations

import http.server
import threading
from typing import ClassVar

import pytest

from goldleaf.core.records import Candidate, Comparison, Turn
from goldleaf.exporters.export import export
from goldleaf.exporters.recipe import Recipe, Split
from goldleaf.label_configs.catalogue import kinds
from goldleaf.label_configs.preference.codec import DECISIONS, Answer

pytestmark = [pytest.mark.label_studio, pytest.mark.browser]

KIND = kinds()["preference"]
SIZES = [(1280, 800), (1366, 768), (1920, 1080)]
LONG = {
    "en": ("Water boils sooner where the air is thin. " * 30)[:1000],
    "zh": ("山上的空气稀薄，气压较低，所以水在更低的温度下就会沸腾。" * 40)[:1000],
}
PROMPT = {"en": "Why does water boil sooner on a mountain?", "zh": "为什么水在山上更早沸腾？"}
languages = pytest.mark.parametrize("lang", ["en", "zh"])


def comparison(prompt, a, b):
    answers = (Candidate((Turn("assistant", text),), drafted_by=text[:5]) for text in (a, b))
    return Comparison((Turn("user", prompt),), tuple(answers))


def short(count, lang="en"):
    return [comparison(f"{PROMPT[lang]} ({n})", f"first {n}", f"second {n}") for n in range(count)]


CONTRAST = """
const parse = c => { const m = c.match(/[\\d.]+/g).map(Number);
  return m.length < 4 ? [...m, 1] : m };
const light = c => { const [r, g, b] = c.map(v => { v /= 255;
  return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4 });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b };
const behind = e => { for (; e; e = e.parentElement) {
  const c = parse(getComputedStyle(e).backgroundColor); if (c[3] > 0.99) return c }
  return [255, 255, 255, 1] };
const found = [];
const weigh = (e, colour, text) => {
  const back = behind(e), [r, g, b, a] = parse(colour);
  const mixed = [r, g, b].map((v, i) => v * a + back[i] * (1 - a));
  const [x, y] = [light(mixed), light(back)].sort((p, q) => q - p);
  found.push([(x + 0.05) / (y + 0.05), text.slice(0, 30)]) };
const walk = document.createTreeWalker(document.querySelector('.gl'), NodeFilter.SHOW_TEXT);
while (walk.nextNode()) { const e = walk.currentNode.parentElement;
  if (walk.currentNode.data.trim() && e.offsetParent && e.tagName !== 'STYLE')
    weigh(e, getComputedStyle(e).color, walk.currentNode.data) }
for (const e of document.querySelectorAll('.gl textarea')) if (e.offsetParent) {
  weigh(e, getComputedStyle(e).color, e.value);
  weigh(e, getComputedStyle(e, '::placeholder').color, 'placeholder ' + e.placeholder) }
return found
"""


@languages
def test_everything_needed_is_in_view_at_every_size(annotator_of, lang):
    record = comparison(PROMPT[lang], LONG[lang], LONG[lang][::-1])
    annotator = annotator_of(KIND, lang, [record], {0: Answer(noticed=("both_refuse",))})
    for width, height in SIZES:
        annotator.open((width, height))
        page = annotator.texts()
        assert "ConfigurationError" not in page and "Not expecting tag" not in page
        left, right = (
            annotator.chrome.execute_script(
                "return document.querySelectorAll('.gl-answer')[arguments[0]]"
                ".getBoundingClientRect().toJSON()",
                side,
            )
            for side in (0, 1)
        )
        assert left["top"] == right["top"]
        assert left["right"] < right["left"] and right["right"] <= width
        assert abs(left["width"] - right["width"]) < 2
        # Not narrower than 45 characters of English, a lower bound for comfortable reading.
        assert left["width"] > 500
        bar = annotator.wait(".lsf-bottombar").rect["y"]
        for alias in DECISIONS:
            box = annotator.choice("decision", alias).rect
            assert box["y"] >= 0 and box["y"] + box["height"] <= bar, (alias, box, bar)
        assert annotator.chosen("noticed") == {"both_refuse"}
        assert annotator.chosen("decision") == set()
        worst = min(annotator.chrome.execute_script(CONTRAST))
        assert worst[0] >= 4.5, worst


@languages
@pytest.mark.parametrize("way", ["keys", "clicks"])
def test_each_outcome_by_two_keys_and_by_click(annotator_of, lang, way):
    annotator = annotator_of(KIND, lang, short(len(DECISIONS), lang))
    annotator.open()
    for position, decision in enumerate(DECISIONS):
        if way == "keys":
            annotator.press(str(position + 1))
            assert annotator.submit_by_key() == position + 1
        else:
            annotator.click("decision", decision)
            assert annotator.submit_by_click() == position + 1
    expected = {
        "a_much": ([1, 2], "strong"),
        "a": ([1, 2], "slight"),
        "tie": ([1, 1], "tie"),
        "b": ([2, 1], "slight"),
        "b_much": ([2, 1], "strong"),
        "both_bad": ([1, 1], "tie"),
    }
    for decision, reading in zip(DECISIONS, annotator.readings(), strict=True):
        (record,) = reading.records
        assert isinstance(record, Comparison)
        task = next(t for t in annotator.tasks() if f"/task:{t['id']}/" in reading.key)
        rank = {c.turns[0].content: c.rank for c in record.candidates}
        shown = [rank[task["data"]["answer_a"]], rank[task["data"]["answer_b"]]]
        assert (shown, record.strength) == expected[decision], decision
        assert record.parents[0].origin == "human"
        assert all(c.origin == "imported" for c in record.candidates)
        bad = decision == "both_bad"
        assert [c.acceptable for c in record.candidates] == [False if bad else None] * 2


@languages
def test_an_edit_and_an_own_answer_are_kept(annotator_of, lang):
    annotator = annotator_of(KIND, lang, short(2, lang))
    text = {"en": "Lower pressure, lower boiling point.\nThat is all.", "zh": "气压低，沸点就低。"}
    annotator.open()
    annotator.click("decision", "b")
    annotator.write(text[lang])
    annotator.submit_by_click()
    annotator.click("decision", "both_bad")
    annotator.write(text[lang])
    annotator.submit_by_click()
    edited, own = (reading.records[0] for reading in annotator.readings())
    best = edited.candidates[0]
    assert (best.turns[0].content, best.rank, best.origin) == (text[lang], 1, "edited")
    assert best.drafted_by == edited.candidates[2].drafted_by != ""
    assert edited.parents[0].edit_distance
    best = own.candidates[0]
    assert (best.turns[0].content, best.rank, best.origin) == (text[lang], 1, "human")
    assert [c.acceptable for c in own.candidates] == [True, False, False]


@languages
def test_drafts_are_accepted_or_overruled_and_told_apart(annotator_of, lang):
    draft = Answer(noticed=("both_refuse",))
    annotator = annotator_of(KIND, lang, short(2, lang), {0: draft, 1: draft})
    annotator.open()
    assert annotator.chosen("noticed") == {"both_refuse"}
    annotator.press("3")
    annotator.submit_by_key()
    annotator.click("noticed", "both_refuse")
    assert annotator.chosen("noticed") == set()
    annotator.press("2")
    annotator.submit_by_key()
    accepted, overruled = (reading.records[0] for reading in annotator.readings())
    assert (accepted.parents[0].origin, accepted.parents[0].drafted_by) == ("accepted", "test/1")
    assert (overruled.parents[0].origin, overruled.parents[0].drafted_by) == ("edited", "test/1")
    assert accepted.tags.issues == ("both_refuse",) and overruled.tags.issues == ()


def test_a_drafted_decision_that_is_overruled_is_never_read_as_accepted(annotator_of):
    annotator = annotator_of(KIND, "en", short(1), {0: Answer("a")})
    annotator.open()
    assert annotator.chosen("decision") == {"a"}
    annotator.click("decision", "b")
    annotator.submit_by_click()
    (reading,) = annotator.readings()
    assert reading.records[0].parents[0].origin == "edited"
    assert reading.records[0].strength == "slight"


@languages
@pytest.mark.parametrize("drafted", [False, True])
def test_a_choice_clicked_again_is_never_lost(annotator_of, lang, drafted):
    """A second click may take the choice back; then nothing is stored until there is one."""
    drafts = {0: Answer("a", noticed=("identical",))} if drafted else {}
    annotator = annotator_of(KIND, lang, short(1, lang), drafts)
    annotator.open()
    if not drafted:
        annotator.click("decision", "a")
    annotator.click("decision", "a")
    if annotator.chosen("decision") != {"a"}:
        annotator.press("7")  # something else is set, so Submit is not simply switched off
        submit = annotator.button("submit")
        if submit.is_enabled():
            submit.click()
        assert annotator.annotations() == []
        annotator.open()
        if annotator.chosen("decision") != {"a"}:
            annotator.click("decision", "a")
    annotator.submit_by_click()
    (reading,) = annotator.readings()
    assert reading.records[0].strength == "slight"


def test_a_skipped_task_is_never_used(annotator_of):
    annotator = annotator_of(KIND, "en", short(1), {0: Answer("a", noticed=("both_refuse",))})
    annotator.open()
    assert annotator.skip() == 1
    (reading,) = annotator.readings()
    assert (reading.reason, reading.records) == ("cancelled", ())


class Listener(http.server.BaseHTTPRequestHandler):
    """Counts who calls."""

    calls: ClassVar[list[str]] = []

    def do_GET(self):
        self.calls.append(self.path)
        self.send_response(204)
        self.end_headers()

    def log_message(self, format, *args):
        pass


@languages
def test_text_from_data_makes_no_request_and_runs_nothing(annotator_of, lang):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Listener.calls = []
    here = f"http://127.0.0.1:{server.server_address[1]}"
    hostile = "\n\n".join(
        [
            f"<img src='{here}/img' onerror='window.hit=1'>",
            f"![picture]({here}/markdown)",
            f"![picture][ref]\n\n[ref]: {here}/reference",
            f"<script>window.hit=2;fetch('{here}/script')</script>",
            f"</script><script>window.hit=3;fetch('{here}/closed')</script>",
            f"<svg onload=\"window.hit=4\"><image href='{here}/svg'/></svg>",
            f"<iframe src='{here}/iframe'></iframe><link rel=stylesheet href='{here}/css'>",
            f"<div style=\"background:url('{here}/style')\">x</div>",
            "{{7*7}} $answer_b ${7*7}",
        ]
    )
    record = Comparison(
        (Turn("system", hostile), Turn("user", hostile)),
        (Candidate((Turn("assistant", hostile),)), Candidate((Turn("assistant", "x" + hostile),))),
    )
    annotator = annotator_of(KIND, lang, [record])
    try:
        annotator.open()
        annotator.click("decision", "a")
        shown = annotator.texts()
        assert f"<img src='{here}/img'" in shown and "</script><script>" in shown
        assert f"![picture]({here}/markdown)" in shown
        annotator.submit_by_click()
        annotator.chrome.get(f"{annotator.label_studio.url}/projects/{annotator.project}/data")
        annotator.wait(".lsf-table, .lsf-data-view-dm, [class*=table]")
        assert annotator.chrome.execute_script("return window.hit") is None
        assert Listener.calls == []
    finally:
        server.shutdown()
        server.server_close()
    (reading,) = annotator.readings()
    texts = {c.turns[0].content for c in reading.records[0].candidates}
    assert texts == {hostile, "x" + hostile}


@pytest.mark.trainer
# TRL 1 still asks transformers 5 for the old name of activation checkpointing
@pytest.mark.filterwarnings("ignore:.*gradient_checkpointing.*deprecated:FutureWarning")
@languages
def test_rows_from_real_clicks_reach_the_trainers(annotator_of, two_steps, tmp_path, lang):
    annotator = annotator_of(KIND, lang, short(5, lang))
    annotator.open()
    for decision in ("a_much", "b", "tie"):
        annotator.click("decision", decision)
        annotator.submit_by_click()
    annotator.click("decision", "a")
    annotator.write("A better one.")
    annotator.submit_by_click()
    annotator.skip()
    recipe = Recipe(split=Split(test=0.0))
    outcome = export(annotator.readings(), recipe, tmp_path / "out", lang=lang)
    assert outcome.reasons == {"rejected": {"cancelled": 1}, "dropped": {"tie": 1}}
    rows = (outcome.out / "trl" / "dpo" / "train.jsonl").read_text("utf-8").splitlines()
    assert len(rows) == 4
    for trainer in ("DPO", "Reward"):
        assert two_steps(outcome.out, "dpo", trainer) == len(rows)
