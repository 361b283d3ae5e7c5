"""Traditional Chinese characters as Simplified ones, so that a pattern is written once.

One character for one, so places in a text stay; it is no converter for people to read. Which
character stands for which is as OpenCC lists it (`TSCharacters`, the first variant).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

_TABLE = "simplified_characters.json"
_FREQUENT = re.compile("[這個們說無對會為請與來時過後話題關應該沒幫辦實點開難還從於權給問見內發]")
"""A text in Traditional characters of more than a few words holds one of these."""


def to_simplified(text: str) -> str:
    """Return a text with the known Traditional characters as Simplified ones, of the same length.

    >>> to_simplified("抱歉，這個請求我無法協助。"), to_simplified("plain")
    ('抱歉，这个请求我无法协助。', 'plain')
    """
    if text.isascii() or not _FREQUENT.search(text):
        return text
    return text.translate(simplified_characters())


@cache
def simplified_characters() -> Mapping[int, int]:
    """Return the code point of each Traditional character with that of its Simplified one."""
    table = json.loads(files("goldleaf.curation.texts").joinpath(_TABLE).read_text("utf-8"))
    pairs = zip(table["traditional"], table["simplified"], strict=True)
    return {ord(old): ord(new) for old, new in pairs}
