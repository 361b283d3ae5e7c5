"""Special tokens of chat templates and characters that nobody sees: found, without false alarms."""

import doctest
import gzip
import json
import os
from collections import Counter
from pathlib import Path

import pytest

from goldleaf.curation.texts import hidden_characters as hidden_module
from goldleaf.curation.texts import special_tokens as special_module
from goldleaf.curation.texts.hidden_characters import hidden_characters
from goldleaf.curation.texts.special_tokens import special_tokens

DATA = Path(os.environ.get("GOLDLEAF_ROWS", "no rows given"))
TOKENS = [
    *("<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|start_header_id|>"),
    *("<|begin_of_text|>", "<|reserved_special_token_0|>", "<|python_tag|>", "<|eom_id|>"),
    *("<|user|>", "<|assistant|>", "<|observation|>", "[gMASK]", "<sop>", "<arg_key>"),
    *("[INST]", "[/INST]", "<<SYS>>", "<</SYS>>", "<s>", "</s>", "[TOOL_CALLS]"),
    *("[AVAILABLE_TOOLS]", "[/TOOL_RESULTS]", "[SYSTEM_PROMPT]", "[ARGS]", "[THINK]"),
    *("<start_of_turn>", "<end_of_turn>", "<bos>", "<|turn>", "<turn|>", "<|channel>"),
    *("<tool_call>", "</tool_call>", "<tool_response>", "<start_function_call>"),
    *("<｜begin▁of▁sentence｜>", "<｜User｜>", "<｜tool▁calls▁begin｜>", "<｜DSML｜"),
    *("<|START_OF_TURN_TOKEN|>", "<BOS_TOKEN>", "<|channel|>", "<|message|>", "<|im_sep|>"),
    *("<seed:bos>", "<reserved_106>", "<fim_prefix>", "[|user|]", "[EOS]", "]~b]", "[e~["),
]
NO_TOKENS = [
    "xs |> map f <| ys; a <|> b; if a<b|c>d",
    "a[s] = b[INST_1]; [inst]; [ARG]; <S>; <strike>; <system>; <user>",
    "MOSS cites<sup><|1|></sup>",
    "<html><span>text</span></html> [1] [x|y] <- c <<EOF >> x",
    "看到<左|右>的选项，【INST】，《s》，＜s＞",
]
HIDDEN = [
    ("a\u200bb", "U+200B"),
    ("x\u202etxt.exe", "U+202E"),
    ("plain \u2067text", "U+2067"),
    ("hi\U000e0049\U000e0067\U000e006e", "U+E0049 U+E0067 U+E006E"),
    ("\U0001f3f4\U000e0049\U000e0067", "U+E0049 U+E0067"),
    ("bell\x07", "U+0007"),
    ("next\x85line", "U+0085"),
    ("in\ufeffside", "U+FEFF"),
    ("pass\u200dword", "U+200D"),
    ("\u4e2d\u200c\u6587", "U+200C"),
    ("a\U000e0100", "U+E0100"),
    ("❤\ufe0f\ufe01\ufe02", "U+FE01 U+FE02"),
]
SEEN = [
    "👨\u200d👩\u200d👧 ❤\ufe0f\u200d🔥 👩🏽\u200d💻 🏳\ufe0f\u200d🌈 1\ufe0f\u20e3",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "می\u200cخواهم",  # Persian: I want
    "क्\u200dष क्\u200cष",
    "ভাষা র\u200d্যাব",
    "ภาษา\u200bไทย",
    "שלום \u200e(ok)\u200f \u2067אבג\u2069",
    "葛\U000e0100城",
    "tab\tline\r\nend",
]


@pytest.mark.parametrize("token", TOKENS)
def test_a_special_token_is_found_at_its_place(token):
    assert special_tokens(f"before {token} after") == ((7, token),)
    assert special_tokens(token + token)[-1] == (len(token), token)


@pytest.mark.parametrize("text", NO_TOKENS)
def test_what_only_looks_like_one_is_not(text):
    assert special_tokens(text) == ()


@pytest.mark.parametrize(("text", "names"), HIDDEN)
def test_a_hidden_character_is_named(text, names):
    ((place, found),) = hidden_characters(text)
    assert found == names
    assert f"U+{ord(text[place]):04X}" == names.split()[0]


@pytest.mark.parametrize("text", SEEN)
def test_what_a_script_or_an_emoji_needs_is_not_hidden(text):
    assert hidden_characters(text) == ()


@pytest.mark.parametrize("module", [special_module, hidden_module])
def test_the_examples_in_the_docstrings(module):
    assert doctest.testmod(module).failed == 0
    assert doctest.testmod(module).attempted > 0


def texts(value):
    match value:
        case str():
            yield value
        case dict():
            for inner in value.values():
                yield from texts(inner)
        case list():
            for inner in value:
                yield from texts(inner)


@pytest.mark.parametrize(
    ("name", "hidden"),
    [
        ("alpaca_en_52k", 22),
        ("alpaca_zh", 14),
        ("hh_rlhf_harmless_test", 0),
        ("gsm8k_train", 1),
    ],
)
def test_no_false_alarms_on_real_rows(name, hidden):
    """What is found in the real sets was looked at: controls, zero width spaces, a soft hyphen."""
    file = DATA / f"{name}.jsonl.gz"
    if not file.exists():
        pytest.skip(f"no {file}")
    found = Counter()
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            for text in texts(json.loads(line)):
                found["special"] += len(special_tokens(text))
                found["hidden"] += len(hidden_characters(text))
    assert (found["special"], found["hidden"]) == (0, hidden)
