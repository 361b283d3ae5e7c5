"""report.html: every section, both languages, the same bytes, nothing of the data interpreted."""

import random
import re
from collections import Counter
from html import unescape
from html.parser import HTMLParser
from typing import get_args

import polars as pl
import pytest

from goldleaf.core.escape_invisible import escape_invisible
from goldleaf.core.input_results import InputResult
from goldleaf.core.records import (
    BEHAVIOURS,
    Candidate,
    Comparison,
    Demonstration,
    Origin,
    Provenance,
    Tags,
    Turn,
)
from goldleaf.core.translations import load_translations
from goldleaf.exporters.export import export
from goldleaf.exporters.report import statistics
from goldleaf.exporters.report.report import REPORT, in_force
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import Split, Stage
from goldleaf.recipes.shares import Share, Shares

HANDS: tuple[tuple[str, Origin], ...] = (
    ("person:aa11", "edited"),
    ("script:bb22", "accepted"),
    ("", "imported"),
)
VOID = {"meta", "br", "hr", "img", "input", "link", "rect", "line", "circle", "path"}
"""Elements without an end; those of SVG close themselves."""


class Page(HTMLParser):
    """Reads a page strictly: every element that opens also closes, in order."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.loads, self.attributes = [], [], [], []
        self.texts, self.ids = {}, []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        for name, value in attrs:
            self.attributes.append(name)
            if name in ("src", "href", "srcset", "data", "action", "poster", "xlink:href"):
                self.loads.append(value)
            if name == "id":
                self.ids.append(value)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag, tag

    def handle_data(self, data):
        where = self.open[-1] if self.open else ""
        self.texts[where] = self.texts.get(where, "") + data


def text_of(page):
    return " ".join(text for tag, text in page.texts.items() if tag not in ("style", "title"))


@pytest.fixture
def readings(made):
    """Rows of all three uses, two languages, people and scripts, behaviours and prototypes."""
    found = []
    for n in range(60):
        who, origin = HANDS[n % 3]
        shown = (("refusal",), ("multi_turn",), ("writing",), ())[n % 4]
        tags = Tags(
            behaviours=shown, language=("en", "zh")[n % 2], prototype=("plan", "", "code")[n % 3]
        )
        parent = Provenance(
            source="S4", file="rows", line=n, annotator=who, origin=origin, licence="MIT"
        )
        asked = (Turn("user", f"Question {n}?"),)
        said = (Turn("assistant", f"Answer {n}. " + "word " * (n * 7)),)
        found.append(
            InputResult(f"rows:{n}", (Demonstration(asked, said, tags=tags, parents=(parent,)),))
        )
    found += made.many(20)
    found += [made.reading(made.judgement(n, n % 2 == 0)) for n in range(8)]
    return found


RECIPE = Recipe(
    model="8B",
    shares=Shares(structured_output=Share(min=0.2), multi_turn=Share(min=0.1)),
    split=Split(test=0.2),
)


def page_of(readings, out, lang="en", recipe=RECIPE):
    export(readings, recipe, out, lang=lang)
    return (out / REPORT).read_text("utf-8")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_page_that_asks_nothing_of_anybody(readings, tmp_path, lang):
    text = page_of(readings, tmp_path / "out", lang)
    page = Page(text)
    assert not {"script", "link", "img", "iframe", "object", "form", "base"} & set(page.tags)
    assert not [name for name in page.attributes if name.startswith("on") or name == "style"]
    assert all(where.startswith("#") and where[1:] in page.ids for where in page.loads)
    assert "url(" not in text and "@import" not in text
    policy = re.search('content="(default-src [^"]*)"', text)
    assert policy
    assert unescape(policy[1]).startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy[1] and "http" not in policy[1]
    for number in ("88", "aa11", "S12", "MIT"):
        assert number in text_of(page)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_it_says_what_is_there(readings, tmp_path, lang):
    text = page_of(readings, tmp_path / "out", lang)
    words = load_translations(lang)
    shown = ("targets", "mix", "risk", "pairs", "dropped", "sources", "people", "languages")
    shown += ("lengths", "prototypes", "repeats", "order", "samples", "cards", "recipe")
    page = Page(text)
    assert [name for name in page.ids if f"report.{name}" in words] == list(shown)
    seen = text_of(page)
    for key in (
        "report.short",
        "report.edited",
        "report.accepted",
        "report.scripted",
        "reason.json",
    ):
        assert words[key] in seen, key
    for key in ("behaviour.refusal", "behaviour.multi_turn", "report.use_dpo", "report.use_kto"):
        assert words[key] in seen
    assert "{" not in seen.replace('{"', "").replace("{}", ""), "a placeholder was left"
    if lang == "zh":
        # What is left in English are data, names of files and keys, and names of languages.
        heads = re.findall(r"<h[123]>([^<]+)", text)
        assert all(re.search("[\u4e00-\u9fff]", head) for head in heads), heads


def test_tables_of_rows_give_their_share_of_tokens_too():
    trained = pl.DataFrame(
        {
            "arrival": [1, 2, 3],
            "tokens": [10, 20, 40],
            "copies": [4, 1, 1],
        }
    )
    assert statistics.repeats(trained) == [(1, 2, 0.6), (4, 1, 0.4)]
    begin, middle = get_args(Stage)[:2]
    staged = trained.with_columns(
        pl.Series("stage", [begin, begin, middle]),
        pl.Series("replays", [[middle], [], []]),
    )
    assert statistics.stages(staged) == [(begin, 5, 0, 60 / 110), (middle, 1, 1, 50 / 110)]
    facts = pl.DataFrame({"arrival": [1, 2, 3, 4], "code": [0, 1, 1, 0]})
    known = ((("source", "web"), ("licence", "MIT")), (("source", "own"), ("licence", "MIT")))
    assert statistics.of_facts(trained, facts, known) == {
        "source": {"web": (4 / 6, 0.4), "own": (2 / 6, 0.6)},
        "licence": {"MIT": (1.0, 1.0)},
    }


def test_sources_and_licences_have_their_shares(readings, tmp_path):
    page = page_of(readings, tmp_path / "out")
    table = page[page.index('<section id="sources">') :].split("</section>")[0]
    rows = re.findall(r"<tr>(<td.*?)</tr>", table)
    shares = [float(re.findall(r">([\d.]+) %<", row)[0]) for row in rows]
    assert len(rows) >= 2
    assert sum(shares) == pytest.approx(200, abs=0.5)


def test_any_order_gives_the_same_bytes(readings, tmp_path):
    first = page_of(readings, tmp_path / "a")
    turned = random.Random(3).sample(readings, len(readings))
    assert page_of(turned, tmp_path / "b") == first


HOSTILE = (
    "<script>alert(1)</script>",
    "</style><script>alert(2)</script>",
    '"><img src=x onerror=alert(3)>',
    "<!-- <b>",
    "]]>&lt;b&gt;&amp;",
    "{{ 7*7 }}{% raw %}",
    "@@policy@@",
    "a\u202egnirts\u202c b\u200b \u2066x\u2069 \x1b[31m",
)


def readings_saying(text):
    """Return readings that say a text wherever data can say something."""
    parent = Provenance(source="S4", file=text, line=1, annotator=f"person:{text}", licence=text)
    tags = Tags(behaviours=("refusal",), prototype=text, language=text)
    both = [Candidate((Turn("assistant", f"{n} {text}"),), rank=n) for n in (1, 2)]
    asked = (Turn("user", text),)
    row = Demonstration(asked, (Turn("assistant", text * 99),), tags=tags, parents=(parent,))
    pair = Comparison(asked, tuple(both), strength="strong", tags=tags, parents=(parent,))
    rejected = InputResult(text, reason=text[:9], detail=text)
    return [InputResult("a", (row,)), InputResult("b", (pair,)), rejected]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_comes_from_data_stays_text(tmp_path, hostile):
    recipe = Recipe(split=Split(test=0))
    text = page_of(readings_saying(hostile), tmp_path / "out", recipe=recipe)
    harmless = page_of(readings_saying("x" * len(hostile)), tmp_path / "plain", recipe=recipe)
    page, plain = Page(text), Page(harmless)
    drawn = {"g", "title", "rect", "text", "details", "summary"}  # longer texts, more bars
    assert set(Counter(page.tags) - Counter(plain.tags)) <= drawn
    assert set(page.attributes) == set(plain.attributes)
    assert escape_invisible(hostile) in text_of(page)
    assert text.count("default-src") == 1
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\x1b]", text)


def test_hidden_characters_can_be_seen():
    assert escape_invisible("a\u202eb\x00c\nd\te") == "a⟨U+202E⟩b⟨U+0000⟩c\nd\te"
    assert escape_invisible("中文 émoji 👩\u200d💻") == "中文 émoji 👩\u200d💻"


def test_an_export_without_rows_has_a_report(made, tmp_path):
    from goldleaf.core.errors import NothingUsable

    with pytest.raises(NothingUsable):
        export([made.reading("no_prompt")], Recipe(), tmp_path / "out")
    assert load_translations("en")["reason.no_prompt"] in (tmp_path / "out" / REPORT).read_text(
        "utf-8"
    )


def test_samples_are_drawn_by_hash_and_cover_every_behaviour(readings, tmp_path, rows_of):
    out = tmp_path / "out"
    text = page_of(readings, out)
    part = text[text.index('id="samples"') : text.index('id="cards"')]
    shown = set(re.findall("<code>([0-9a-f]{32})</code>", part))
    written = {table: {row["id"] for row in rows_of(out, table=table)} for table in ("dpo", "kto")}
    assert all(shown & ids for ids in written.values())
    for behaviour in ("refusal", "multi_turn", "writing"):
        assert f"<h3>{load_translations('en')[f'behaviour.{behaviour}']}" in part
    assert not shown & {row["id"] for row in rows_of(out, "test", "dpo")}


def test_cards_are_those_of_rules_that_are_in_force():
    always = {card.name for card in in_force(Recipe(), "en")}
    assert always and all(not card.keys for card in in_force(Recipe(), "en"))
    asked = {card.name for card in in_force(RECIPE, "en")}
    assert {"structured_output", "multi_turn", "total_rows"} & asked
    assert always < asked


def test_every_reason_of_ours_has_words():
    """Codes are literals at their place; whoever adds one adds what it means."""
    import ast
    from pathlib import Path

    import goldleaf.exporters
    from goldleaf.exporters.rules.registry import filters

    home = Path(goldleaf.exporters.__file__).parent.parent
    found = {rule.REASON for rule in filters()}
    for room in ("label_configs", "formats", "sources", "exporters"):
        for file in (home / room).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "BadRow":
                    values = [a.value for a in node.args[:1] if isinstance(a, ast.Constant)]
                    found.update(str(value) for value in values)
    missing = {reason for reason in found if f"reason.{reason}" not in load_translations("en")}
    assert len(found) > 70
    assert not missing


def test_every_behaviour_has_words():
    assert {f"behaviour.{name}" for name in BEHAVIOURS} <= load_translations("zh").keys()
