"""Rules of one version draft one thing, to the last byte: Label Studio asks again only for another.

The texts are glued together of what the rules look for, in both languages and in any letter case.
Whoever changes a draft on purpose raises `rules.VERSION` and writes down the new hash.
"""

from __future__ import annotations

import hashlib
import json
import random
from dataclasses import asdict

import pytest

from goldleaf.backend.predictors import rules
from goldleaf.core.records import Candidate, Comparison, Demonstration, ToolCall, Turn
from goldleaf.label_configs.registry import kind_named, kinds

DRAFTS = {
    ("8", "dialogue"): "183f6c223735e2d9",
    ("8", "instruction"): "5eec85169727f281",
    ("8", "preference"): "ffb3c69b3d73675f",
    ("8", "ranking"): "f7eb5a3aab8249e8",
    ("8", "reasoning"): "087fbc47ecd8440f",
    ("8", "refusal"): "2ac3937ddef27838",
    ("8", "tool_use"): "bb3af7b8d3128d52",
}
PIECES = [
    *(
        "I'm sorry, but I can't help with that. ",
        "i CANNOT assist. ",
        "I\u2019m unable to provide it. ",
    ),
    *(
        "As an AI, ",
        "I must decline. ",
        "my guidelines prevent it. ",
        "It is illegal. ",
        "Unethıcal. ",
    ),
    *(
        "If you are looking for help, ",
        "It may be best to ask. ",
        "He is fictional. ",
        "no access to it ",
    ),
    *(
        "However, here is a list:\n1. one\n2. two\n3. three\n",
        "```py\nprint(1)\n```\n",
        "```open\n",
    ),
    *(
        "kill a process ",
        "How do I KILL him? ",
        "ſelf-harm ",
        "kİll ",
        "buy drugs ",
        "3d printed gun ",
    ),
    *(
        "我不能提供帮助。",
        "抱歉，无法回答。",
        "违法的内容。",
        "如果您需要帮助，",
        "首先，",
        "杀人",
        "翻译成英文",
    ),
    *(
        "Assistant: ",
        "\nHuman: ",
        "&amp;",
        "</s>",
        "[Your name]",
        "<|im_end|>",
        "bell\x07",
        "TODO ",
        "\u200b",
        "\u2003",
        "\t",
        "  ",
    ),
    *(
        "The same sentence again. ",
        "The same sentence again. ",
        "#tag",
        "\n\n",
        "\r\n",
        "say {x};\n",
    ),
    *(
        "Ein Wort über Öl. ",
        "`a_b` 12 ",
        "http://a.b/c ",
        '"quoted" ',
        "“引用” ",
        "no end to this text, ",
    ),
]


def text(chance: random.Random) -> str:
    return "".join(chance.choices(PIECES, k=chance.randint(0, 9)))


ANSWERS = {"preference": 2, "ranking": 4}
TOOL = {
    "type": "function",
    "function": {
        "name": "add",
        "parameters": {"type": "object", "properties": {"n": {"type": "integer"}}},
    },
}
STEPS = ("2 + 2 = 4\n", "7 * 6 = 41\n", "So it is 12.\n\n", "#### 12", "#### no number\n")
ARGUMENTS = ({"n": 3}, {"n": "three"}, {}, {"m": [1]})
WRITTEN = (
    '{"name": "add", "arguments": {"n": 3}}',
    '{"name": "add"',
    '{"n": 3}',
    "SELECT n FROM t",
)


def data(kind: str, chance: random.Random) -> dict[str, object]:
    asked = (Turn("user", text(chance).strip() or "?"),)
    answers = [(Turn("assistant", text(chance)),) for _ in range(ANSWERS.get(kind, 2))]
    to_task = kind_named(kind).codec.to_task
    if kind in ANSWERS:
        return dict(to_task(Comparison(asked, tuple(map(Candidate, answers)))))
    if kind == "dialogue":
        again = Turn("user", text(chance).strip() or "And?")
        return dict(to_task(Demonstration((*asked, *answers[0], again), answers[1])))
    if kind == "reasoning":
        chain = Turn("assistant", "".join(chance.choices(STEPS, k=chance.randint(0, 6))))
        return dict(to_task(Demonstration(asked, (chain,))))
    if kind == "tool_use":
        call = ToolCall(chance.choice(("add", "other")), chance.choice(ARGUMENTS))
        spoken = Turn("assistant", chance.choice(PIECES), tool_calls=(call,))
        written = Turn("assistant", chance.choice(WRITTEN))
        output = chance.choice((*answers[0], written, spoken))
        return dict(to_task(Demonstration(asked, (output,), (TOOL,))))
    return dict(to_task(Demonstration(asked, answers[0])))


@pytest.mark.parametrize("name", sorted(kinds()))
def test_a_version_drafts_the_same_to_the_last_byte(name: str):
    chance, kind = random.Random(name), kind_named(name)
    drafts = rules.drafts(kind, [data(name, chance) for _ in range(1500)])
    assert sum(draft is not None for draft in drafts) > 300
    said = json.dumps([draft and asdict(draft) for draft in drafts], sort_keys=True)
    assert hashlib.sha256(said.encode()).hexdigest()[:16] == DRAFTS[rules.VERSION, name]
