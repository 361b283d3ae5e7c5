"""`import goldleaf`: its names, their examples, the page about them, and results in a notebook."""

from __future__ import annotations

import doctest
import inspect
import json
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

import goldleaf

PAGE = Path(__file__).parent.parent / "docs" / "python.md"
ROWS = [
    {"prompt": "What is gold leaf?", "completion": "Gold beaten very thin."},
    {"prompt": "What is size?", "completion": "The glue below the gold."},
    {"nothing": "of use"},
]
FUNCTIONS = [name for name in goldleaf.__all__ if inspect.isfunction(getattr(goldleaf, name))]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name in ("LC_ALL", "LANG", "GOLDLEAF_LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GOLDLEAF_DATA_DIR", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    lines = "".join(json.dumps(row) + "\n" for row in ROWS)
    (tmp_path / "rows.jsonl").write_text(lines, encoding="utf-8")
    return tmp_path


@pytest.fixture
def exported(folder):
    rows = goldleaf.import_rows("rows.jsonl", licence="CC-BY-4.0")
    goldleaf.write_records("records.jsonl", rows.records)
    return goldleaf.export("records.jsonl", "out")


def run(test, **options):
    runner = doctest.DocTestRunner(verbose=False)
    report: list[str] = []
    runner.run(test, out=report.append, **options)
    assert not runner.failures, "".join(report)
    return runner.tries


def test_every_name_is_there_documented_and_listed():
    assert sorted(goldleaf.__all__) == goldleaf.__all__
    assert set(goldleaf.__all__) <= set(dir(goldleaf))
    page = PAGE.read_text(encoding="utf-8")
    for name in goldleaf.__all__:
        assert inspect.getdoc(getattr(goldleaf, name)), name
        assert f"goldleaf.{name}" in page or f"`{name}" in page, name
    with pytest.raises(AttributeError, match="nothing"):
        _ = goldleaf.nothing  # pyright: ignore


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_example_of_a_docstring_is_true(name, exported):
    names = {each: getattr(goldleaf, each) for each in FUNCTIONS}
    tests = doctest.DocTestFinder().find(names[name], name, globs=names)
    tries = sum(run(test) for test in tests)
    needs_a_server = {"load_settings", "open_source", "open_studio", "create_project"}
    needs_a_server |= {"import_to_project", "list_projects", "prelabel", "report_drafts"}
    needs_a_server |= {"list_models", "spot_check", "steer", "team"}
    on_the_page = {"generate", "judge", "map_project"}
    needs_a_model = {"self_instruct", "signals"}
    assert tries or name in needs_a_server | needs_a_model | on_the_page, name


def page_parts():
    """Return the page without its part about the SDK, and that part, each to be run by itself."""
    before, title, rest = PAGE.read_text(encoding="utf-8").partition("## With label-studio-sdk")
    part, other, after = rest.partition("## Errors")
    assert title and other
    return before + after, part


def of_page(text, names):
    return doctest.DocTestParser().get_doctest(text, names, PAGE.name, str(PAGE), 0)


def test_the_page_about_python_is_true(folder):
    assert run(of_page(page_parts()[0], {})) > 10


@pytest.mark.label_studio
@pytest.mark.filterwarnings("ignore:The `parse_obj` method:DeprecationWarning")  # the SDK's own
def test_its_part_about_label_studio_sdk_is_true(folder, label_studio, monkeypatch):
    monkeypatch.setenv("LABEL_STUDIO_URL", label_studio.url)
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", label_studio.token)
    pairs = [{"prompt": f"Name {n}.", "chosen": f"It is {n}.", "rejected": "No."} for n in "ab"]
    lines = "".join(json.dumps(row) + "\n" for row in pairs)
    (folder / "pairs.jsonl").write_text(lines, encoding="utf-8")
    test = of_page(page_parts()[1], {"goldleaf": goldleaf})
    try:
        assert run(test, clear_globs=False) > 10
    finally:
        for name in ("client", "sdk"):  # the SDK has no way to close what it opened
            test.globs[name]._client_wrapper.httpx_client.httpx_client.close()
    assert not goldleaf.list_projects() or all(
        project.title != "From a notebook" for project in goldleaf.list_projects()
    )


def test_importing_goldleaf_loads_nothing():
    script = (
        "import sys, typing; before = set(sys.modules); import goldleaf\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["goldleaf"]


class _Balanced(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.text, self.tags = [], "", set()

    def handle_starttag(self, tag, attrs):
        assert not attrs
        self.open.append(tag)
        self.tags.add(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def shown(result):
    parser = _Balanced()
    parser.feed(result._repr_html_())
    parser.close()
    assert not parser.open and parser.tags <= {"h4", "table", "tr", "th", "td", "pre"}
    return parser.text


def test_results_show_themselves_in_both_languages(exported, monkeypatch):
    results = [
        *(exported, goldleaf.plan("records.jsonl"), goldleaf.check("out")),
        *(goldleaf.why("out", "rows.jsonl:1"), goldleaf.diff("out", "out")),
        goldleaf.import_rows("rows.jsonl"),
    ]
    english = [shown(result) for result in results]
    monkeypatch.setenv("GOLDLEAF_LANG", "zh")
    chinese = [shown(result) for result in results]
    for en, zh in zip(english, chinese, strict=True):
        assert en and zh and en != zh
        assert not any("一" <= letter <= "鿿" for letter in en)
        assert any("一" <= letter <= "鿿" for letter in zh)


def test_a_text_from_data_is_shown_and_never_obeyed(folder):
    file = folder / "<script>alert(1)<\u202e>.jsonl"
    row = {"prompt": "a", "completion": "b"}
    lines = json.dumps(row) + "\n" + json.dumps({"prompt": "a", "completion": 3}) + "\n"
    file.write_text(lines, encoding="utf-8")
    html = goldleaf.import_rows(file)._repr_html_()
    assert "&lt;script&gt;" in html and "<script" not in html and "\u202e" not in html
