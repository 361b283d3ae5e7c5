"""Prompts with the criteria that an answer is graded by, as a judge or GRPO's reward reads them.

    {"prompt": [{"role": "user", "content": "Why is the sky blue?"}],
     "rubrics": [{"name": "correct", "description": "What the answer states is true.",
                  "weight": 1.0}]}

A prompt may be a text. The row is read as a prompt to answer; the names are kept as reasons.
"""

from __future__ import annotations

from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import list_or_none, objects_in
from goldleaf.core.records import Demonstration, Tags
from goldleaf.formats.format import Row
from goldleaf.formats.prompts import prompt_turns

NAME = "rubrics"
TITLE = "prompts with weighted criteria (rubrics)"

_ANSWERED = {"completion", "chosen", "response", "messages", "ground_truth"}


def recognises(row: Row) -> bool:
    """Return whether a row fits: a prompt as messages or text, `rubrics` as a list, no answer."""
    given = isinstance(row.get("rubrics"), list) and not _ANSWERED & row.keys()
    return given and isinstance(row.get("prompt"), str | list)


def read(row: Row) -> Demonstration:
    """Return the prompt of a row without an answer; `tags.reasons` are the names of its criteria.

    Raises:
        BadRow: `no_criteria` (`rubrics` is no list of objects with a name), or what reading
            messages raises.
    """
    rubrics = list_or_none(row.get("rubrics")) or ()
    names = [each.get("name") for each in objects_in(rubrics)]
    found = tuple(name for name in names if isinstance(name, str) and name)
    if not found or len(found) != len(rubrics):
        raise BadRow("no_criteria", "rubrics must be a list of objects with a name")
    reasons = tuple(dict.fromkeys(found))
    return Demonstration(prompt_turns(row.get("prompt")), (), tags=Tags(reasons=reasons))
