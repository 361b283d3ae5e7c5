"""Plain columns of the table of tasks in Label Studio's data manager.

A screen shows display copies as HTML and lists of objects; a table of those cannot be read. So a
task also has short plain fields that no screen shows: `kind`, `language`, `source`, where its kind
has no plain text of the answers `answer_texts`, and of a curated record `curation_found`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from goldleaf.core.curation_tags import ANSWER_SIGNALS, PROMPT_SIGNALS
from goldleaf.core.json_values import list_or_empty, object_or_empty, objects_in
from goldleaf.core.screen_verdicts import JUDGE

KIND, LANGUAGE, SOURCE, ANSWERS = "kind", "language", "source", "answer_texts"
FOUND = "curation_found"
TABLE_FIELDS = (ANSWERS, FOUND, KIND, LANGUAGE, SOURCE)
"""The fields of `with_table_columns`; no screen shows them and no model reads them."""
MOST = 400
"""Characters of one answer in `answer_texts`; a cell shows fewer."""

_PLAIN = {"TextArea", "Text", "Header"}
"""Tags that show a field's text as it is."""
_VARIABLE = re.compile(r"\$(\w+)")
_VERDICTS = re.compile(r"(?:[^\s,]+\.[^\s,]+(?:, [^\s,]+\.[^\s,]+)*)?")
"""What `curation_found` holds where it is goldleaf's."""


def with_table_columns(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of task data with the plain fields of `TABLE_FIELDS`.

    `source` is the first parent's: `S3 rows.jsonl:12`; `curation_found` has the verdicts of a
    curation as recipes name them: `flaw.truncated, pii.email`, "" for none; a column of that name
    which holds something else is a user's own, and stays. Task data without a record of
    goldleaf is returned as it is.

    >>> task = {"goldleaf": {"kind": "dialogue/1", "record": {"tags": {"language": "zh"}}}}
    >>> {name: text for name, text in with_table_columns(task).items() if name != "goldleaf"}
    {'kind': 'dialogue', 'language': 'zh', 'source': ''}
    """
    ours = object_or_empty(data.get("goldleaf"))
    record = object_or_empty(ours.get("record"))
    if not record:
        return dict(data)
    texts = _answers(data)
    tags = object_or_empty(record.get("tags"))
    columns = {
        **({ANSWERS: texts} if texts else {}),
        **_found(tags),
        KIND: str(ours.get("kind", "")).partition("/")[0],
        LANGUAGE: str(tags.get("language") or ""),
    }
    # Label Studio shows columns in the order of the first task's fields.
    own = {name: value for name, value in data.items() if name not in TABLE_FIELDS}
    columns |= {FOUND: data[FOUND]} if FOUND in data and not _is_ours(data[FOUND]) else {}
    return {**own, **columns, SOURCE: _source(record)}


def curation_found(data: Mapping[str, Any]) -> str:
    """Return the column of a curation's verdicts that a task's record gives, "" for none."""
    record = object_or_empty(object_or_empty(data.get("goldleaf")).get("record"))
    return _found(object_or_empty(record.get("tags"))).get(FOUND, "")


def fields_of_screen(config: str) -> set[str]:
    """Return the fields of a task that a labeling config names.

    >>> sorted(fields_of_screen('<View><HyperText value="$html"/><Text value="$text"/></View>'))
    ['html', 'text']
    """
    return set(_VARIABLE.findall(config))


def unreadable_fields(config: str) -> list[str]:
    """Return the fields of a task, sorted, that a table should hide: HTML, lists, the record.

    Those are the variables of a labeling config that neither a text box nor a plain text shows.

    >>> unreadable_fields('<View><HyperText value="$html"/><TextArea value="$text"/></View>')
    ['goldleaf', 'html']
    """
    from defusedxml.ElementTree import fromstring

    found = {"goldleaf"}
    for tag in fromstring(config).iter():
        if tag.tag not in _PLAIN:
            for place in ("value", "on"):
                found |= set(_VARIABLE.findall(tag.attrib.get(place, "")))
    return sorted(found)


def _answers(data: Mapping[str, Any]) -> str:
    """Return the answers of a screen that lists them, each with its letter; "" for others."""
    texts = [str(each.get("text") or "") for each in objects_in(list_or_empty(data.get("answers")))]
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return "\n\n".join(
        f"{letter}: {text[:MOST]}" for letter, text in zip(letters, texts, strict=False)
    )


def _found(tags: Mapping[str, Any]) -> dict[str, str]:
    """Return the column of a curation's verdicts, none for a record that was not curated.

    A judge's opinion is left out: it has a field of its own.
    """
    verdicts = [each for each in objects_in(tags.get("verdicts")) if each.get("screen") != JUDGE]
    measured = (ANSWER_SIGNALS | PROMPT_SIGNALS) & object_or_empty(tags.get("signals")).keys()
    if not verdicts and not measured:
        return {}
    names = (f"{each.get('screen')}.{each.get('verdict')}" for each in verdicts)
    return {FOUND: ", ".join(dict.fromkeys(names))}


def _is_ours(value: object) -> bool:
    return isinstance(value, str) and _VERDICTS.fullmatch(value) is not None


def _source(record: Mapping[str, Any]) -> str:
    parents = objects_in(record.get("parents"))
    parent = parents[0] if parents else object_or_empty(None)
    file, line = PurePath(str(parent.get("file") or "")).name, parent.get("line")
    place = f"{file}:{line}" if file and line is not None else file
    return " ".join(filter(None, (str(parent.get("source") or ""), place)))
