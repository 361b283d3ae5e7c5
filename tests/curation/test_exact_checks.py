"""Signals that a program can check: each value, and that none is invented."""

from fractions import Fraction

import polars as pl
import pytest

from goldleaf.core.records import Demonstration, ToolCall, Turn
from goldleaf.curation.answer_checks import exact_checks
from goldleaf.curation.answer_checks.exact_checks import signals
from goldleaf.curation.answer_checks.final_answers import final_number
from goldleaf.curation.answer_checks.tool_schemas import valid_calls
from goldleaf.curation.record_frames import record_frames

ADD = {
    "type": "function",
    "function": {
        "name": "add",
        "parameters": {
            "type": "object",
            "properties": {"a": {"type": "integer"}},
            "required": ["a"],
        },
    },
}


def of(question: str, answer: str, **columns: str) -> dict[str, float]:
    row = {"record": "r", "prompt": question, "question": question, "answer": answer, **columns}
    return dict(signals(pl.DataFrame([row])).select("name", "value").iter_rows())


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3 + 4 = 7\n#### 1,200", 1200),
        (r"Thus \boxed{\frac{3}{4}}.", Fraction(3, 4)),
        ("The answer is $5.50 for 3 people.", Fraction(11, 2)),
        ("所以答案是12。", 12),
        ("It took 3 days, 40 in all.", 40),
        ("−3", -3),
        ("No number.", None),
        ("1/0", None),
    ],
)
def test_final_number(text, number):
    assert final_number(text) == number


def test_values():
    assert of("2+2?", "It is 4.", reference="#### 4") == {"math_correct": 1.0}
    assert of("2+2?", "It is 5.", reference="#### 4") == {"math_correct": 0.0}
    assert of("2+2?", "It is 5.") == {}
    assert of("Who?", "Ada.", reference="Ada Lovelace") == {}
    assert of("As JSON.", '{"a": 1}') == {"json_valid": 1.0}
    assert of("As JSON.", '{"a": 1,}') == {"json_valid": 0.0}
    assert of("In Python.", "```python\nprint(\n```") == {"code_compiles": 0.0}
    assert of("In SQL.", "SELECT a FROM b;") == {"sql_parses": 1.0}


def test_schemas():
    good = Demonstration(
        (Turn("user", "Add."),), (Turn("assistant", tool_calls=(ToolCall("add", {"a": 1}),)),)
    )
    records, _ = record_frames([("r", good)])
    tools = pl.lit('[{"name": "add", "parameters": {"required": ["a"]}}]')
    assert signals(records.with_columns(tools=tools)).rows() == [("r", "schema_valid", 1.0)]
    assert valid_calls([{"name": "add", "arguments": {"a": "x"}}], [ADD]) == 0.0
    assert valid_calls([{"name": "sub", "arguments": {}}], [ADD]) == 0.0
    assert valid_calls([{"name": "add", "arguments": '{"a": 1}'}], [ADD]) == 1.0
    far = {"name": "add", "parameters": {"$ref": "https://example.org/schema"}}
    assert valid_calls([{"name": "add", "arguments": {}}], [far]) is None
    assert valid_calls([{"name": "add"}], []) is None


def test_names_are_in_the_table():
    names = [
        value
        for name, value in vars(exact_checks).items()
        if name.isupper() and isinstance(value, str) and not name.startswith("_")
    ]
    assert len(names) == 5
    assert all(f"`{name}`" in (exact_checks.__doc__ or "") for name in names)
