"""What could be tidied in an answer, and what is mended without asking."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldleaf.curation.answer_checks.text_cleanup import SAFE, clean_up

LONG = "The river rises in the hills and runs for many miles through meadows and small towns until "
ZH_LONG = (
    "这条河发源于北部山区，流经许多村庄与田野，两岸种满了柳树和芦苇，每到春天便有成群的候鸟在此停留，"
    * 3
)
PARIS = "The capital of France is Paris, a city on the Seine."


@pytest.mark.parametrize(
    ("text", "prompt", "codes"),
    [
        (PARIS, "", set()),
        ("", "", set()),
        ("42", "", set()),
        (f"  {PARIS}\n", "", {"outer_space"}),
        ("\ufeff" + PARIS, "", {"hidden_characters"}),
        (PARIS.replace("is", "\x07is\u00ad"), "", {"hidden_characters"}),
        ("خانواده\u200cها 👩\u200d👩\u200d👧 live in Paris.", "", set()),
        ("Assistant: " + PARIS, "", {"role_marker"}),
        ("助手：巴黎是法国的首都。", "", {"role_marker"}),
        (f"{PARIS}\nHuman: And Spain?\n", "", {"role_marker", "outer_space"}),
        (f"As an AI language model, {PARIS.lower()}", "", {"boilerplate"}),
        ("As an AI language model, I cannot do that.", "", {"boilerplate"}),
        (
            "作为一个人工智能语言模型，我没有个人喜好。不过，巴黎是一座值得去看看的美丽城市。",
            "",
            {"boilerplate"},
        ),
        ("```python\nprint(1)", "", {"truncated"}),
        ("```python\nprint(1)\n```", "", set()),
        (f"{PARIS}\n\n{PARIS}", "", {"repetition"}),
        (f"{PARIS} {PARIS} {PARIS}", "", {"repetition"}),
        (f"{PARIS} {PARIS} {PARIS}", "Say it three times.", set()),
        (LONG, "", {"truncated", "outer_space"}),
        (
            ZH_LONG + "河水流到下游的时候变得非常缓慢而且宽阔因此人们在这里修建了很多的桥梁和",
            "",
            {"truncated"},
        ),
        (LONG + "\n- one more\n- and another", "", set()),
        (LONG + "the sea.", "", set()),
        (LONG + "the sea. #river", "", set()),
        ("Hello<|im_end|>", "", {"markup"}),
        ("Hello<start_of_turn>user", "", {"markup"}),
        ("First line.<br>Second line.", "", {"markup"}),
        ("First line.<br>Second line.", "Write a web page.", set()),
        ("Use `<br>` to break a line.", "", set()),
        ("Dear [Your Name], see you soon.", "", {"placeholder"}),
        ("尊敬的【此处填写姓名】，您好。", "", {"placeholder"}),
        (
            "巴黎是法国的首都，也是这个国家最大的城市。It is a city on the Seine and very old.",
            "巴黎在哪里？",
            {"mixed_languages"},
        ),
        ("用 Python 的 list comprehension 就可以写得更短。", "怎么写？", set()),
        ("“好久不见”翻译成英文是 long time no see my dear old friend。", "翻译：好久不见", set()),
    ],
)
def test_what_is_seen(text: str, prompt: str, codes: set[str]):
    assert clean_up(text, prompt).codes == codes


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        (f" \n{PARIS}\u00a0", PARIS),
        ("\u200b" + PARIS + "\ufeff", PARIS),
        ("\x1b" + PARIS.replace(" ", " \U000e0041"), PARIS),
        ("### Assistant: " + PARIS, PARIS),
        ("回答： 巴黎。", "巴黎。"),
        (
            "As an AI language model, the capital of France is Paris, you know.",
            "The capital of France is Paris, you know.",
        ),
        ("As an AI, I cannot do that for you, sorry to say.",) * 2,
        (f"{PARIS}\n\n{PARIS}",) * 2,
        ("Assistant:",) * 2,
        ("👩\u200d🚀 is an astronaut.",) * 2,
        ("    indented code", "indented code"),
    ],
)
def test_what_is_mended(text: str, mended: str):
    assert clean_up(text).text == mended


@given(st.text(max_size=200) | st.text(alphabet="`\n .AassistantI:我，\u200b", max_size=80))
def test_places_are_places_and_mending_is_done_once(text: str):
    found = clean_up(text)
    for flaw in found.flaws:
        assert 0 <= flaw.start < flaw.end <= len(text)
        assert flaw.words in text
    if not found.codes & SAFE:
        assert found.text == text
    assert bool(found.text) == bool(text)
    again = clean_up(found.text)
    assert again.text == found.text or "role_marker" in again.codes


@pytest.mark.parametrize(
    "unit", ["a", "a. ", "```\n", "<", "[your ", "作为", "as an ai ", "\n\n", "x" * 30 + "\n\n"]
)
def test_no_text_takes_long(unit: str):
    began = time.process_time()
    clean_up(unit * (200_000 // len(unit)))
    assert time.process_time() - began < 3
