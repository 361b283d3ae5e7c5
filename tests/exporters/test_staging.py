"""Where an export is made: beside OUT, alone, and in the place of nothing but an export of ours."""

import json
import os

import pytest

from goldleaf.core.errors import GoldleafError, UsageError
from goldleaf.core.file_lock import locked
from goldleaf.core.folders import start_work
from goldleaf.exporters.export import export
from goldleaf.exporters.publishing.publish import open_staging, refuse_foreign
from goldleaf.recipes.recipe import Recipe


@pytest.fixture
def out(made, tmp_path):
    """An export of a few rows."""
    export(made.many(20), Recipe(), tmp_path / "out")
    return tmp_path / "out"


def staged(out, **more):
    with open_staging(out, **more) as staging:
        (staging.staged / "file").write_text("new")
        staging.publish()
    return staging


def test_what_is_staged_takes_the_place_of_out_and_nothing_else_stays(tmp_path):
    staging = staged(tmp_path / "deep" / "down" / "out")
    assert staging.out == tmp_path / "deep" / "down" / "out"
    assert (staging.out / "file").read_text() == "new"
    assert sorted(os.listdir(staging.out.parent)) == ["out"]


def test_both_folders_are_there_empty_and_beside_out(tmp_path):
    with open_staging(tmp_path / "out") as staging:
        assert staging.spool.parent == staging.staged.parent == tmp_path / ".out.goldleaf-work"
        assert os.listdir(staging.spool) == os.listdir(staging.staged) == []
        assert not (tmp_path / "out").exists()
    assert os.listdir(tmp_path) == []


def test_an_export_replaces_one_of_ours_that_is_as_it_was_written(out):
    staged(out)
    assert os.listdir(out) == ["file"]


def test_a_link_to_out_is_followed(out, tmp_path):
    (tmp_path / "link").symlink_to(out)
    assert staged(tmp_path / "link").out == out
    assert (tmp_path / "link").is_symlink()
    assert os.listdir(out) == ["file"]


def test_an_error_in_the_middle_leaves_out_and_no_workshop(out, tmp_path, bytes_of):
    before = bytes_of(out)
    with pytest.raises(ValueError, match="stop"), open_staging(out) as staging:
        (staging.staged / "file").write_text("half")
        raise ValueError("stop")
    assert bytes_of(out) == before
    assert sorted(os.listdir(tmp_path)) == ["out"]


def test_what_a_killed_run_put_aside_comes_back(out, tmp_path, bytes_of):
    before = bytes_of(out)
    work = tmp_path / ".out.goldleaf-work"
    start_work(work)
    out.rename(work / "before")
    with pytest.raises(ValueError, match="stop"), open_staging(out):
        raise ValueError("stop")
    assert bytes_of(out) == before


def test_an_error_of_the_system_is_explained_with_out(tmp_path):
    with (
        pytest.raises(GoldleafError, match="disk is full") as full,
        open_staging(tmp_path / "out"),
        open("/dev/full", "wb", buffering=0) as disk,
    ):
        disk.write(b"x")
    assert full.value.where == str(tmp_path / "out")
    (tmp_path / "file").write_text("x")
    with pytest.raises(GoldleafError), open_staging(tmp_path / "file" / "out"):
        pass


def test_two_at_once_are_refused(tmp_path):
    with open_staging(tmp_path / "out"):
        other = pytest.raises(UsageError, match="running here")
        with other, open_staging(tmp_path / "out"):
            pass
    refused = pytest.raises(UsageError, match="running here")
    with locked(tmp_path / ".out.lock"), refused, open_staging(tmp_path / "out"):
        pass


def test_only_an_export_with_rows_holds_rows(out, tmp_path):
    with open_staging(out) as staging:
        assert staging.holds_rows() is True
    with open_staging(tmp_path / "none") as staging:
        assert staging.holds_rows() is False
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    files = [file | {"rows": file["rows"] and 0} for file in manifest["files"]]
    (out / "manifest.json").write_text(json.dumps(manifest | {"files": files}), "utf-8")
    with open_staging(out, overwrite=True) as staging:
        assert staging.holds_rows() is False


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_file_is_no_folder(tmp_path, overwrite):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(UsageError, match="file, not a folder") as error:
        staged(tmp_path / "out", overwrite=overwrite)
    assert error.value.where == str(tmp_path / "out")
    assert (tmp_path / "out").read_text() == "mine"


def test_links_in_a_circle_are_named_so(tmp_path):
    (tmp_path / "one").symlink_to(tmp_path / "two")
    (tmp_path / "two").symlink_to(tmp_path / "one")
    with pytest.raises(UsageError, match="circle"):
        staged(tmp_path / "one")
    with pytest.raises(OSError, match="symbolic links"):
        refuse_foreign(tmp_path / "one")


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_folder_of_the_users_is_refused_and_an_empty_one_is_not(tmp_path, overwrite):
    (tmp_path / "out").mkdir()
    refuse_foreign(tmp_path / "out", overwrite=overwrite)
    (tmp_path / "out" / "thesis.txt").write_text("mine")
    with pytest.raises(UsageError, match="not an export of goldleaf") as error:
        staged(tmp_path / "out", overwrite=overwrite)
    assert error.value.where == str(tmp_path / "out")
    assert (tmp_path / "out" / "thesis.txt").read_text() == "mine"


def added(out):
    (out / "trl" / "notes.txt").write_text("mine")
    return "trl/notes.txt"


def changed(out):
    with open(out / "trl/dpo/train.jsonl", "a", encoding="utf-8") as file:
        file.write("\n")
    return "trl/dpo/train.jsonl"


def linked(out):
    (out / "README.md").rename(out.parent / "README.md")
    (out / "README.md").symlink_to(out.parent / "README.md")
    return "README.md"


@pytest.mark.parametrize(
    ("spoil", "told"),
    [(added, "did not write"), (changed, "was changed"), (linked, "did not write")],
)
def test_what_a_person_did_in_an_export_is_kept_unless_it_is_given_up(out, spoil, told):
    refuse_foreign(out)
    name = spoil(out)
    with pytest.raises(UsageError, match=told) as error:
        staged(out)
    assert error.value.where == str(out / name)
    assert "--overwrite" in error.value.fix
    assert (out / name).exists()
    staged(out, overwrite=True)
    assert os.listdir(out) == ["file"]
