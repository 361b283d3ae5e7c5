"""Personal data and secrets: figures on our own texts, kinds and look-alikes, redaction's laws."""

from __future__ import annotations

import json
import re
import time
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldleaf.core.record_texts import record_texts
from goldleaf.core.records import (
    Candidate,
    Comparison,
    Demonstration,
    Judgement,
    Step,
    ToolCall,
    Turn,
)
from goldleaf.curation.private_data.personal_data import personal_data
from goldleaf.curation.private_data.redact_text import private_spans, redact, redacted_record
from goldleaf.curation.private_data.secret_patterns import secrets
from goldleaf.curation.record_frames import record_frames
from goldleaf.curation.screens import personal_data as pii
from goldleaf.curation.screens import secrets as secret
from goldleaf.curation.screens.screen import FINDINGS
from goldleaf.curation.texts.text_spans import Span, without_overlaps

FILE = Path(__file__).parent / "personal_data.jsonl"
ROWS = [json.loads(line) for line in FILE.read_text("utf-8").replace("⁂", "").splitlines()]
"""The marker keeps scanners of code hosts from taking invented keys for real ones."""


def plain(text: str) -> str:
    return re.sub(r"[\W_]", "", text).casefold()


def found(text: str) -> list[tuple[str, str]]:
    return [(span.verdict, plain(text[span.start : span.end])) for span in private_spans(text)]


def test_the_texts_are_many_and_half_are_clean():
    assert len(ROWS) == 600
    assert len({row["text"] for row in ROWS}) == 600
    for language in ("en", "zh"):
        of_language = [row for row in ROWS if row["language"] == language]
        assert sum(not row["expected"] for row in of_language) == len(of_language) / 2 == 150


@pytest.mark.parametrize("half", ["tune", "untouched"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_personal_data_is_found_and_hardly_anything_else(half: str, language: str):
    right = wrong = missed = 0
    for row in ROWS:
        if (row["half"], row["language"]) != (half, language):
            continue
        got = [(kind, value) for kind, value in found(row["text"]) if kind != "address"]
        for each in row["expected"]:
            pair = each["kind"], plain(each["value"])
            if pair in got:
                got.remove(pair)
                right += 1
            elif each["kind"] != "address":
                missed += 1
        wrong += len(got)
    assert right / (right + wrong) >= 0.95
    assert right / (right + missed) >= 0.95


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Write to mira.holt [at] quillmoor [dot] org.", "email"),
        ("电话：＋８６ １３９００００４８２１", "phone"),
        ("Ring me on +44 20 7946 0345.", "phone"),
        ("汇款账号DE75512108001245126199即可", "iban"),
        ("pay with 4000 0012 3456 7899 03/30", "bank_card"),
        ("证件 11010519030312001X", ""),
        ("Order 4000000000000002 shipped", ""),
        ("I moved to 17 Old Quarry Lane, Flat 3.", "address"),
        ("我家在青禾市临江区桂花路417号3栋502室。", "address"),
        ("The host 2a0d:beef:77:1::11 is down", "ip"),
        ("version 11.84.203.19 of the firmware", ""),
        ("we have 13900004821 yuan? no, 13900004821元", ""),
    ],
)
def test_kinds_and_look_alikes(text: str, kind: str):
    assert {span.verdict for span in personal_data(text)} == ({kind} if kind else set())


@pytest.mark.parametrize(
    "text",
    [
        "SAMHSA's National Helpline is 1-800-662-4357, free and at any hour.",
        "Human trafficking: 1-888-373-7888. Trevor Project: 1 866 488 7386.",
        "Call 1-866-331-9474 or 1.877.565.8860.",
        "Poison Control: 1 (800) 222-1222, from abroad +1 800 222 1222",
        "Dial 1(833)222-1222, 1-(844)-222-1222 or 855-222-1222.",
        "美国的自杀热线是1-800-273-8255，24小时有人接听。",
        "Mind's Infoline answers on 0300 123 3393.",
        "Call the Beijing crisis line on 010-82951332.",
        "Poison helpline: 212-764-7667",
        "010-82951332 (Beijing crisis hotline)",
        "北京市心理援助热线（24小时）：010-82951332",
        "请拨打心理援助热线400-161-9995或010-82951332。",
        "010-82951332是北京的心理危机干预热线。",
        "青少年服务台12355，举报电话：010-62781234",
        "The museum in the novel: 020 7946 0000.",
        "A sample address is example@gmail.com.",
        "Sender: noreply@github.com or no-reply@accounts.google.com",
        "Do not answer donotreply@bank.de",
        "Fields: username@outlook.com, test@gmail.com, test.user1@gmail.com, name@qq.com",
        "邮箱格式例如 example@163.com 或 user123@qq.com",
        "系统邮件来自 noreply@mail.dongzhi.cn，请勿回复。",
    ],
)
def test_numbers_of_services_and_addresses_of_nobody_stay(text: str):
    assert private_spans(text) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("我的电话18006624357", "18006624357"),
        ("手机 180-0662-4357，微信同号", "180-0662-4357"),
        ("联系人王工 180 0662 4357", "180 0662 4357"),
        ("Call me on 1-212-764-7667.", "1-212-764-7667"),
        ("热线打不通，打我家座机010-82951332", "010-82951332"),
        ("家里电话010-82951332，客服热线400-161-9995", "010-82951332"),
        ("王先生的热线是13812345679", "13812345679"),
        ("Call the hotline or my mother at 212-764-7667", "212-764-7667"),
        ("Ring Aunt May on 020 7946 0321.", "020 7946 0321"),
        ("Mail user.lee@gmail.com", "user.lee@gmail.com"),
        ("write to testa@farrowgate.dk", "testa@farrowgate.dk"),
        ("联系 name.lee@qq.com", "name.lee@qq.com"),
        ("Our firm: info@farrowgate.dk", "info@farrowgate.dk"),
    ],
)
def test_what_only_looks_like_a_service_or_an_example_is_found(text: str, value: str):
    assert [text[span.start : span.end] for span in private_spans(text)] == [value]


@pytest.mark.parametrize(
    ("text", "region"),
    [("Call 1-212-764-7667", "US"), ("Ring 020 7946 0321", "GB"), ("电话010-82951332", "CN")],
)
def test_a_number_is_named_by_its_country(text: str, region: str):
    assert [span.reason for span in personal_data(text)] == [f"phone number ({region})"]


def test_no_reason_repeats_what_was_found():
    for row in ROWS:
        for span in private_spans(row["text"]):
            value = row["text"][span.start : span.end]
            assert value not in span.reason
            assert not re.search(r"[\w-]{6,}", value) or value[:6] not in span.reason


def test_screens_give_places_in_the_text_they_name():
    text = "Call 13900004821 or write to ann.moor@farrowgate.dk, hf_" + "qWxRtYzPlK" * 3 + "vBnM"
    record = Demonstration((Turn("user", "Hi"),), (Turn("assistant", text),))
    records, texts = record_frames([("a", record)])
    findings = pl.concat([pii.screen(records, texts), secret.screen(records, texts)])
    assert findings.schema == pl.Schema(FINDINGS)
    places = {
        row["verdict"]: text[row["start"] : row["end"]] for row in findings.iter_rows(named=True)
    }
    assert places["phone"] == "13900004821"
    assert places["email"] == "ann.moor@farrowgate.dk"
    assert places["secret"].startswith("hf_")
    assert set(findings["field"]) == {"response[0].content"}


@pytest.mark.parametrize("module", [pii, secret])
def test_screens_take_no_rows_and_odd_ones(module):
    empty = record_frames([])
    assert module.screen(*empty).schema == pl.Schema(FINDINGS)
    odd = Demonstration((), (Turn("assistant", ""),), tools=({"name": "f", "n": [1, None]},))
    assert module.screen(*record_frames([("a", odd)])).height == 0


@pytest.mark.parametrize(
    "unit",
    [
        "1",
        "1 ",
        "a@",
        "a@b.co ",
        "A1 ",
        "12 Aa ",
        "2001:",
        "中国",
        "微信 ",
        "plate ",
        "AKIA",
        "eyJ",
    ],
)
def test_no_text_takes_long(unit: str):
    text = (unit * 50_000)[:50_000]
    began = time.process_time()
    personal_data(text)
    secrets(text)
    assert time.process_time() - began < 1


PRIVATE = (
    "13900004821|139 0000 4821|ann.moor@farrowgate.dk|[EMAIL_1]|[PHONE_7]|22.41.188.7"
    "|微信号moyu_daren99|电话|passport E00004417|沪C00X52"
).split("|")
private = st.sampled_from([*PRIVATE, "AKIA" + "Q7WPZ3XK2MNB5VCD"])
words = st.lists(st.one_of(private, st.text(max_size=12)), max_size=6).map(" ".join)


def record_of(first: str, second: str, third: str) -> Demonstration:
    call = ToolCall("send", {"to": second, "n": 3, "deep": [{"a": third, second: True}, None, 1.5]})
    return Demonstration(
        (Turn("system", third), Turn("user", first)),
        (Turn("assistant", second, reasoning=first, tool_calls=(call,)),),
        tools=({"name": "send", "description": "mail ann.moor@farrowgate.dk"},),
    )


@given(words, words, words)
@settings(max_examples=25, deadline=None)
def test_redaction_is_idempotent_and_complete(first: str, second: str, third: str):
    record = record_of(first, second, third)
    once = redacted_record(record)
    assert redacted_record(once) is once
    assert once.tools[0]["name"] == "send"
    for _, text in record_texts(once):
        assert not private_spans(text)
    assert isinstance(once, Demonstration)
    json.dumps(once.response[0].tool_calls[0].arguments)


@given(st.text(alphabet="abc xyz,.天地", max_size=60))
@settings(max_examples=20, deadline=None)
def test_a_clean_record_stays_the_same_object(text: str):
    record = Demonstration((Turn("user", text),), (Turn("assistant", text),))
    assert redacted_record(record) is record


def test_equal_values_get_equal_numbers_in_all_texts_of_a_record():
    record = Judgement(
        (Turn("user", "I am ann.moor@farrowgate.dk, phone 13900004821."),),
        (
            Turn(
                "assistant",
                "Noted: ANN.MOOR@farrowgate.dk and 139 0000 4821; mine is bo@farrowgate.dk",
            ),
        ),
        steps=(Step("Mail bo@farrowgate.dk"),),
    )
    redacted = redacted_record(record)
    assert isinstance(redacted, Judgement)
    assert redacted.context[0].content == "I am [EMAIL_1], phone [PHONE_1]."
    assert redacted.response[0].content == "Noted: [EMAIL_1] and [PHONE_1]; mine is [EMAIL_2]"
    assert redacted.steps[0].content == "Mail [EMAIL_2]"


def test_candidates_are_redacted_and_keys_stay_apart():
    call = ToolCall("f", {"bo@farrowgate.dk": 1, "BO@farrowgate.dk": 2})
    turns = (Turn("assistant", "", tool_calls=(call,)),)
    record = Comparison(
        (Turn("user", "Q"),), (Candidate(turns), Candidate((Turn("assistant", "b"),)))
    )
    redacted = redacted_record(record)
    assert isinstance(redacted, Comparison)
    arguments = redacted.candidates[0].turns[0].tool_calls[0].arguments
    assert sorted(arguments.values()) == [1, 2]
    assert not any("farrowgate" in key for key in arguments)


def test_texts_of_declared_tools_are_redacted_and_names_stay():
    tool = {
        "name": "bo@farrowgate.dk",
        "description": "Asks bo@farrowgate.dk",
        "parameters": {"bo@farrowgate.dk": {"enum": ["bo@farrowgate.dk", 3]}},
    }
    record = Demonstration((Turn("user", "Q"),), (Turn("assistant", "A"),), tools=(tool,))
    redacted = redacted_record(record)
    assert redacted.tools[0] == {
        "name": "bo@farrowgate.dk",
        "description": "Asks [EMAIL_1]",
        "parameters": {"bo@farrowgate.dk": {"enum": ["[EMAIL_1]", 3]}},
    }


def test_a_placeholder_of_the_text_is_not_given_to_another_value():
    assert (
        redact("[EMAIL_1] and a@b.dk", [Span(14, 20, "email", 1.0, "")])
        == "[EMAIL_1] and [EMAIL_2]"
    )


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 8)), max_size=20))
def test_spans_never_overlap_and_the_first_stays(pairs: list[tuple[int, int]]):
    spans = [Span(start, start + length, "a", 1.0, "") for start, length in pairs]
    kept = without_overlaps(spans)
    assert all(one.end <= two.start for one, two in pairwise(kept))
    assert not spans or spans[0] in kept
    assert kept == sorted(kept)
