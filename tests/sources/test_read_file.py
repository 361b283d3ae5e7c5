"""A file in, one reading for every row out; sources stamp and refuse."""

import json

import pytest

from goldleaf.core.errors import NothingUsable, UsageError
from goldleaf.core.records import Comparison, Provenance, Turn
from goldleaf.core.records_jsonl import to_line
from goldleaf.sources.read_file import read_file

PAIR = {"prompt": "Sky?", "chosen": "Blue.", "rejected": "Green."}


def written(tmp_path, *rows, name="rows.jsonl"):
    path = tmp_path / name
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_every_row_is_one_reading_under_its_line(tmp_path):
    path = written(tmp_path, PAIR, "{", {**PAIR, "rejected": None}, "", PAIR)
    intake = read_file(path, "feedback", licence="mit", consent="asked in the app")
    assert (intake.format.NAME, intake.guessed) == ("trl", True)
    readings = list(intake)
    assert [(r.key, r.reason) for r in readings] == [
        ("rows.jsonl:1", ""),
        ("rows.jsonl:2", "json"),
        ("rows.jsonl:3", "missing_field"),
        ("rows.jsonl:5", ""),
    ]
    assert f"byte {len(json.dumps(PAIR)) + 1}" in readings[1].detail
    assert all(r.canonical == tuple(map(to_line, r.records)) for r in readings)
    assert readings[0].records[0].parents == (
        Provenance(
            source="S5", file="rows.jsonl", line=1, licence="mit", consent="asked in the app"
        ),
    )


def test_columns_with_strange_names(tmp_path):
    row = {"instruction": "Add", "input": "2, 2", "response1": "4", "response2": "5"}
    path = written(tmp_path, row, {**row, "response2": True}, {"instruction": "a"})
    mapping = {"answer_a": "response1", "answer_b": "response2"}
    intake = read_file(path, "public", mapping=mapping)
    assert intake.format.NAME == "answers"
    assert [r.reason for r in intake] == ["", "not_text", "missing_field"]
    with pytest.raises(UsageError, match="did you mean 'response1'"):
        read_file(path, "public", mapping={"answer_a": "respons1"})


def test_a_named_format_is_not_guessed(tmp_path):
    intake = read_file(written(tmp_path, PAIR), "public", format="answers")
    assert not intake.guessed
    assert [r.reason for r in intake] == ["missing_field"]


@pytest.mark.parametrize("rows", [[], ["{", "]"]])
def test_a_file_without_a_readable_row(tmp_path, rows):
    with pytest.raises(NothingUsable, match="no row that can be read"):
        read_file(written(tmp_path, *rows), "public")


@pytest.mark.parametrize(
    ("name", "content", "error", "words"),
    [
        ("rows.json", b"[]", NothingUsable, "one JSON object a line"),
        ("rows.csv", b"instruction,output\n", NothingUsable, "names the columns"),
        ("rows.tsv", b"", NothingUsable, "names the columns"),
        ("rows.txt", b"\n", NothingUsable, "one prompt a line"),
        ("rows.jsonl.gz", b"no gzip", NothingUsable, "get the whole file again"),
        ("rows.csv.gz", b"", UsageError, "unpack it first"),
        ("rows.XLSX", b"PK", UsageError, "save the sheet as .csv"),
        ("rows.txt", "指令\t输出\n写诗\t河\n".encode("utf-16"), UsageError, "name it .tsv"),
    ],
)
def test_a_file_that_is_no_list_of_rows_says_what_to_do(tmp_path, name, content, error, words):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(error) as refused:
        read_file(tmp_path / name, "public")
    assert words in refused.value.fix
    assert "json (" not in refused.value.where  # a list of no rows has no bad one


@pytest.mark.parametrize("text", ["a", "hi\n", "hi\nyo\n"])
def test_a_few_letters_are_no_utf_16(tmp_path, text):
    (tmp_path / "p.txt").write_text(text, encoding="utf-8")
    intake = read_file(tmp_path / "p.txt", "public")
    assert [r.records[0].context[0].content for r in intake] == text.split()


def test_unknown_names(tmp_path):
    path = written(tmp_path, PAIR)
    with pytest.raises(UsageError, match="choose one of: expert, feedback, online_log"):
        read_file(path, "logs")
    with pytest.raises(UsageError, match="There is no format"):
        read_file(path, "public", format="dpo")
    with pytest.raises(UsageError, match="No format fits"):
        read_file(written(tmp_path, {"x": 1}, name="x.jsonl"), "public")
    with pytest.raises(UsageError, match="No such file"):
        read_file(tmp_path / "none.jsonl", "public")


@pytest.mark.parametrize("depth", [300, 700, 960, 5_000])
@pytest.mark.parametrize("space", ["", " "])
def test_a_row_that_is_nested_too_deep_stops_nothing(tmp_path, depth, space):
    nested = f'{{"a":{space}' * depth + "1" + "}" * depth
    call = f'{{"name":"f","arguments":{nested}}}'
    asked = '{"role":"user","content":"Time?"}'
    said = f'{{"role":"assistant","content":"","tool_calls":[{{"function":{call}}}]}}'
    plain = {"messages": [json.loads(asked), {"role": "assistant", "content": "Noon."}]}
    path = written(tmp_path, plain, f'{{"messages":[{asked},{said}]}}', plain)
    reasons = [reading.reason for reading in read_file(path, "public")]
    assert (reasons[0], reasons[2]) == ("", "")
    assert reasons[1] in ("json", "unwritable")


def test_a_row_may_have_a_licence_of_its_own(tmp_path):
    path = written(tmp_path, {**PAIR, "license": "cc0-1.0"}, PAIR)
    licences = [r.records[0].parents[0].licence for r in read_file(path, "public")]
    assert licences == ["cc0-1.0", "unstated"]


def test_what_a_record_says_of_itself_stays(tmp_path):
    parent = Provenance(source="S1", file="old.jsonl", line=9, licence="mit")
    record = Comparison((Turn("user", "a"),), (), parents=(parent,))
    path = written(tmp_path, to_line(record).decode())
    (reading,) = read_file(path, "feedback", licence="other")
    assert reading.records[0].parents == (
        Provenance(source="S1", file="old.jsonl", line=9, licence="mit", consent="unstated"),
    )


def test_a_large_file_is_not_held_in_memory(tmp_path):
    import tracemalloc

    path = tmp_path / "rows.jsonl"
    with open(path, "w", encoding="utf-8") as file:
        for number in range(4_000):
            file.write(json.dumps({**PAIR, "prompt": f"{number} " + "x" * 5_000}) + "\n")
    tracemalloc.start()
    try:
        count = sum(1 for _ in read_file(path, "public"))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 4_000
    assert peak < path.stat().st_size / 4
