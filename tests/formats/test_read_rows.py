"""Rows of files: each bad one is named with its place, and none stops the others."""

import gzip
import json
import tracemalloc

import polars as pl
import pytest

from goldleaf.core.errors import BadRow, UsageError
from goldleaf.formats import jsonl_rows
from goldleaf.formats.read_rows import check_mapping, mapped, rows
from goldleaf.formats.row_location import BadLine, FileRow


def read(path, content):
    path.write_bytes(content)
    return list(rows(path))


def values(found):
    return [row.value for row in found if isinstance(row, FileRow)]


def bad(found):
    return [(row.line, row.offset, row.reason) for row in found if isinstance(row, BadLine)]


BAD_LINES = [
    (b"{", "json"),
    (b'{"a": NaN}', "non_finite"),
    (b'{"a": -Infinity}', "non_finite"),
    (b'{"a": 1e999}', "non_finite"),
    (b'{"a": 1' + b"0" * 400 + b"}", "non_finite"),
    (b'{"a": 1, "a": 2}', "dup_key"),
    (b'{"a": "\\ud800"}', "bad_unicode"),
    (b'{"a": "\xff"}', "utf8"),
    (b"[1]", "not_an_object"),
    (b'"text"', "not_an_object"),
    (b"[" * 100_000, "json"),
    (b'{"a": 1}}', "json"),
]


@pytest.mark.parametrize(("line", "reason"), BAD_LINES)
def test_a_bad_line_is_named_and_the_rest_goes_on(tmp_path, line, reason):
    good = b'{"a": 1}\n'
    found = read(tmp_path / "rows.jsonl", good + line + b"\n" + good)
    assert values(found) == [{"a": 1}, {"a": 1}]
    assert bad(found) == [(2, len(good), reason)]


def test_line_ends_and_marks(tmp_path):
    content = (
        '\ufeff{"a": "x\u2028y"}\r\n\n  \n{"a": "\\ud83d\\ude00"}\n{"a": 12345678901234567890123}'
    )
    found = read(tmp_path / "rows.jsonl", content.encode())
    assert values(found) == [
        {"a": "x\u2028y"},
        {"a": "\U0001f600"},
        {"a": "12345678901234567890123"},
    ]
    assert [row.line for row in found] == [1, 4, 5]


def test_a_truncated_last_line_is_called_so(tmp_path):
    found = read(tmp_path / "rows.jsonl", b'{"a": 1}\n{"a": "cut of')
    assert bad(found) == [(2, 9, "cut_off")]
    assert isinstance(found[1], BadLine)
    assert "ends inside this row" in found[1].detail


def test_an_endless_line_does_not_fill_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(jsonl_rows, "MAX_LINE", 1000)
    long = b'{"a": "' + b"x" * 5000 + b'"}\n'
    found = read(tmp_path / "rows.jsonl", b'{"a": 1}\n' + long + b'{"a": 2}\n')
    assert values(found) == [{"a": 1}, {"a": 2}]
    assert bad(found) == [(2, 9, "too_long")]
    assert found[2].offset == 9 + len(long)


def test_utf16_is_refused_whole(tmp_path):
    assert bad(read(tmp_path / "rows.jsonl", '{"a": 1}'.encode("utf-16"))) == [(1, 0, "encoding")]


@pytest.mark.parametrize("ending", [".json", ".jsonl", ".json.gz", ".jsonl.gz"])
@pytest.mark.parametrize("as_list", [True, False])
def test_lists_and_lines_under_any_name(tmp_path, ending, as_list):
    given = [{"a": "é"}, {"a": [1, {"b": None}]}]
    text = json.dumps(given, indent=1) if as_list else "\n".join(json.dumps(row) for row in given)
    content = text.encode()
    if ending.endswith(".gz"):
        content = gzip.compress(content)
    assert values(read(tmp_path / f"rows{ending}", content)) == given


@pytest.mark.parametrize(
    ("text", "good", "reasons"),
    [
        ("[]", 0, []),
        ('[{"a": 1}, 5, {"a": 2}]', 2, ["not_an_object"]),
        ('[{"a": 1}, {"a": NaN}]', 1, ["non_finite"]),
        ('[{"a": NaN}, {"a": 1}]', 1, ["non_finite"]),
        ('[{"a": "\\ud800"}, {"a": 1}, {"a": 2}]', 2, ["bad_unicode"]),
        ('[{"a": 1, "a": 2}, {"a": 1e999}, {"a": 1}]', 1, ["dup_key", "non_finite"]),
        ('[{"a": 1}, {"a": ', 1, ["broken_list"]),
        ('[{"a": 1}', 1, ["broken_list"]),
        ('[{"a": 1} {"a": 2}]', 1, ["broken_list"]),
        ('[{"a": 1}]\n[{"a": 2}, {"a": 3}]', 3, []),
        ('\n \n[{"a": 1}]{"a": 2}\n{"a": 3}', 3, []),
        ('[1]\n{"a": 2}\n{"a": \n{"a": 3}', 2, ["not_an_object", "json"]),
        ('[{"a": 1}] x [{"a": 2}]', 1, ["broken_list"]),
        ('[{"a": 1}]]\n[{"a": 2}]', 1, ["broken_list"]),
        ('{\n "a": 1\n}\n', 1, []),
        ('{\n "a": 1\n}\n{\n "a": 2\n}\n', 2, []),
        ('{"a":\n{"a": 1}\n', 1, ["json"]),
    ],
)
def test_broken_lists(tmp_path, text, good, reasons):
    found = read(tmp_path / "rows.json", text.encode())
    assert len(values(found)) == good
    assert [reason for _, _, reason in bad(found)] == reasons


def test_a_byte_of_another_encoding_costs_one_element(tmp_path):
    found = read(tmp_path / "rows.json", b'[{"a": "\xc3\xa9"}, {"a": "\xff"}, {"a": 2}]')
    assert values(found) == [{"a": "é"}, {"a": 2}]
    assert bad(found) == [(2, 14, "utf8")]


def test_an_object_over_several_lines_too_large_for_memory(tmp_path, monkeypatch):
    """Its first line looks like one; what cannot be held is read line by line, none twice."""
    monkeypatch.setattr(jsonl_rows, "MAX_LINE", 1000)
    lines = b"".join(b'{"a": %d}\n' % n for n in range(2000))
    found = read(tmp_path / "rows.jsonl", b"{\n" + lines)
    assert [row["a"] for row in values(found)] == list(range(2000))
    assert bad(found) == [(1, 0, "json")]


def test_the_offset_of_a_list_element_is_in_bytes(tmp_path):
    content = '[{"a": "é"},\n {"a": 2}]'.encode()
    found = read(tmp_path / "rows.json", content)
    assert [content[row.offset :][:1] for row in found] == [b"{", b"{"]


def test_a_gzip_bomb_is_stopped_early(tmp_path):
    path = tmp_path / "rows.jsonl.gz"
    with gzip.GzipFile(path, "wb") as file:
        for _ in range(256):
            file.write(b'{"a": "' + b"x" * 2**20 + b'"}\n')
    tracemalloc.start()
    try:
        found = [(type(row), row.line, getattr(row, "reason", "")) for row in rows(path)]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found[-1][0] is BadLine
    assert found[-1][2] == "ratio"
    assert len(found) < 100
    assert peak < 200 * 2**20


@pytest.mark.parametrize("cut", [5, 30])
def test_a_broken_gzip_is_named(tmp_path, cut):
    whole = gzip.compress(b"".join(b'{"a": %d}\n' % n for n in range(1000)))
    found = read(tmp_path / "rows.jsonl.gz", whole[:-cut])
    assert bad(found)[-1][2] == "gzip"
    assert bad(read(tmp_path / "no.jsonl.gz", b"no gzip"))[-1][2] == "gzip"


def test_tables(tmp_path):
    (tmp_path / "rows.csv").write_text('prompt,n\n"a\nb",1\n=SUM(A1),\n', encoding="utf-8")
    assert values(rows(tmp_path / "rows.csv")) == [
        {"prompt": "a\nb", "n": "1"},
        {"prompt": "=SUM(A1)", "n": ""},
    ]
    frame = pl.DataFrame({"prompt": ["a", None], "chosen": [[{"role": "user"}], []]})
    frame.write_parquet(tmp_path / "rows.parquet")
    assert values(rows(tmp_path / "rows.parquet")) == frame.to_dicts()


@pytest.mark.parametrize(
    ("name", "content"),
    [("rows.parquet", b"no parquet"), ("rows.xml", b"<a/>")],
)
def test_files_that_are_no_tables(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError):
        list(rows(tmp_path / name))


@pytest.mark.parametrize("name", ["none.jsonl", "none.csv", "none.jsonl.gz"])
def test_a_missing_file(tmp_path, name):
    with pytest.raises(UsageError, match="No such file"):
        list(rows(tmp_path / name))


def test_columns_are_renamed():
    row = {"q": "a", "r1": "b", "r2": "c", "n": 1}
    mapping = {"prompt": "q", "answer_a": "r1", "answer_b": "r2"}
    assert mapped(row, mapping) == {"prompt": "a", "answer_a": "b", "answer_b": "c", "n": 1}
    assert mapped(row, {}) == row
    with pytest.raises(BadRow, match="missing_field"):
        mapped({"q": "a"}, mapping)
    with pytest.raises(UsageError, match="did you mean 'r1'"):
        check_mapping({"answer_a": "r_1"}, set(row))
    with pytest.raises(UsageError, match="its columns are: n, q, r1, r2"):
        check_mapping({"answer_a": "zzz"}, set(row))
