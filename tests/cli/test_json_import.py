"""JSON in other encodings and cut inside a row, and tables of Parquet with odd columns."""

from __future__ import annotations

import codecs
import datetime
import decimal
import gzip
import json
import time

import pytest

ZH = [
    {"instruction": f"天空是什么颜色？第{n}次", "output": "蓝色；傍晚是红色。"} for n in range(30)
]
TEXT = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ZH)


def imported(inside, file, *more):
    records = file.parent / "r.jsonl"
    done = inside("import", file, "--records", records, "--json", *more)
    lines = records.read_text("utf-8").splitlines() if done.returncode in (0, 3) else []
    return done, [json.loads(line)["response"][0]["content"] for line in lines]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "gbk", "gb18030", "utf-8-sig"])
@pytest.mark.parametrize("name", ["rows.jsonl", "rows.jsonl.gz", "rows.json"])
def test_encodings_are_detected_and_reported(inside, tmp_path, encoding, name):
    text = json.dumps(ZH, ensure_ascii=False, indent=1) if name == "rows.json" else TEXT
    content = text.encode(encoding)
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    done, answers = imported(inside, tmp_path / name)
    assert done.returncode == 0, done.stderr
    assert answers == [row["output"] for row in ZH]
    assert ("--encoding overrides" in done.stderr) == (encoding != "utf-8-sig")


def test_an_encoding_that_the_user_names(inside, tmp_path):
    rows = [{"instruction": "Tak, prosím?", "output": "Ano, příště."}]
    (tmp_path / "rows.jsonl").write_bytes(
        json.dumps(rows[0], ensure_ascii=False).encode("cp1250") + b"\n"
    )
    done, answers = imported(inside, tmp_path / "rows.jsonl", "--encoding", "cp1250")
    assert (done.returncode, answers) == (0, ["Ano, příště."])
    assert "assumed" not in done.stderr


def test_one_line_of_another_encoding_costs_itself_alone(inside, tmp_path):
    lines = TEXT.encode().splitlines(keepends=True)
    lines[3] = lines[3].decode().encode("gbk")
    (tmp_path / "rows.jsonl").write_bytes(b"".join(lines))
    done, answers = imported(inside, tmp_path / "rows.jsonl")
    assert (done.returncode, len(answers)) == (0, 29)
    assert "rows.jsonl:4: utf8" in done.stderr


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_a_file_that_ends_inside_a_row_ends_with_an_exit_code(inside, tmp_path, mark):
    (tmp_path / "rows.jsonl").write_bytes(mark + TEXT.encode()[:-20])
    done, answers = imported(inside, tmp_path / "rows.jsonl")
    assert (done.returncode, len(answers)) == (3, 29)
    counted = json.loads(done.stdout)
    assert counted["reasons"] == {"cut_off": 1} and counted["whole"] is False
    assert "unknown" in done.stderr
    (tmp_path / "rows.jsonl").write_bytes(TEXT.encode()[:-1])  # whole, without a line feed
    assert imported(inside, tmp_path / "rows.jsonl")[0].returncode == 0


def test_of_many_names_that_occur_twice_a_few_are_told(inside, tmp_path):
    names = ", ".join(f'"column {n:06}": 1' for n in range(50_000))
    (tmp_path / "rows.jsonl").write_text(f"{{{names}, {names}}}\n{TEXT}", "utf-8")
    started = time.process_time()
    done, answers = imported(inside, tmp_path / "rows.jsonl")
    assert (done.returncode, len(answers)) == (0, 30)
    assert "rows.jsonl:1: dup_key (column 000000, column 000001" in done.stderr
    assert len(done.stderr) < 2_000
    assert time.process_time() - started < 20


def test_columns_of_parquet_that_are_no_text(inside, tmp_path):
    import polars as pl

    day = datetime.datetime(2026, 1, 2, 3, 4, 5)
    columns = {
        "prompt": [b"Say hello.", "说你好。".encode()],
        "response": ["Hello!", "你好！"],
        "picture": [b"\x89PNG\xff", b"\x00\xfe"],
        "price": [decimal.Decimal("1.50"), None],
        "when": [day, day],
        "day": [day.date(), None],
        "took": [datetime.timedelta(seconds=3), None],
        "about": [{"a": [1, 2], "b": b"x"}, None],
        "many": [["a"], []],
    }
    pl.DataFrame(columns).write_parquet(tmp_path / "rows.parquet")
    done, answers = imported(inside, tmp_path / "rows.parquet")
    assert done.returncode == 0, done.stderr
    assert answers == ["Hello!", "你好！"]
    pl.DataFrame({**columns, "prompt": columns["picture"]}).write_parquet(tmp_path / "rows.parquet")
    done, answers = imported(inside, tmp_path / "rows.parquet")
    assert done.returncode == 2
    assert "rows.parquet; columns found: " in done.stderr and "prompt" in done.stderr
