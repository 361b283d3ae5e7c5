"""Files that break off, or hold more than one list: nothing is missing without a word."""

import gzip
import json

import pytest

ROWS = [{"instruction": f"Add {n} and 1.", "output": f"{n + 1}."} for n in range(40)]


def imported(inside, file, *more):
    done = inside("import", file, "--records", file.parent / "r.jsonl", "--json", *more)
    return done, json.loads(done.stdout) if done.stdout else {}


def records_of(inside, tmp_path):
    """A real `records.jsonl` of 30 rows."""
    rows = tmp_path / "rows.jsonl"
    rows.write_text("".join(json.dumps(row) + "\n" for row in ROWS[:30]))
    assert inside("import", rows, "--records", tmp_path / "records.jsonl").returncode == 0
    return (tmp_path / "records.jsonl").read_bytes()


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("between", ["", "\n", "\n\n"])
def test_lists_one_after_the_other_are_all_read(inside, tmp_path, indent, between):
    file = tmp_path / "both.json"
    file.write_text(between.join(json.dumps(part, indent=indent) for part in (ROWS[:5], ROWS[5:8])))
    done, counted = imported(inside, file)
    assert done.returncode == 0, done.stderr
    assert (counted["rows"], counted["written"], counted["whole"]) == (8, 8, True)


def test_an_object_over_several_lines_is_a_row(inside, tmp_path):
    file = tmp_path / "one.json"
    file.write_text(json.dumps(ROWS[0], indent=4))
    done, counted = imported(inside, file)
    assert (done.returncode, counted["written"]) == (0, 1), done.stderr


@pytest.mark.parametrize("cut", [1, 40, 700])
def test_a_list_that_breaks_off_ends_with_an_exit_code(inside, tmp_path, cut):
    file = tmp_path / "cut.json"
    whole = json.dumps(ROWS)
    file.write_text(whole[:-cut])
    done, counted = imported(inside, file)
    assert done.returncode == 3
    assert "how many rows" in done.stderr and "unknown" in done.stderr
    assert counted["reasons"] == {"broken_list": 1} and counted["whole"] is False
    assert counted["written"] == len((tmp_path / "r.jsonl").read_bytes().splitlines())
    assert counted["written"] == len(ROWS) - (whole[-cut:].count('"output"') if cut > 1 else 0)


@pytest.mark.parametrize("as_list", [True, False])
def test_half_a_gzip_ends_with_an_exit_code(inside, tmp_path, as_list):
    rows = [{**row, "id": f"{hash(str(row)):x}"} for row in ROWS * 50]
    text = json.dumps(rows) if as_list else "\n".join(map(json.dumps, rows))
    packed = gzip.compress(text.encode())
    file = tmp_path / "half.json.gz"
    file.write_bytes(packed[: len(packed) // 2])
    done, counted = imported(inside, file)
    assert done.returncode == 3
    assert counted["reasons"]["gzip"] == 1 and counted["whole"] is False
    assert 0 < counted["written"] < len(rows)
    assert "gzip" in done.stderr and "unknown" in done.stderr


def test_records_below_a_list_are_read_and_counted(inside, tmp_path):
    lines = records_of(inside, tmp_path)
    mixed = tmp_path / "mixed.jsonl"
    mixed.write_bytes(b"[1]\n" + lines)
    done = inside("export", mixed, "--out", tmp_path / "out", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["answers"]["read"] == 31
    assert told["reasons"]["rejected"] == {"not_an_object": 1}
    done = inside("plan", mixed, "--json")
    assert json.loads(done.stdout)["read"] == 31


@pytest.mark.parametrize("command", ["plan", "export"])
def test_half_of_the_records_is_reported_by_the_exit_code(inside, tmp_path, command):
    packed = gzip.compress(records_of(inside, tmp_path))
    half = tmp_path / "half.jsonl.gz"
    half.write_bytes(packed[:-200])
    out = ("--out", tmp_path / "out") if command == "export" else ()
    done = inside(command, half, *out, "--lang", "en")
    assert done.returncode == 3
    assert "how many rows are missing is unknown" in done.stderr and "gzip" in done.stderr
    if command == "export":
        assert inside("check", tmp_path / "out").returncode == 0


def test_records_in_utf16_are_not_one_rejected_row(inside, tmp_path):
    lines = records_of(inside, tmp_path)
    other = tmp_path / "utf16.jsonl"
    other.write_bytes(lines.decode().encode("utf-16"))
    out = ("--out", tmp_path / "out")
    done = inside("export", tmp_path / "records.jsonl", other, *out, "--json")
    assert done.returncode == 3
    assert "encoding" in done.stderr and "unknown" in done.stderr
    assert json.loads(done.stdout)["answers"]["rejected"] == 1
