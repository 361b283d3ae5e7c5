"""Structured output is detected in one way: at import, in drafts and at export."""

import pytest

from goldleaf.backend.rules.instruction import draft
from goldleaf.core.records import Demonstration, Turn
from goldleaf.curation.texts.structured_output import broken_json, is_structured
from goldleaf.sources.structural_tags import structural_behaviours


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "Ada"}',
        "{}",
        "[]",
        '[{"a": 1}, {"b": 2}]',
        '```json\n{"a": 1}\n```',
        "```sql\nSELECT 1\n```",
        "```yaml\na: 1\n```",
        "```xml\n<a/>\n```",
        "```csv\na,b\n1,2\n```",
        "SELECT name FROM people WHERE age > 3",
        "select name from people;",
        "WITH old AS (SELECT 1) SELECT * FROM old",
        "CREATE TABLE a (\n  b INT\n);",
    ],
)
def test_structured(text):
    assert is_structured(text)
    assert is_structured(f"\n{text}\n")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[3, 1, 2]",
        "{not json}",
        'Here it is: {"a": 1}',
        "Select a book from the shelf.",
        "SELECT name FROM people;\n\nThis statement reads every name.",
        "```json\n{}\n```\nand\n```json\n{}\n```",
        "```python\nprint(1)\n```",
        "[" * 100_000 + "]" * 100_000,
    ],
)
def test_not_structured(text):
    assert not is_structured(text)


@pytest.mark.parametrize(
    ("text", "structured"),
    [
        ("[]", True),
        ("[3, 1]", False),
        ("```yaml\na: 1\n```", True),
        ("```yml\na: 1\n```", True),
        ("SELECT a FROM b", True),
        ("DELETE FROM a WHERE b = 1;", True),
        ("```json\n{\n```", True),
        ("Yes: []", False),
        ("Blue.", False),
    ],
)
def test_import_and_drafts_agree(text, structured):
    record = Demonstration((Turn("user", "Sky?"),), (Turn("assistant", text),))
    drafted = draft({"data": {"prompt": "Sky?", "answer": text}, "prompt": "Sky?", "answer": text})
    ticked = drafted.values.get("behaviours", ()) if drafted else ()
    assert is_structured(text) is structured
    assert ("structured_output" in structural_behaviours(record)) is structured
    assert ("structured_output" in ticked) is structured


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("[]", False),
        ("[1,", True),
        ("```json\n{\n```", True),
        ("```yaml\n{\n```", False),
        ("SELECT 1;", False),
    ],
)
def test_broken_json(text, broken):
    assert broken_json(text) is broken
