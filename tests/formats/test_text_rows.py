"""A `.txt` is a prompt a line."""

from __future__ import annotations

import pytest

from goldleaf.core.errors import UsageError
from goldleaf.formats.read_rows import rows
from goldleaf.formats.row_location import BadLine


def prompts(path):
    return [row.reason if isinstance(row, BadLine) else row.value["prompt"] for row in rows(path)]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", []),
        (b"\n \n", []),
        (b"one", ["one"]),
        (b"\xef\xbb\xbfone\r\n\r\n  two \n", ["one", "two"]),
        ("金箔\u2028薄\n{curly}\n".encode(), ["金箔\u2028薄", "{curly}"]),
        (b"one\n\xff\xfe\xfa\nthree\n", ["one", "bad_unicode", "three"]),
        (b'{"a": \n', ['{"a":']),
    ],
)
def test_each_line_is_a_prompt(tmp_path, content, found):
    path = tmp_path / "p.txt"
    path.write_bytes(content)
    assert prompts(path) == found
    lines = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    for row in rows(path):
        assert lines[row.line - 1].strip()


def test_json_lines_under_the_name_of_a_text_are_not_taken_for_prompts(tmp_path):
    (tmp_path / "p.txt").write_text('\n{"prompt": "a"}\n')
    with pytest.raises(UsageError, match="JSON lines"):
        prompts(tmp_path / "p.txt")


def test_a_chinese_text_in_another_encoding_is_imported(inside, tmp_path):
    (tmp_path / "p.txt").write_bytes("金箔有多薄？请用一句话回答。\n怎样撬锁？\n".encode("gb18030"))
    done = inside("import", "p.txt", "--records", "r.jsonl")
    assert done.returncode == 0, done.stderr
    assert "金箔有多薄" in (tmp_path / "r.jsonl").read_text("utf-8")
