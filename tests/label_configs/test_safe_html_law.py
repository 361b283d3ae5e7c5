"""No character is lost: what is shown is the text, without the marks of what is interpreted."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shown_text import Shown, letters
from tricky_texts import DATA, TRICKY, rows, strings

from goldleaf.label_configs.safe_html import MAX_RENDERED, to_safe_html

MARKS = {
    "strong": r"\*\*",
    "code": r"`{1,3}",
    "div": r"#{2,6}[ \t]+",
    "pre": r"[ \t]*(`{3,}|~{3,})[ \t]*\n?|\n",
    "th": r"[ \t]*\|[ \t]*|[ \t]*\|?[ \t]*\n[-:| \t]+\n?",
    "td": r"[ \t]*\|?[ \t]*\n?",
}
"""Element -> what may be hidden in it."""


def assert_kept(text: str) -> Shown:
    shown = Shown(to_safe_html(text))
    if not text.strip():
        assert shown.whole == ""
        return shown
    assert shown.whole == letters(text)
    assert shown.folded == letters(text), "the fold has the text as it is"
    for element, mark in shown.hidden:
        assert re.fullmatch(MARKS[element], mark), (element, mark)
    marks = [mark for element, mark in shown.hidden if element == "strong"]
    assert len(marks) == 2 * shown.elements.count("strong")
    return shown


@pytest.mark.parametrize("text", TRICKY)
def test_tricky_texts_keep_every_character(text):
    assert_kept(text)


@pytest.mark.skipif(not DATA.exists(), reason="the shared data sets are not on this machine")
@pytest.mark.parametrize(
    "name",
    [
        "gsm8k_train.jsonl.gz",
        "text2sql_dev.jsonl.gz",
        "gsm8k_model_solutions.jsonl.gz",
        "alpaca_eval_gpt4_pairs.jsonl.gz",
        "alpaca_zh.jsonl.gz",
        "glaive_toolcall_en_demo.jsonl.gz",
    ],
)
def test_real_rows_of_maths_and_code_keep_every_character(name):
    texts = [text for row in rows(name, 100) for text in strings(row)]
    assert len(texts) >= 200
    for text in texts:
        assert_kept(text)


@given(st.text(st.sampled_from("*_`~#|\\$<>&[]() \t\n-=+.1aé中，“”:;{}"), max_size=80))
def test_any_text_keeps_every_character(text):
    assert_kept(text)


@given(st.text(max_size=60))
def test_any_letters_are_kept(text):
    assert_kept(text)


VERBATIM = [
    r"\(a^2\) and \\ and \{x\}",
    "__init__ and _x_ and ~~y~~",
    r"C:\*.txt",
    "rm *.log *.tmp",
    "f(**a, **b), {**a, **b}, 2**3**4, **kw",
    "Title\n---",
    "7. seven\n8. eight",
    "x=`date`; ``hello'' and ``bye''",
    "$a ** b ** c$ and *one star*",
    "# a comment\nx = 1",
    "&amp; <b> [a](b) <http://x>",
    "trailing \\\nend  \n",
    "int **p, **q = &r;",
    "see f(int **a, char** b) here",
    "> quoted",
]


@pytest.mark.parametrize("text", VERBATIM)
def test_what_is_not_surely_markdown_is_shown_as_written(text):
    assert Shown(to_safe_html(text)).visible == text


@pytest.mark.parametrize(
    ("text", "element", "visible"),
    [
        ("so **much** more", "strong", "so much more"),
        ("这是**重点。**然后**“你好”**吧", "strong", "这是重点。然后“你好”吧"),
        ("（**括号**）和", "strong", "（括号）和"),
        ("**Step 1:** go", "strong", "Step 1: go"),
        ("run `ls -la` now", "code", "run ls -la now"),
        ("``a`b`` too", "code", "a`b too"),
        ("text\n\n## Title\nmore", "div", "text\n\nTitle\nmore"),
        ("```py\nx < y\n```\nafter", "pre", "pyx < y\nafter"),
        ("````\n```\n````", "pre", "```\n"),
        ("|a|b|\n|-|-|\n|1|2|\n", "table", "ab12"),
    ],
)
def test_marks_of_sure_markdown_vanish_and_nothing_else(text, element, visible):
    shown = assert_kept(text)
    assert element in shown.elements
    assert shown.visible == visible


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Here:\n```\nx\n```", True),
        ("SELECT a FROM b WHERE c = 1", True),
        ("import os\nprint(os.name)\n", True),
        ("Select one from the shelf.", False),
        ("A word about `ls`, and no more.", False),
        ("水在山上更早沸腾。\n因为气压低。", False),
    ],
)
def test_texts_with_code_are_marked_so_for_the_edit_box(text, code):
    assert ('class="gl-text gl-code' in to_safe_html(text)) == code


@pytest.mark.parametrize(
    "piece", [" `a", " ``a`", " **a", " $a", r"\(a ", "|", "| ", "```x\n", " "]
)
def test_a_long_text_of_marks_without_an_end_is_shown_in_time(piece):
    text = piece * ((MAX_RENDERED - 8) // len(piece))
    began = time.perf_counter()
    shown = Shown(to_safe_html(text + "|\n|-|\n"))
    assert shown.whole == text + "|\n|-|\n"
    assert time.perf_counter() - began < 60, "a backtracking search would take hours"
