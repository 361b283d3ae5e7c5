"""Files are either old or new, never between."""

import os
import signal
import subprocess
import sys
import textwrap

import pytest

from goldleaf.core.errors import GoldleafError, UsageError
from goldleaf.core.files import locked, publish, recover, replacing, write_atomically


def test_a_write_is_whole_with_its_mode_and_leaves_nothing_else(tmp_path):
    write_atomically(tmp_path / "deep" / "a", b"one", mode=0o600)
    write_atomically(tmp_path / "deep" / "a", b"two", mode=0o600)
    assert (tmp_path / "deep" / "a").read_bytes() == b"two"
    assert (tmp_path / "deep" / "a").stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path / "deep") == ["a"]


def test_a_failed_write_leaves_the_old_file_and_no_rest(tmp_path):
    write_atomically(tmp_path / "a", b"old")
    with pytest.raises(ValueError, match="stop"), replacing(tmp_path / "a") as file:
        file.write(b"half")
        raise ValueError("stop")
    assert (tmp_path / "a").read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a"]


def test_a_full_disk_is_explained():
    with pytest.raises(GoldleafError, match="disk is full"):
        from pathlib import Path

        from goldleaf.core.files import explained

        with open("/dev/full", "wb", buffering=0) as full:
            try:
                full.write(b"x")
            except OSError as error:
                raise explained(error, Path("/dev/full")) from error


def test_a_place_that_cannot_be_written_is_explained(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(GoldleafError) as caught:
        write_atomically(tmp_path / "file" / "below", b"x")
    assert "below" in caught.value.where


def test_publishing_puts_one_folder_in_the_place_of_another(tmp_path):
    for version in ("old", "new"):
        staged = tmp_path / ".out.new"
        staged.mkdir()
        (staged / "file").write_text(version)
        publish(staged, tmp_path / "out")
    assert (tmp_path / "out" / "file").read_text() == "new"
    assert os.listdir(tmp_path) == ["out"]


def test_a_publish_killed_between_its_renames_is_undone(tmp_path):
    aside = tmp_path / ".out.before"
    aside.mkdir()
    (aside / "file").write_text("old")
    recover(tmp_path / "out")
    assert (tmp_path / "out" / "file").read_text() == "old"
    assert os.listdir(tmp_path) == ["out"]


def test_two_at_one_place_are_told_apart_and_a_dead_one_lets_go(tmp_path):
    script = textwrap.dedent(
        f"""
        import time
        from pathlib import Path
        from goldleaf.core.files import locked
        with locked(Path({str(tmp_path / "lock")!r})):
            print("held", flush=True)
            time.sleep(60)
        """
    )
    other = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    try:
        assert other.stdout is not None and other.stdout.readline() == b"held\n"
        with pytest.raises(UsageError, match="at work"), locked(tmp_path / "lock"):
            pass
    finally:
        other.send_signal(signal.SIGKILL)
        other.communicate()
    with locked(tmp_path / "lock"):
        pass
