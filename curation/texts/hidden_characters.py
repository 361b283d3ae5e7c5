r"""Invisible characters that a model reads: controls, zero width, direction, tags.

What a script or an emoji is written with is not hidden: joiners inside emoji, joiners and zero
width spaces of the scripts that need them, marks of direction beside right-to-left letters, the
flags of England and Wales, a variant of a Chinese character.
"""

from __future__ import annotations

import re
from functools import cached_property

HIDDEN = re.compile(
    "["
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # C0 and C1, without tab and line ends
    "\u00ad\u061c\u200b-\u200f\u2060\ufeff"  # soft hyphen, zero width
    "\u202a-\u202e\u2066-\u2069"  # direction
    "\ufff9-\ufffb"  # annotations between lines
    "\ufe00-\ufe0f\U000e0100-\U000e01ef"  # variation selectors
    "\U000e0000-\U000e007f"  # tags: a second alphabet, unseen
    "]"
)
"""Candidates, as one class of characters: clean text is passed over fast."""
_JOINED = re.compile(
    "[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\u0900-\u0dff\u0f00-\u109f\u1700-\u18af\u1a00-\u1aaf"
    "\u1b00-\u1bff\ua840-\ua87f\ua8e0-\ua9ff\uaa60-\uaa7f\ufb50-\ufdff\ufe70-\ufefc]"
)
"""Scripts whose letters are joined or kept apart by U+200C and U+200D."""
_UNSPACED = re.compile("[\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u19e0-\u19ff]")
"""Scripts without spaces, where U+200B says where a line may break."""
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff]")
_EMOJI = re.compile("[\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff\ufe0f\u20e3]")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_VARIANT = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{2,6}\U000e007f")
"""The flags of England, Scotland, Wales, Texas...: a black flag and its region in tags."""


def hidden_characters(text: str) -> tuple[tuple[int, str], ...]:
    r"""Return (place, names) of every run of invisible, unneeded characters.

    >>> hidden_characters("pay\u200bpal \u202egpj")
    ((3, 'U+200B'), (8, 'U+202E'))
    >>> hidden_characters("\U0001f468\u200d\U0001f469\u200d\U0001f467 \u0645\u06cc\u200c\u0634")
    ()
    """
    return tuple((start, _named(text[start:end])) for start, end in hidden_runs(text))


def hidden_runs(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of every run of such characters, end excluded."""
    runs: list[tuple[int, int]] = []
    if text.isascii() and text.replace("\n", "").isprintable():
        return runs
    context = _Context(text)
    for found in HIDDEN.finditer(text):
        at = found.start()
        if _is_needed(text, at, context):
            continue
        if runs and runs[-1][1] == at:
            runs[-1] = (runs[-1][0], at + 1)
        else:
            runs.append((at, at + 1))
    return runs


def without_hidden(text: str) -> str:
    r"""Return a text without hidden characters; visible ones are all kept.

    >>> without_hidden("\ufeffpay\u200bpal")
    'paypal'
    """
    for start, end in reversed(hidden_runs(text)):
        text = text[:start] + text[end:]
    return text


def _named(run: str) -> str:
    names = " ".join(f"U+{ord(char):04X}" for char in run[:4])
    return names if len(run) <= 4 else f"{names} and {len(run) - 4} more"


class _Context:
    """What of a whole text decides about one character, looked for once."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def right_to_left(self) -> bool:
        return _RIGHT_TO_LEFT.search(self._text) is not None

    @cached_property
    def flags(self) -> frozenset[int]:
        """Places inside flags of regions."""
        inside = (range(flag.start() + 1, flag.end()) for flag in _FLAG.finditer(self._text))
        return frozenset(place for places in inside for place in places)


def _is_needed(text: str, at: int, context: _Context) -> bool:
    char, before, after = text[at], text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    if _VARIANT.match(char):  # one chooses how a character looks, a second one says nothing seen
        ideographic = char >= "\U000e0100"
        return not _VARIANT.match(before) and bool(_HAN.match(before) or not ideographic)
    if char in "\u200c\u200d":
        joins_emoji = char == "\u200d" and _EMOJI.match(before) and _EMOJI.match(after)
        return bool(joins_emoji or _JOINED.match(before))
    if char == "\u200b":
        return bool(_UNSPACED.match(before) or _UNSPACED.match(after))
    if char in "\u200e\u200f\u061c\u202a\u202b\u202c\u2066\u2067\u2068\u2069":
        return context.right_to_left
    if "\U000e0000" <= char <= "\U000e007f":
        return at in context.flags
    return False
