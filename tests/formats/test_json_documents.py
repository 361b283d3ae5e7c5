"""JSON that is not one row a line, read piece by piece: where it is cut changes nothing."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldleaf.core.json_depth import MAX_DEPTH
from goldleaf.formats import json_documents
from goldleaf.formats.row_location import BadLine, FileRow

DEEP, DEEPER = ("[" * depth + "]" * depth for depth in (MAX_DEPTH + 1, 3_000))
PARTS = st.sampled_from(
    [
        '{"a": 1}',
        '{"a": "é\\"\\\\ ]},\\u00e9"}',
        '{"a": "\udcff"}',
        '{"a": [[], {}, -1.5e3, null, true]}',
        '{"a": NaN}',
        '{"a": "}',
        '{"a": tru',
        '{"a": \n',
        "12",
        "-3.5e",
        '"x"',
        "]",
        "[",
        ",",
        "\n",
        " ",
        "x",
    ]
)


def shown(rows: Iterator[FileRow | BadLine]) -> list[tuple[object, ...]]:
    return [
        (row.line, row.offset, row.reason, row.detail)
        if isinstance(row, BadLine)
        else (row.line, row.offset, row.value)
        for row in rows
    ]


@given(st.lists(PARTS, max_size=12).map("".join), st.lists(st.integers(1, 40), max_size=30))
def test_where_a_text_is_cut_changes_nothing(text: str, lengths: list[int]):
    pieces: list[str] = []
    at = 0
    for length in [*lengths, len(text)]:
        pieces.append(text[at : at + length])
        at += length
    assert shown(json_documents.rows(pieces)) == shown(json_documents.rows([text]))


@given(
    st.lists(st.dictionaries(st.text(max_size=3), st.text(max_size=9), max_size=2), max_size=9),
    st.integers(1, 7),
    st.sampled_from([None, 1]),
)
def test_every_element_is_a_row_with_its_place(
    values: list[dict[str, str]], size: int, indent: int | None
):
    raw = b"\n" + json.dumps(values, indent=indent, ensure_ascii=False).encode(
        "utf-8", "surrogatepass"
    ).replace(b"\xed", b"?")
    rest = iter([raw[at : at + size] for at in range(0, len(raw), size)])
    found = list(json_documents.rows(json_documents.pieces(lambda _: next(rest, b"")), 10))
    assert len(found) == len(values)
    for number, row in enumerate(found, 1):
        assert row.line == number
        assert row.offset is not None
        assert raw[row.offset - 10 :][:1] == b"{"


@given(st.lists(st.sampled_from(['{"a": [', '{"a":', "[1,", '{"a": "}{"', "]", "}", "[", "1"])))
def test_what_broke_once_is_told_alike_of_each_line_inside(lines: list[str]):
    text = '[{"a": 1}]\n{"b":\n' + "\n".join(lines)
    found = shown(json_documents.rows([text]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_documents._Failure, "holds", lambda *_: False)
        assert shown(json_documents.rows([text])) == found


@pytest.mark.parametrize("line", ['{"a":\n', '{"a": [1, {}, \n', '{"a" 1}\n'])
def test_lines_that_never_end_take_no_square_of_their_number(line: str):
    took = []
    for count in (7_500, 60_000):
        text = '[{"a": 1}]\n' + line * count
        pieces = [text[at : at + json_documents.PIECE] for at in range(0, len(text), 2**20)]
        started = time.process_time()
        found = shown(json_documents.rows(pieces))
        took.append(time.process_time() - started)
        assert [row[2] for row in found[1:]] == ["json"] * count
        assert found[-1][:2] == (count + 1, len(text) - len(line))
    assert took[1] < 24 * max(took[0], 0.01)  # 8 times the lines; by their square it were 64


@pytest.mark.parametrize("deep", [DEEP, DEEPER])
@pytest.mark.parametrize("size", [7, 300, 100_000])
def test_a_row_nested_too_deep_costs_itself_wherever_it_is_cut(deep: str, size: int):
    text = f'[{{"a": 1}}, {{"a": {deep}}}, {{"a": 2}}]\n{{"a": {deep}}}\n{{"a": 3}}'
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    found = list(json_documents.rows(pieces))
    assert [row.line for row in found if isinstance(row, BadLine)] == [2, 4]
    assert [row.value["a"] for row in found if isinstance(row, FileRow)] == [1, 2, 3]


def test_no_parser_sees_a_row_that_would_end_the_process():
    program = (
        "import sys; sys.setrecursionlimit(10**6)\n"
        "from goldleaf.formats.json_documents import rows\n"
        """deep = '[{"a": ' + '[' * 200_000 + ']' * 200_000 + '}, {"a": 1}]'\n"""
        "print(*(type(row).__name__ for row in rows([deep[at:at + 2**20] for at in (0,)])))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.split() == ["BadLine", "FileRow"], done.returncode


def test_a_row_too_long_to_be_held_ends_the_reading(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(json_documents, "LONGEST", 200)
    text = [f'[{{"a": 1}}, {{"a": "{"x" * 90}"}}, {{"a": "', *["x" * 30] * 20, '"}, {"a": 2}]']
    assert [row[2] for row in shown(json_documents.rows(text))][2:] == ["list_too_long"]


def test_of_a_long_list_only_a_few_pieces_are_held():
    piece = ", ".join(['{"a": "' + "x" * 90 + '"}'] * 100)
    taken = 0

    def text() -> Iterator[str]:
        nonlocal taken
        for taken in range(1, 1001):
            yield ("[" if taken == 1 else ", ") + piece + ("]" if taken == 1000 else "")

    count = 0
    for row in json_documents.rows(text()):
        assert taken <= row.line / 100 + 2
        count += 1
    assert count == 100_000
