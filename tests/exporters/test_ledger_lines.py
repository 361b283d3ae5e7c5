"""Lines made column by column say what lines made one by one would say, whatever they hold."""

import gzip
import json

import orjson
import pytest

from goldleaf.core.errors import NothingUsable
from goldleaf.core.input_results import InputResult
from goldleaf.core.records import Provenance
from goldleaf.core.records_jsonl import to_line
from goldleaf.exporters.export import export
from goldleaf.exporters.ingest.record_sources import records_file
from goldleaf.exporters.publishing.ledger import LEDGER
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import Pairs

STRANGE = 'a"b\\n\\ \n\t\x01\x7f é 答案 \u2028 {} [x] 😀'


def lines_of(out):
    return gzip.decompress((out / LEDGER).read_bytes()).splitlines(keepends=True)


def test_strange_texts_are_escaped_as_json_writers_do(made, tmp_path):
    file = STRANGE.replace("\n", "")  # a name with a line feed would be told as two places
    parent = Provenance(source="S5", file=file, line=3, annotator=STRANGE, licence=STRANGE)
    readings = [
        InputResult(f"{STRANGE}:1", (made.comparison(parent=parent),)),
        InputResult(f"{STRANGE}:2", reason="json", detail=STRANGE),
        InputResult(f"{STRANGE}:3", reason='odd "reason"', detail=""),
    ]
    export(readings, Recipe(), tmp_path / "out")
    lines = lines_of(tmp_path / "out")
    told = [orjson.loads(line) for line in lines]
    assert [orjson.dumps(one) + b"\n" for one in told] == lines
    used, bad, odd, record = told
    assert (used["answer"], used["from"]) == (f"{STRANGE}:1", [f"{file}:3"])
    assert used["by"]["annotator"] == [STRANGE]
    assert (bad["detail"], bad["records"], bad["fate"]) == (STRANGE, [], "rejected")
    assert odd["reason"] == 'odd "reason"'
    assert record["record"] in used["records"]


def test_several_records_rows_and_reasons_stand_in_one_line(made, tmp_path):
    many = made.comparison(answers=("A", "B", "C", "D"), ranks=(1, 2, 3, 3))
    readings = [
        InputResult("both", (many, made.demonstration(1))),
        InputResult("one", (made.demonstration(1),)),
    ]
    recipe = Recipe(pairs=Pairs(policy="all", per_prompt=2))
    export(readings, recipe, tmp_path / "out", formats=("trl", "parquet"))
    told = [orjson.loads(line) for line in lines_of(tmp_path / "out")]
    both, one, *records = told
    assert sorted(both["records"]) == both["records"] == [r["record"] for r in records]
    assert one["records"] == [r["record"] for r in records if "per_prompt" not in r["reasons"]]
    (pairs,) = (r for r in records if r["reasons"])
    assert pairs["reasons"] == {"per_prompt": 3}
    assert [len(names) for names in pairs["rows"].values()] == [2, 2]
    assert list(pairs["rows"]) == sorted(pairs["rows"])


def test_nothing_read_gives_an_empty_ledger(tmp_path):
    with pytest.raises(NothingUsable):
        export([], Recipe(), tmp_path / "out")
    assert lines_of(tmp_path / "out") == []


def test_a_line_counts_for_what_it_says_not_for_how_it_is_written(made, tmp_path, bytes_of):
    """A canonical line is kept as it was read; another one of the same record changes nothing."""
    records = [record for reading in made.many(30) for record in reading.records]
    tidy, loose = tmp_path / "tidy", tmp_path / "loose"
    for folder in (tidy, loose):
        folder.mkdir()
    lines = [to_line(record) for record in [*records, *records[:5]]]
    (tidy / "r.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
    spaced = "".join(json.dumps(json.loads(line)) + "\n" for line in lines)
    (loose / "r.jsonl").write_text(spaced, "utf-8")
    assert all(reading.line for reading in records_file(tidy / "r.jsonl"))
    assert not any(reading.line for reading in records_file(loose / "r.jsonl"))
    read = [
        records_file(tidy / "r.jsonl"),
        records_file(loose / "r.jsonl"),
        [*records_file(tidy / "r.jsonl"), *records_file(loose / "r.jsonl")],
    ]
    written = []
    for number, readings in enumerate(read):
        export(readings, Recipe(), tmp_path / f"out{number}")
        written.append(bytes_of(tmp_path / f"out{number}"))
    assert written[0] == written[1] == written[2]
