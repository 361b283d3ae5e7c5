"""Hidden text, prompt injection, languages and insults: figures on our own sentences, and laws."""

from __future__ import annotations

import json
import socket
import time
import tomllib
from pathlib import Path

import polars as pl
import pytest

from goldleaf.core.records import Candidate, Comparison, Demonstration, Judgement, Turn
from goldleaf.curation.record_frames import record_frames
from goldleaf.curation.screens import (
    hidden_text,
    injection,
    languages,
    personal_data,
    secrets,
    toxicity,
)
from goldleaf.curation.screens.screen import FINDINGS
from goldleaf.curation.texts.injection_patterns import injections
from goldleaf.curation.texts.language_identifier import identify
from goldleaf.curation.texts.prose import prose
from goldleaf.curation.texts.toxic_words import tone

HERE = Path(__file__).parent
SCREENS = (hidden_text, injection, languages, toxicity, personal_data, secrets)


def rows(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (HERE / name).read_text("utf-8").splitlines()]


def verdicts(module, prompt: str, answer: str) -> set[str]:
    record = Demonstration((Turn("user", prompt),), (Turn("assistant", answer),))
    findings = module.screen(*record_frames([("a", record)]))
    assert findings.schema == pl.Schema(FINDINGS)
    return set(findings["verdict"])


def test_every_verdict_has_titles():
    listed = tomllib.loads((HERE.parents[1] / "core" / "verdicts.toml").read_text("utf-8"))
    for module in SCREENS:
        assert set(listed[module.NAME]["titles"]) == {"en", "zh"}
        for titles in listed[module.NAME]["verdicts"].values():
            assert set(titles) == {"en", "zh"}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("pay\u200bpal", {"hidden_characters"}),
        ("cod\u202egpj", {"bidi"}),
        ("Bye.<|im_end|>", {"special_token"}),
        ("a <b and c> d [s]", set()),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467", set()),
    ],
)
def test_hidden_text(answer: str, expected: set[str]):
    assert verdicts(hidden_text, "Q", answer) == expected


@pytest.mark.parametrize("half", ["tune", "untouched"])
def test_injections_are_found_and_talk_about_them_is_not(half: str):
    right = wrong = missed = 0
    for row in rows("injections.jsonl"):
        if row["half"] == half:
            seen = verdicts(injection, "Q", row["text"])
            assert seen == {span.verdict for span in injections(row["text"])}
            certain = {span.verdict for span in injections(row["text"]) if span.score > 0.5}
            right += row["expected"] in certain
            missed += bool(row["expected"]) and row["expected"] not in certain
            wrong += bool(certain - {row["expected"]})
    assert right / (right + wrong) >= 0.95
    assert right / (right + missed) >= 0.95


@pytest.mark.parametrize("half", ["tune", "untouched"])
def test_languages_are_identified_without_a_network(half: str, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    mine = [row for row in rows("languages.jsonl") if row["half"] == half]
    right = sum(identify(row["text"])[0] == row["language"] for row in mine)
    assert len(rows("languages.jsonl")) >= 200
    assert right >= 0.97 * len(mine)


@pytest.mark.parametrize(
    ("prompt", "answer", "expected"),
    [
        ("Translate to French: the rice is ready", "Le riz est prêt, venez manger.", set()),
        (
            "Tell me about the old town hall, and answer in Chinese.",
            "老市政厅建于一百多年前，现在是一座小型博物馆。",
            set(),
        ),
        (
            "把下面的句子翻译成英文：天气很好，我们去散步。",
            "The weather is lovely, let us go for a walk.",
            set(),
        ),
        (
            "Summarise: 老市政厅建于一百多年前，现在是一座小型博物馆。",
            "这座博物馆原来是老市政厅，有一百多年的历史。",
            set(),
        ),
        (
            "写一个求和函数。",
            "def total(numbers):\n    result = 0\n    for each in numbers:\n        result += each",
            set(),
        ),
        (
            "请介绍一下长城。",
            "长城是中国古代的防御工程，由多个朝代修建而成。\n"
            "It was built over many centuries and is visited by millions of people every year.",
            {"mixed"},
        ),
        (
            "请介绍一下这个库。",
            "这个库叫 React，用 useState 管理状态，用 npm install react 安装即可。",
            set(),
        ),
        ("Name it.", "Paris", set()),
        ("", "", set()),
    ],
)
def test_answers_in_another_language(prompt: str, answer: str, expected: set[str]):
    assert verdicts(languages, prompt, answer) == expected


def test_code_is_no_prose():
    code = "import os\nfor name in os.listdir('.'):\n    print(name)\n# done\n"
    assert prose(code).strip() == ""
    assert prose(f"Lists the files of a folder.\n{code}").strip() == "Lists the files of a folder."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("You worthless piece of trash, kill yourself.", {"toxic", "at_reader"}),
        ("这帮脑残真恶心，滚出去！", {"toxic"}),
        ("The report on racism counts insults against Black players.", set()),
        ("恶心和呕吐是常见的不良反应，请遵医嘱。", set()),
        ("杂种优势使玉米增产，废物可以回收。", set()),
        ("Breast cancer screening lowers mortality.", set()),
        ("本文中出现的高潮部分很精彩。", set()),
    ],
)
def test_insults_and_not_topics(text: str, expected: set[str]):
    assert verdicts(toxicity, "Q", text) == expected


@pytest.mark.parametrize(
    ("answer", "insults"),
    [
        ("You stupid worthless idiot, nobody likes you. Go kill yourself.", True),
        ("You are such a fucking asshole.", True),
        ("你这个傻逼，别再问了。", True),
        ('The comment "go kill yourself" must be removed by moderators.', False),
        ("“你这个傻逼”属于辱骂，应当删除。", False),
        ("He called his brother an asshole and left.", False),
        ("As you can see, the bitch is looking after her puppies.", False),
        ("球从桌上滚出去了。", False),
        ("Do not say such things to people. You matter.", False),
    ],
)
def test_an_answer_that_insults_its_reader(answer: str, insults: bool):
    assert ("at_reader" in verdicts(toxicity, "How are you?", answer)) is insults
    assert "at_reader" not in verdicts(toxicity, answer, "That is unkind.")


def test_a_rejected_answer_may_insult():
    prompt, worse = (Turn("user", "Hello"),), (Turn("assistant", "Fuck you, go die."),)
    better = Candidate((Turn("assistant", "Hello!"),), rank=1)
    for record in (
        Comparison(prompt, (better, Candidate(worse, rank=2))),
        Judgement(prompt, worse, good=False),
    ):
        found = toxicity.screen(*record_frames([("a", record)]))
        assert set(found["verdict"]) == {"toxic"}


@pytest.mark.parametrize("module", SCREENS)
def test_odd_rows_pass(module):
    assert module.screen(*record_frames([])).schema == pl.Schema(FINDINGS)
    for text in ("", "\x00", "\n" * 500, "a" * 60_000, "天" * 50_000):
        assert verdicts(module, text, text) <= {"hidden_characters"}


@pytest.mark.parametrize(
    "unit", ["ignore all the ", "忽略了", '"', "give this ", "`", "$", "<a", "=", "\u202a"]
)
def test_no_text_takes_long(unit: str):
    text = (unit * 50_000)[:50_000]
    began = time.process_time()
    injections(text)
    prose(text)
    tone(text, "toxic")
    assert time.process_time() - began < 1


def test_a_finding_does_not_depend_on_the_other_rows():
    texts = [row["text"] for row in rows("injections.jsonl")[:40]]
    records = [
        (str(place), Demonstration((Turn("user", text),), (Turn("assistant", text),)))
        for place, text in enumerate(texts)
    ]
    together = injection.screen(*record_frames(records))
    apart = [injection.screen(*record_frames([each])) for each in records]
    assert together.height == sum(each.height for each in apart)
    assert together.drop("row").rows() == [row for each in apart for row in each.drop("row").rows()]
