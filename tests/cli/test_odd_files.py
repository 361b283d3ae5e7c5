"""Odd files under every command that reads one: a plain message that names the file, a code."""

from __future__ import annotations

import gzip
import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

ROW = {"prompt": "Say hello.", "response": "Hello!"}
LINE = json.dumps(ROW).encode() + b"\n"
RECORD = (
    b'{"context":[{"content":"Hi","role":"user"}],"record":"demonstration",'
    b'"response":[{"content":"Ho","role":"assistant"}]}\n'
)
DEEP_LIST, DEEP_OBJECT = b"[" * 5_000 + b"]" * 5_000, b'{"a":' * 5_000 + b"1" + b"}" * 5_000
RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What must not reach a terminal."""

pytestmark = pytest.mark.timeout(100)


def parquet(path: Path) -> bytes:
    import polars as pl

    pl.DataFrame([ROW]).write_parquet(path)
    return path.read_bytes()


CONTENTS: dict[str, bytes] = {
    "empty": b"",
    "only_a_mark": b"\xef\xbb\xbf",
    "blank": b"\n \n\t\n",
    "nul_bytes": b"\x00" * 4_096,
    "binary": bytes(range(256)) * 64,
    "deep_list": DEEP_LIST + b"\n" + LINE,
    "deep_object": DEEP_OBJECT + b"\n" + LINE,
    "deep_in_a_row": b'{"prompt":"a","response":"b","c":' + DEEP_LIST + b"}\n" + LINE,
    "deep_in_a_list": b"[" + json.dumps(ROW).encode() + b", " + DEEP_OBJECT + b"]",
    "deep_without_end": b"[" * 5_000,
    "lone_surrogate": b'{"prompt": "\\ud800", "response": "b"}\n' + LINE,
    "mixed_encodings": LINE + '{"prompt": "你", "response": "好"}\n'.encode("gbk") + LINE,
    "one_huge_line": b'{"prompt": "' + b"x" * 3_000_000 + b'", "response": "y"}\n',
    "cut_in_a_row": LINE + LINE[:-9],
    "scalars": b"1\nnull\ntrue\n" + b'"text"\n',
    "a_key_twice": b'{"prompt": "a", "prompt": "b", "response": "c"}\n' + LINE,
    "not_finite": b'{"prompt": "a", "response": "b", "score": NaN}\n' + LINE,
    "escapes": b'{"prompt": "a", "\\u001b]0;title\\u0007\\u202e": 1}\n',
    "yaml_tag": b"!!python/object/apply:os.system [id]\n",
    "yaml_tabs": b"pairs:\n\t{policy: all}\n",
    "yaml_control": b"pairs: \x1b[31m\n",
    "yaml_date": b"2026-99-99: 2026-13-45\n? [a, b]\n: c\n",
    "yaml_several": b"a: 1\n---\nb: 2\n",
    "toml_deep": b"url = " + DEEP_LIST + b"\n",
    "toml_odd": b"url = 1979-05-27T07:32:00Z\n[[x]]\n",
    "null": b"null",
    "list": b"[]",
    "object": b"{}",
    "manifest": b'{"kind": "goldleaf-export/1", "files": {"a": [null]}, "tables": 7}',
    "ragged": b'a,b\n1\n1,2,3\n"x\n',
}
SPECIAL = ("folder", "dangling_link", "links_in_a_circle", "pipe", "absent", "no_permission")


def place(path: Path, shape: str) -> None:
    """Put a file of that shape at `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    match shape:
        case "folder":
            path.mkdir()
        case "dangling_link":
            path.symlink_to(path.parent / "nothing")
        case "links_in_a_circle":
            path.symlink_to(path)
        case "pipe":
            os.mkfifo(path)
        case "absent":
            pass
        case "no_permission":
            path.write_bytes(LINE)
            path.chmod(0)
        case _:
            path.write_bytes(CONTENTS[shape])


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """Return a function that copies a real export."""
    import shutil

    from goldleaf.exporters.export import export
    from goldleaf.exporters.ingest.record_sources import records_file
    from goldleaf.recipes.load import load

    folder = tmp_path_factory.mktemp("export")
    (folder / "records.jsonl").write_bytes(RECORD)
    export(records_file(folder / "records.jsonl"), load(None), folder / "out", formats=["trl"])
    return lambda target: Path(shutil.copytree(folder / "out", target))


def ended(done, codes: set[int], name: str) -> None:
    """Hold that a run ended as designed and named the file."""
    said = done.stdout + done.stderr
    assert done.returncode in codes, (done.returncode, said[:2_000])
    assert "Traceback" not in said
    if done.returncode not in (0, 4):  # 4: nothing usable; the ledger names every input
        assert name in said, said[:2_000]
    assert not RAW.search(said.replace("\n", "")), RAW.search(said)
    assert len(said) < 20_000


SHAPES = [*CONTENTS, *SPECIAL]
FEW = ["empty", "nul_bytes", "deep_object", "deep_in_a_list", "null", "manifest", *SPECIAL]
few = pytest.mark.parametrize("shape", FEW)
shapes = pytest.mark.parametrize("shape", SHAPES)


def skip_as_root(shape: str) -> None:
    if shape == "no_permission" and not os.geteuid():
        pytest.skip("root may read everything")


@shapes
def test_rows(inside, tmp_path, shape):
    skip_as_root(shape)
    for name in ("odd.jsonl", "odd.json", "odd.jsonl.gz", "odd.csv", "odd.tsv", "odd.parquet"):
        file = tmp_path / "in" / name
        place(file, shape)
        done = inside("import", file, "--records", tmp_path / "r.jsonl", "--overwrite", "--json")
        ended(done, {0, 2, 3, 4}, name)
        if done.returncode == 0:
            counts = json.loads(done.stdout)
            assert counts["rows"] == counts["written"] + counts["rejected"]
            assert counts["written"]


@shapes
def test_answers(inside, tmp_path, shape):
    skip_as_root(shape)
    for name in ("odd.jsonl", "odd.json"):
        file = tmp_path / "in" / name
        place(file, shape)
        done = inside("plan", file)
        ended(done, {0, 2, 3, 4}, name)
        if shape in FEW:
            again = inside("export", file, "--out", tmp_path / "out")
            ended(again, {done.returncode}, name)


@shapes
def test_recipes_and_settings(inside, tmp_path, shape):
    skip_as_root(shape)
    records = tmp_path / "records.jsonl"
    records.write_bytes(RECORD)
    recipe = tmp_path / "odd.yaml"
    place(recipe, shape)
    ended(inside("plan", records, "--recipe", recipe), {0, 2}, "odd.yaml")
    (tmp_path / "over.yaml").write_text("extends: odd.yaml\n")
    ended(inside("plan", records, "--recipe", tmp_path / "over.yaml"), {0, 2}, ".yaml")
    ended(inside("kinds", "--lint", recipe), {0, 1, 2}, "")
    place(tmp_path / "goldleaf.toml", shape)
    ended(inside("kinds"), {0, 2}, "goldleaf.toml")


@few
def test_secrets_of_the_data_directory(inside, tmp_path, shape):
    skip_as_root(shape)
    records = tmp_path / "rows.jsonl"
    records.write_bytes(json.dumps({**ROW, "annotator": "a@b.c"}).encode())
    for name in ("pseudonyms", "label-studio", "running-backend"):
        place(tmp_path / "state" / f"{name}.secret.json", shape)
    source = ("--source", "expert", "--annotator", "a@b.c")
    done = inside("import", records, "--records", tmp_path / "r.jsonl", *source)
    ended(done, {0, 2}, "pseudonyms.secret.json")
    ended(inside("project", "list"), {2}, "")
    ended(inside("doctor"), {1, 2, 5}, "")


@few
def test_files_of_an_export(inside, tmp_path, shape, exported):
    skip_as_root(shape)
    names = ("manifest.json", "ledger.jsonl.gz", "trl/sft/train.jsonl")
    for number, name in enumerate(names):
        out = exported(tmp_path / f"out{number}")
        (out / name).unlink()
        place(out / name, shape)
        file = Path(name).name
        ended(inside("check", out), {1, 2}, file)
        ended(inside("diff", out, out), {0, 1, 2}, file)
        ended(inside("why", out, "abcdef"), {1, 2}, "")
        ended(inside("check", out, "--with", "openai"), {1, 2}, file)
        ended(inside("export", tmp_path / "absent.jsonl", "--out", out), {2}, "absent.jsonl")


@pytest.mark.parametrize("ending", ["jsonl", "json", "csv"])
@pytest.mark.parametrize("kept", [0, 5, 20, -1, -8])
def test_a_gzip_that_breaks_off(inside, tmp_path, ending, kept):
    file = tmp_path / f"odd.{ending}.gz"
    file.write_bytes(gzip.compress(LINE * 300)[:kept])
    done = inside("import", file, "--records", tmp_path / "r.jsonl")
    ended(done, {2, 3, 4}, file.name)


def test_a_gzip_of_nothing(inside, tmp_path):
    file = tmp_path / "odd.jsonl.gz"
    file.write_bytes(gzip.compress(b""))
    ended(inside("import", file, "--records", tmp_path / "r.jsonl"), {4}, file.name)


@pytest.mark.parametrize("kept", [3, 4, 100, -4, -100])
def test_a_table_that_breaks_off(inside, tmp_path, kept):
    file = tmp_path / "odd.parquet"
    file.write_bytes(parquet(file)[:kept])
    ended(inside("import", file, "--records", tmp_path / "r.jsonl"), {2, 3}, file.name)
    file.rename(wrong := tmp_path / "parquet.jsonl")
    ended(inside("import", wrong, "--records", tmp_path / "r.jsonl"), {2, 3, 4}, wrong.name)


@pytest.mark.parametrize("name", ["odd", "odd.txt", "odd.xlsx", "odd.jsonl.bz2", ".jsonl", "odd."])
def test_a_wrong_ending(inside, tmp_path, name):
    (tmp_path / name).write_bytes(LINE)
    done = inside("import", tmp_path / name, "--records", tmp_path / "r.jsonl")
    ended(done, {0, 2}, name)
