"""Tasks without a draft, counted by reason, as lines for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from goldleaf.core.translations import Translations
    from goldleaf.workflows.prelabel import Undrafted


def undrafted_lines(undrafted: Undrafted, words: Translations) -> list[str]:
    """Return a line for each reason, most tasks first, then how many answers a model needs."""
    lines: list[str] = []
    for reason, count in sorted(undrafted.reasons.items(), key=lambda pair: (-pair[1], pair[0])):
        text = words.known(f"undrafted.{reason}") or reason.replace("_", " ")
        lines.append(words("undrafted.line", count=count, reason=text))
    if lines and undrafted.learned_from is not None:
        key = "undrafted.learned" if undrafted.learned_from else "undrafted.not_yet"
        lines.append(words(key, count=undrafted.learned_from, needed=undrafted.needed))
    return lines
