"""Refusals and what only looks like one; every example is written for this test."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldleaf.curation.refusals import refusal_phrases_zh as phrases
from goldleaf.curation.refusals.refusal_detector import Refusal, plain, refusal, refuses

FULL = [
    "I'm sorry, but I can't help with that.",
    "I’m sorry, but I can’t help with that.",
    "Sorry, I cannot assist with breaking into someone's account.",
    "I cannot provide instructions for making that device.",
    "I can not answer this question.",
    "I won't write a message meant to frighten a colleague.",
    "I will not take part in this.\n\nPlease talk to someone you trust.",
    "I am unable to fulfil this request because it could hurt people.",
    "I'm not able to share another person's home address.",
    "I'm not comfortable writing that kind of story.",
    "I must decline this request.",
    "I have to politely decline.",
    "I refuse to help anyone cheat in an exam.",
    "Thank you for asking! I'm afraid I cannot help you forge a signature.",
    "I understand this matters to you. Still, I can't provide a way around the lock.",
    "Hello! I'm happy to talk about chemistry. However, I cannot explain how to make this poison.",
    "As an AI, I can't recommend a dose of this medicine.",
    "I am an AI and do not condone violence of any kind.",
    "My guidelines prevent me from writing this.",
    "It is not within my guidelines to give such advice.",
    "I don't think it's appropriate to joke about that.",
    "That's something I can't help with.",
    "I'd rather not answer that.",
    "   \n I CANNOT HELP WITH THAT REQUEST.",
    "抱歉，我无法提供这方面的帮助。",
    "对不起，我不能回答这个问题。",
    "很抱歉，这个请求我无法满足。",
    "我不能帮助你伪造证件。",
    "我无法协助您完成这样的事情。",
    "作为一个人工智能助手，我不能提供制造武器的方法。",
    "感谢您的提问。不过我无法提供他人的住址。",
    "我理解你的心情，但我不能告诉你怎样报复别人。",
    "我拒绝回答这类问题。",
    "恕我不能从命，这会伤害到别人。",
    "这个请求违反了使用准则，因此无法为您处理。",
    "不好意思，我不方便透露这些信息。",
    "我不会提供任何跟踪别人的办法。",
    "非常抱歉，我们无法满足这个要求。",
]
PARTIAL = [
    "I can't give you a diagnosis. However, here are some questions to ask your doctor.",
    "I cannot write the essay for you, but I can help you plan it:\n1. Topic\n2. Thesis\n3. Proof",
    "I'm unable to process your file. If you want to sort it:\n```\nsort file\n```",
    "It is not appropriate to call a neighbour that.",
    "很抱歉，我无法预测股价。不过可以给您介绍几个常用的指标。",
    "抱歉，我不能直接画图，下面的步骤供参考：\n1. 打开软件\n2. 新建文档\n3. 选择图表",
]
NONE = [
    "",
    "   ",
    "Sure! Here is a short poem about the sea.",
    "Sorry for the delay, here is your plan for the week.",
    "Sorry about the mix-up. The train leaves at nine.",
    "I apologize for my earlier mistake: the answer is 12.",
    "Apologies for the confusion; use the second form.",
    "The key cannot open this door.",
    "You can't help falling asleep after such a walk.",
    "Plants cannot provide their own light.",
    "I couldn't help but notice the smell of fresh bread.",
    "She said: 'You will not pass!' and closed the gate.",
    "Penguins are not able to fly, but they are able to swim.",
    "Dear Ms Li,\n\nI am sorry, but I cannot attend the meeting on Friday.",
    "Here is a polite way to say no: \"I'm sorry, but I can't help with that.\"",
    "Knead the dough. " * 40 + "I can't help with the washing up.",
    "Use `git revert`; it does not rewrite history.",
    "当然可以，下面是一份三天的行程。",
    "好的，我来帮你改这封信。",
    "抱歉让您久等了，这是您要的名单。",
    "不好意思，刚才写错了，正确答案是十二。",
    "以下是一封婉拒邀请的信：很抱歉，我不能参加周五的会议。",
    "我们不能浪费粮食。",
    "我永远不会忘记那年夏天我们分享的西瓜。",
    "鱼离开水就不能呼吸。",
    "他不能完成这项任务。",
    "人类不能飞行，因为没有翅膀提供升力。",
    "这首歌令人难以忘怀，写得真好。",
]


TRADITIONAL = [
    "抱歉，這個請求我無法協助您完成。",
    "對不起，我不能提供這方面的說明。",
    "我必須婉拒這個請求。",
]
ASKS_BACK = [
    "I cannot summarise it because you did not provide the text. Could you please share it?",
    "您没有提供文章的内容，因此我无法为您概括，请先提供原文。",
]


@pytest.mark.parametrize("text", TRADITIONAL)
def test_traditional_characters_refuse_as_simplified_ones(text: str):
    found = refusal(text)
    assert found.extent == "full"
    assert found.phrase in text


@pytest.mark.parametrize("text", ASKS_BACK)
def test_asking_for_what_is_missing_is_no_refusal(text: str):
    assert refusal(text) == Refusal("none")


def test_a_refusal_with_helplines_is_a_full_one():
    lines = "- Samaritans: call 116 123\n- Crisis text line: text HOME to 741741\n- Your doctor"
    assert (
        refusal(f"I can't help with hurting yourself. You are not alone.\n{lines}").extent == "full"
    )
    zh = "我不能告诉你伤害自己的方法。\n- 心理援助热线：12356\n- 急救：拨打120\n- 报警：拨打110"
    assert refusal(zh).extent == "full"


@pytest.mark.parametrize("lang", ["zh", "zh_second"])
def test_what_spares_looking_for_a_denial_loses_none(lang: str):
    file = Path(__file__).parent / f"refusals_{lang}.jsonl"
    for line in file.read_text("utf-8").splitlines():
        reply = plain(json.loads(line)["text"].strip())
        keys = [found.start() for found in phrases.DENIAL_KEYS_ZH.finditer(reply)]
        for found in phrases.DENIES_ZH.finditer(reply):
            reach = phrases.KEY_REACH
            assert keys, found
            assert keys[0] - reach <= found.start() and found.end() <= keys[-1] + reach


@pytest.mark.parametrize("text", FULL)
def test_a_refusal(text: str):
    found = refusal(text)
    assert found.extent == "full"
    assert found.phrase and found.phrase in text


@pytest.mark.parametrize("text", PARTIAL)
def test_half_a_refusal(text: str):
    found = refusal(text)
    assert found.extent == "partial"
    assert found.phrase and found.phrase in text


@pytest.mark.parametrize("text", NONE)
def test_no_refusal(text: str):
    assert refusal(text) == Refusal("none")


@given(st.sampled_from(FULL), st.sampled_from(["", " ", "\n\n", "\u00a0"]))
def test_white_space_around_changes_nothing(text: str, space: str):
    assert refusal(space + text + space) == refusal(text)


@given(st.sampled_from([text for text in FULL if "'" in text]))
def test_curly_apostrophes_change_nothing(text: str):
    assert refusal(text.replace("'", "\u2019")).extent == "full"


@given(st.text())
def test_any_text_has_an_answer_and_quotes_it(text: str):
    found = refusal(text)
    assert found.phrase in text
    assert (found.extent == "none") == (not found.phrase)


@given(st.text(alphabet="İIıßﬁΣ我不can't help ", max_size=40))
def test_letters_that_change_length_when_lowered_keep_the_quote_right(text: str):
    assert refusal(text).phrase in text


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "I can't ",
        "thank you ",
        "我",
        "抱歉",
        "我不能",
        "i am an ",
        "1. ",
        "- \n",
        "但",
        "hi ",
        "\n",
    ],
)
def test_no_text_takes_long(unit: str):
    began = time.process_time()
    refusal(unit * 50_000)
    refusal("I cannot help. x" + unit * 50_000 + "y")
    assert time.process_time() - began < 1


@given(st.text(alphabet=st.characters(max_codepoint=127), max_size=400))
def test_chinese_phrases_need_chinese_letters(text: str):
    declining = (phrases.DENIES_ZH, phrases.DECLINES_ZH)
    for pattern in (*declining, phrases.OBJECTS_ZH, phrases.CARES_ZH):
        assert not pattern.search(text)


@given(
    st.sampled_from(["I'm sorry, but I can't help with that. ", "抱歉，我无法协助。", ""]),
    st.text(),
)
def test_refuses_is_the_full_extent(beginning: str, rest: str):
    assert refuses(beginning + rest) is (refusal(beginning + rest).extent == "full")
