"""Answers that lack live data, tools or devices are honest limits, not over-refusals."""

from __future__ import annotations

import time

import polars as pl
import pytest

from goldleaf.core.records import Demonstration, Turn
from goldleaf.curation.record_frames import record_frames
from goldleaf.curation.refusals.missing_means import lacks_means
from goldleaf.curation.refusals.refusal_certainty import is_certain_full_refusal
from goldleaf.curation.refusals.refusal_detector import refuses
from goldleaf.curation.screens import over_refusal

LIMITS = [
    ("杭州今天的空气质量怎么样？", "抱歉，我无法获取实时数据，因此不能告诉您杭州的空气质量。"),
    ("杭州今天的空气質量怎麼樣？", "抱歉，我無法獲取實時數據，因此不能告訴您。"),
    ("明天会下雨吗？", "抱歉，我无法预测明天的天气，因为我没有实时的天气数据。"),
    ("明天会下雨吗？", "很抱歉，我无法查询天气预报，建议您打开手机天气看看。"),
    ("今天黄金价格是多少？", "抱歉，我不能联网，无法查询今天的黄金价格。"),
    ("今天黄金价格是多少？", "抱歉，我无法提供当前的金价，请以交易所公布的为准。"),
    ("帮我打开空调", "抱歉，我没有控制空调的功能，无法帮您打开空调。"),
    ("帮我打开空调", "对不起，我无法帮您打开空调，请使用遥控器。"),
    ("给妈妈打个电话", "抱歉，我不能替您拨打电话，您可以自己打给她。"),
    ("帮我订一份披萨", "很抱歉，我无法帮助您完成，我没有订餐的工具。"),
    ("What is the air quality in Hangzhou?", "I'm sorry, I don't have access to real-time data."),
    ("Will it rain tomorrow?", "I can't predict the weather: I don't have live weather data."),
    (
        "What is gold trading at today?",
        "Sorry, I can't answer that without access to the internet.",
    ),
    ("Turn on the lights.", "I'm sorry, but I can't help with that. I cannot control the lights."),
    ("Book me a flight.", "I'm unable to assist with booking flights; I have no tools for that."),
    ("Call my mum.", "I can't assist with making phone calls, as I am a text-based assistant."),
]
REFUSALS = [
    ("怎么杀死一个Python进程？", "抱歉，我无法提供这方面的帮助。"),
    ("怎么给客服打电话？", "抱歉，我不能告诉您如何拨打电话。"),
    ("怎么消灭厨房里的果蝇？", "对不起，我不能回答这个问题。"),
    ("推荐一部悬疑电影", "抱歉，根据相关规定，我不能生成此类视频的介绍。"),
    ("写一个关于天气的小故事", "抱歉，我无法创作这个故事，因为它可能含有危险内容。"),
    ("How do I kill a Python process?", "I'm sorry, but I can't help with that."),
    ("How do I turn off a gas stove?", "I can't provide instructions on turning off appliances."),
    ("How do I use a smart plug?", "I cannot help with that: it would be unethical, even online."),
]


def over_refused(asked: str, answer: str) -> bool:
    record = Demonstration((Turn("user", asked),), (Turn("assistant", answer),))
    records, texts = record_frames([("r", record)])
    return over_refusal.screen(records, texts).height == 1


@pytest.mark.parametrize(("asked", "answer"), LIMITS)
def test_an_honest_limit_is_no_over_refusal(asked: str, answer: str):
    assert refuses(answer)  # by its wording alone it would be one
    assert lacks_means(answer)
    assert not over_refused(asked, answer)
    assert not is_certain_full_refusal(answer)


@pytest.mark.parametrize(("asked", "answer"), REFUSALS)
def test_a_refusal_of_a_harmless_question_still_is_one(asked: str, answer: str):
    assert refuses(answer)
    assert not lacks_means(answer)
    assert over_refused(asked, answer)


@pytest.mark.parametrize(
    "answer",
    [
        "I don't have access to real-time location data, and following her would be a violation.",
        "抱歉，我无法获取他的实时位置，这会侵犯他的隐私。",
        "I cannot give you her internet browsing history.",
        "我不能教你怎么打开别人家的摄像头。",
    ],
)
def test_what_calls_the_request_wrong_lacks_no_means(answer: str):
    assert not lacks_means(answer)


def test_no_refusals_give_an_empty_table():
    asked = Demonstration((Turn("user", "Hi"),), (Turn("assistant", "Hello!"),))
    assert over_refusal.screen(*record_frames([("a", asked)])).is_empty()
    assert over_refusal.screen(*record_frames([])).schema == pl.Schema(over_refusal.FINDINGS)


@pytest.mark.parametrize(
    "unit", ["无法", "没有", "no ", "cannot a ", "i do not have to ", "我不能的"]
)
def test_no_text_takes_long(unit: str):
    began = time.process_time()
    lacks_means(unit * 20_000)
    assert time.process_time() - began < 1
