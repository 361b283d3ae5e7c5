"""Stages that are found again, and redone when anything that they depend on is another."""

import polars as pl
import pytest

from goldleaf.core.errors import GoldleafError
from goldleaf.curation.engines.local import Local
from goldleaf.curation.engines.process_pool import ProcessPool
from goldleaf.curation.engines.stages import Stages, files_hash, read_parquet

SCHEMA = {"p": pl.Int32, "n": pl.Int64}


def numbers(paths):
    return read_parquet(paths).with_columns((pl.col("n") % 16).cast(pl.Int32).alias("p"))


def doubled(frame):
    return frame.select("p", pl.col("n") * 2).sort("n")


@pytest.fixture
def parts(tmp_path):
    paths = []
    for number in range(3):
        path = tmp_path / f"in-{number}.parquet"
        pl.DataFrame({"n": range(number * 10, number * 10 + 10)}).write_parquet(path)
        paths.append(str(path))
    return paths


def run(folder, parts, configuration=None, version="1", engine=None):
    engine = engine or Local()
    stages = Stages(folder / "work", engine, files_hash(parts), configuration or {})
    data = engine.map(engine.source(parts), numbers, SCHEMA)
    files = stages.exchange("doubled", lambda: data, doubled, SCHEMA, version)
    return sorted(stages.collect(files, SCHEMA)["n"].to_list()), stages.done


def test_a_finished_stage_is_found_again(tmp_path, parts):
    expected = list(range(0, 60, 2))
    assert run(tmp_path, parts) == (expected, ["doubled"])
    assert run(tmp_path, list(reversed(parts))) == (expected, [])


@pytest.mark.parametrize("change", [{"configuration": {"a": 1}}, {"version": "2"}])
def test_another_configuration_or_kernel_redoes_it(tmp_path, parts, change):
    run(tmp_path, parts)
    assert run(tmp_path, parts, **change)[1] == ["doubled"]


def test_other_inputs_redo_it_and_leave_no_old_part(tmp_path, parts):
    run(tmp_path, parts)
    pl.DataFrame({"n": [7]}).write_parquet(parts[0])
    assert run(tmp_path, parts[:1]) == ([14], ["doubled"])
    assert len(list((tmp_path / "work" / "doubled").glob("part-*"))) == 1


@pytest.mark.parametrize("damage", ["torn part", "lost part", "torn manifest", "lost manifest"])
def test_a_damaged_stage_is_redone(tmp_path, parts, damage):
    expected, _ = run(tmp_path, parts)
    folder = tmp_path / "work" / "doubled"
    path = folder / "manifest.json" if "manifest" in damage else next(folder.glob("part-*"))
    if "lost" in damage:
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-5])
    assert run(tmp_path, parts) == (expected, ["doubled"])


def test_a_kernel_that_fails_leaves_no_manifest(tmp_path, parts):
    engine = Local()
    stages = Stages(tmp_path / "work", engine, "x", {})
    data = engine.map(engine.source(parts), numbers, SCHEMA)
    with pytest.raises(ZeroDivisionError):
        stages.exchange("failing", lambda: data, lambda frame: frame[1 // 0 :], SCHEMA, "1")
    assert not (tmp_path / "work" / "failing" / "manifest.json").exists()


def test_a_union_has_the_rows_of_both(parts):
    engine = Local()
    one = engine.map(engine.source(parts[:1]), numbers, SCHEMA)
    other = engine.map(engine.source(parts[1:]), numbers, SCHEMA)
    both = engine.collect(engine.exchange(engine.union(one, other), doubled, SCHEMA))
    assert sorted(both["n"]) == list(range(0, 60, 2))


def test_no_input_gives_no_rows(tmp_path):
    assert run(tmp_path, []) == ([], ["doubled"])


def test_a_lost_input_is_named(tmp_path):
    with pytest.raises(GoldleafError, match="No such file"):
        files_hash([str(tmp_path / "none.parquet")])


def test_a_pool_of_processes_reads_all(parts):
    with ProcessPool(2) as pool:
        engine = Local(pool)
        found = engine.collect(engine.map(engine.source(parts), read_parquet, {"n": pl.Int64}))
    assert sorted(found["n"]) == list(range(30))
