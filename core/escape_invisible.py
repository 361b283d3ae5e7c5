r"""Invisible characters (controls, direction overrides) written visibly: `⟨U+202E⟩`.

Controls (ESC opens a sequence that moves the cursor, sets a title, hides text; so does the C1 CSI),
marks that turn the direction of what follows, tags, half surrogates. Texts, file names and column
names from outside hold any of them.
"""

from __future__ import annotations

import json
import re

_HIDDEN = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff]"
)


def escape_invisible(text: object) -> str:
    r"""Return a text in which hidden characters, and those that turn others round, can be seen.

    Anything but a text is converted by `str()` first. Joiners stay as they are: Persian is written
    with them, and so are families of emoji. Tabs and line feeds stay too.

    >>> escape_invisible("a\x1b[31m\u202eb")
    'a⟨U+001B⟩[31m⟨U+202E⟩b'
    """
    return _HIDDEN.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", str(text))


def escape_invisible_json(text: str) -> str:
    r"""Return a JSON text with hidden characters as escapes: it parses to the same value.

    >>> escape_invisible_json('"a\x9b\u202e"')
    '"a\\u009b\\u202e"'
    """
    return _HIDDEN.sub(lambda found: json.dumps(found[0])[1:-1], text)


def replace_surrogates(text: str) -> str:
    r"""Return a text with `?` for each half of a surrogate pair, so that it can be stored.

    >>> replace_surrogates("caf\udce9")
    'caf?'
    """
    return text.encode("utf-8", "replace").decode()
