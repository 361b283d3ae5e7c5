"""How long a fast reader needs for a text, in English and Chinese: to see drafts taken unread.

English: most adults read 175 to 300 words of non-fiction a minute, silently, and 183 aloud
(Brysbaert, "How many words do we read per minute?", Journal of Memory and Language 109, 2019).
Chinese: 255 characters a minute aloud (Trauzettel-Klosinski and Dietz, "IReST", IOVS 53, 2012).
Silent reading is taken to be as much faster than aloud as a fast English reader is, 300 / 183: that
makes 418 characters a minute. Six characters, the space included, are taken for an English word.
"""

from __future__ import annotations

import re

LATIN_PER_SECOND = 300 * 6 / 60
"""Characters of a Latin text that a fast reader takes in: 30 a second."""
CHINESE_PER_SECOND = 255 * (300 / 183) / 60
"""Chinese characters that a fast reader takes in: 7 a second."""

UNREAD = 0.5
"""An answer that took less than this part of a fast reader's time left most of the text unread."""

_CHINESE = re.compile("[\u3400-\u9fff\uf900-\ufaff]")


def reading_seconds(text: str) -> float:
    """Return how long a fast reader needs for a text, in seconds.

    >>> round(reading_seconds("a" * 300)), round(reading_seconds("字" * 70))
    (10, 10)
    """
    chinese = len(_CHINESE.findall(text))
    return chinese / CHINESE_PER_SECOND + (len(text) - chinese) / LATIN_PER_SECOND
