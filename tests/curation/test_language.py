"""The language of a text by its letters."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldleaf.curation.texts.language import language


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("How do I repot a fern?", "en"),
        ("怎么给蕨类植物换盆？", "zh"),
        ("请用 Python 的 requests 库发送一个 POST 请求", "zh"),
        ("The character 好 is read hao and means good.", "en"),
        ("在2020年3月5日，我们搬到了城南。", "zh"),
        ("見積書を明日までに送ってください。", "other"),
        ("안녕하세요, 반갑습니다.", "other"),
        ("Где находится библиотека?", "other"),
        ("Où est la bibliothèque ? Elle est fermée à présent, désolé.", "other"),
        ("The naïve reader enjoys a good book in the garden all afternoon.", "en"),
        ("", ""),
        ("  \n\t", ""),
        ("42", ""),
        ("3.14 + 2 = 5.14", ""),
        ("?!…", ""),
        ("🎉🎉", ""),
        ("```python\nfor word in words:\n    print(word)\n```", ""),
        ("```\nan open fence that was cut off", ""),
        ("下面是代码：\n```python\nfor word in words:\n    print(word)\n```", "zh"),
        ("Use `len(x)` for that.", "en"),
        ("def add(a, b):\n    return (a + b)", ""),
        ("https://example.org/some/long/path 看这里", "zh"),
        ("write to someone@example.org", "en"),
    ],
)
def test_language(text: str, expected: str):
    assert language(text) == expected


@given(
    st.text(alphabet="天地玄黄宇宙洪荒", min_size=1),
    st.text(alphabet="0123456789 \n，。", max_size=20),
)
def test_chinese_stays_chinese_among_numbers_and_marks(words: str, rest: str):
    assert language(rest + words + rest) == "zh"


@given(st.text())
def test_any_text_has_an_answer(text: str):
    assert language(text) in ("zh", "en", "other", "")


@pytest.mark.parametrize(
    "unit", ["a", "<", "`", "{", "a@", "$$", "\\[", "<a", "def (\n", "a.@-", "_", "\n"]
)
def test_no_text_takes_long(unit: str):
    began = time.process_time()
    language(unit * 200_000)
    assert time.process_time() - began < 1
