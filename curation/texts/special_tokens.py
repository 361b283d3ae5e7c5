r"""Special tokens of chat templates that stand in a text as plain characters.

A tokenizer reads `<|im_end|>` inside an answer as the end of that answer, even if a user wrote it:
what follows is learned as another role's words. Names are case-sensitive, as tokenizers are.
"""

from __future__ import annotations

import re

SPECIAL_TOKEN = re.compile(
    r"[<\[\]](?:"
    # <|im_start|>, <|eot_id|>, <|endoftext|>, <|user|>, <|START_OF_TURN_TOKEN|>: nearly all models;
    # not <|1|>, by which MOSS cites its sources
    r"(?<=<)\|[A-Za-z][A-Za-z0-9_.\-]{0,47}\|>"
    # DeepSeek, Hunyuan: full-width bars
    r"|(?<=<)/?\uff5c(?:[\w\u2581.\-]{1,48}\uff5c>|DSML\uff5c)"
    # Gemma: turns, tools and channels
    r"|(?<=<)(?:start_of_turn|end_of_turn|bos|eos|sop|eop|eoh|eoa|s|/s|BOS_TOKEN|EOS_TOKEN)>"
    r"|(?<=<)(?:start|end)_function_(?:call|response|declaration)>"
    r"|(?<=<)\|(?:turn|tool|tool_call|tool_response|channel)>"
    r"|(?<=<)(?:turn|tool|tool_call|tool_response|channel)\|>"
    # Qwen, Hermes, GLM: calls written into the text
    r"|(?<=<)/?(?:tool_call|tool_response|arg_key|arg_value)>"
    # Seed-OSS, Baichuan, StarCoder
    r"|(?<=<)/?seed:[a-z_]{1,24}>|(?<=<)reserved_\d{1,4}>|(?<=<)fim_(?:prefix|middle|suffix|pad)>"
    # Llama 2: <<SYS>>, [INST]
    r"|(?<=<)</?SYS>>"
    r"|(?<=\[)/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|TOOL_CONTENT|ARGS"
    r"|CALL_ID|THINK|MODEL_SETTINGS)\]"
    # GLM, Kimi, EXAONE
    r"|(?<=\[)(?:[gs]MASK|BOS|EOS)\]|(?<=\[)\|[a-z_]{1,24}\|\]"
    # MiniMax
    r"|(?<=\])~!?b[\[\]]|(?<=\[)e~\["
    r")"
)
"""One pattern for all: its first character is one of three, so clean text is passed over fast."""


def special_tokens(text: str) -> tuple[tuple[int, str], ...]:
    r"""Return (place, token) of every special token of a chat template in a text.

    >>> special_tokens("Bye.<|im_end|>\n<|im_start|>user")
    ((4, '<|im_end|>'), (15, '<|im_start|>'))
    >>> special_tokens("x <- c(1, 2) |> sum(); if a <b and b> c: print([s])")
    ()
    """
    return tuple((found.start(), found.group()) for found in SPECIAL_TOKEN.finditer(text))
