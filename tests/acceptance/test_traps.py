"""What readers of training files stumble over, each through the reader itself."""

import json
from dataclasses import replace

import pytest

from goldleaf.audit.check import check
from goldleaf.core.input_results import InputResult
from goldleaf.core.records import Comparison, Demonstration, Tags, ToolCall, Turn
from goldleaf.exporters.export import export
from goldleaf.exporters.publishing.ledger import read_ledger
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import Split

pytestmark = pytest.mark.trainer

RECIPE = Recipe(split=Split(test=0.0))
LOOK = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Return a function that exports demonstrations in a format and loads a table back."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    from datasets import disable_progress_bars, load_dataset

    disable_progress_bars()

    def through(records, format, table):
        readings = [InputResult(f"f:{n}", (record,)) for n, record in enumerate(records)]
        out = tmp_path / format
        outcome = export(readings, RECIPE, out, formats=[format])
        assert check(out) == []
        (told,) = [t for t in outcome.tables if t.name == table]
        reader = "parquet" if told.suffix == ".parquet" else "json"
        file = str(out / told.file("train"))
        cache = str(tmp_path / "cache" / format)
        rows = load_dataset(reader, data_files=file, split="train", cache_dir=cache)
        assert rows.num_rows == told.rows["train"]
        return rows

    return through


def asked(number, text="It is so."):
    return Demonstration((Turn("user", f"Question {number}?"),), (Turn("assistant", text),))


def called(number, arguments):
    call = Turn("assistant", "", tool_calls=(ToolCall("look", arguments, f"c{number}"),))
    result = Turn("tool", "found", tool_call_id=f"c{number}", name="look")
    context = (Turn("user", f"Look up {number}."), call, result)
    return Demonstration(context, (Turn("assistant", f"Found {number}."),), (LOOK,))


@pytest.mark.parametrize(
    ("format", "table"),
    [("trl", "sft"), ("llamafactory", "sft"), ("swift", "sft"), ("openai", "sft")],
)
def test_a_shape_first_seen_after_ten_megabytes(load, format, table):
    """The JSON reader settles columns by its first block of ten megabytes."""
    plain = [asked(number, f"{number} " * 700_000) for number in range(9)]
    others = [
        replace(asked(10), tools=(LOOK,)),
        Demonstration((Turn("system", "Be brief."), *asked(11).context), asked(11).response),
        called(12, {"city": "Paris"}),
        replace(asked(13), tags=Tags(language="en")),
    ]
    if format in ("trl", "openai"):
        others = [record for record in others if not record.tools]
    rows = load([*plain, *others], format, table)
    assert rows.num_rows == len(plain) + len(others)
    for column in rows.column_names:
        assert None not in rows[column]


def test_the_trap_is_real_and_the_first_rows_disarm_it(load, tmp_path):
    """An empty history settles the column as a list of nulls, if no other is in the first block."""
    from datasets import load_dataset
    from datasets.exceptions import DatasetGenerationError

    plain = [asked(number, f"{number} " * 700_000) for number in range(9)]
    before = (Turn("user", "Hello."), Turn("assistant", "Hello to you.", train=True))
    long = Demonstration((*before, *asked(9).context), asked(9).response)
    rows = load([*plain, long], "alpaca", "sft")
    assert sorted(map(len, rows["history"])) == [0] * 9 + [1]

    told = (tmp_path / "alpaca" / "alpaca" / "sft" / "train.jsonl").read_bytes().splitlines(True)
    unsorted = tmp_path / "unsorted.jsonl"
    unsorted.write_bytes(
        b"".join(sorted(told, key=lambda line: bytes(line).find(b'"history":[]') < 0))
    )
    with pytest.raises(DatasetGenerationError):
        load_dataset("json", data_files=str(unsorted), cache_dir=str(tmp_path / "other"))


ARGUMENTS = [{"city": "Paris"}, {"city": 3}, {}, {"deep": {"a": [1, "b", None]}, "on": True}]


@pytest.mark.parametrize("format", ["trl", "parquet"])
def test_arguments_of_other_keys_and_types_come_back_as_they_were(load, format):
    records = [called(number, arguments) for number, arguments in enumerate(ARGUMENTS)]
    rows = load(records, format, "sft_tools")
    found = [row["messages"][1]["tool_calls"][0]["function"]["arguments"] for row in rows]
    assert sorted(map(json.dumps, found)) == sorted(
        json.dumps(arguments, sort_keys=True) for arguments in ARGUMENTS
    )


def test_no_tools_beside_tools_is_an_empty_list_and_never_null(load):
    rows = load([asked(1), replace(asked(2), tools=(LOOK,))], "trl", "sft")
    assert sorted(len(json.loads(tools)) for tools in rows["tools"]) == [0, 1]


@pytest.mark.parametrize("format", ["trl", "parquet", "llamafactory", "swift", "openai", "alpaca"])
def test_an_answer_of_ten_megabytes_with_line_separators(load, format):
    text = 'eins\u2028zwei\u2029三\x85 🌱 \\ "' * 450_000
    assert len(text.encode()) > 10_000_000
    rows = load([asked(1, text), asked(2)], format, "sft")
    said = {"trl": "messages", "parquet": "messages", "swift": "messages", "openai": "messages"}
    if format == "alpaca":
        answers = rows["output"]
    elif format == "llamafactory":
        answers = [row["conversations"][-1]["value"] for row in rows]
    else:
        answers = [row[said[format]][-1]["content"] for row in rows]
    assert text in list(answers)


@pytest.mark.parametrize("format", ["trl", "parquet", "llamafactory", "swift", "openai", "alpaca"])
@pytest.mark.parametrize(
    ("text", "reason"), [("a\x00b", "control_chars"), ("\ud800", "bad_unicode")]
)
def test_what_no_file_can_hold_is_refused_and_its_neighbours_stay(tmp_path, format, text, reason):
    good, bad = asked(1), InputResult("f:2", (asked(2, text),))
    out = tmp_path / "out"
    outcome = export([InputResult("f:1", (good,)), bad], RECIPE, out, formats=[format])
    assert outcome.rows == 1
    reasons = {**outcome.reasons["rejected"], **outcome.reasons["dropped"]}
    assert reasons == {reason: 1}
    assert any(reason in json.dumps(line) for line in read_ledger(out))
    assert check(out) == []


def test_a_pair_goes_where_its_reader_finds_it(load, tmp_path):
    from goldleaf.core.records import Candidate

    answers = (Turn("assistant", "Blue."), Turn("assistant", "Green."))
    pair = Comparison(
        (Turn("user", "Sky?"),), tuple(Candidate((a,), n) for n, a in enumerate(answers, 1))
    )
    (row,) = load([pair], "parquet", "dpo")
    assert [row[side][0]["content"] for side in ("chosen", "rejected")] == ["Blue.", "Green."]
