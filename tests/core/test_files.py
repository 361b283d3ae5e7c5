"""Files are either old or new, never between."""

import errno
import os
import pty
import signal
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from goldleaf.core.errors import GoldleafError, UsageError
from goldleaf.core.file_lock import locked
from goldleaf.core.files import (
    check_readable,
    file_error,
    read_small,
    replacing,
    write_atomically,
)
from goldleaf.core.folders import end_work, publish, recover, start_work


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

        from goldleaf.core.files import file_error

        with open("/dev/full", "wb", buffering=0) as full:
            try:
                full.write(b"x")
            except OSError as error:
                raise file_error(error, Path("/dev/full")) from error


def test_a_place_that_cannot_be_written_is_explained(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(GoldleafError) as caught:
        write_atomically(tmp_path / "file" / "below", b"x")
    assert "below" in caught.value.where


@pytest.fixture(params=["exchanged", "two renames"])
def publishing(request, monkeypatch, tmp_path):
    """Publish a folder with one file, either way."""
    if request.param == "two renames":
        monkeypatch.setattr("goldleaf.core.folders.exchange", lambda one, other: False)

    def run(text):
        work = tmp_path / ".out.goldleaf-work"
        start_work(work)
        (work / "staged").mkdir()
        (work / "staged" / "file").write_text(text)
        publish(work / "staged", tmp_path / "out", work)
        end_work(work)

    return run


def test_publishing_puts_one_folder_in_the_place_of_another(tmp_path, publishing):
    for version in ("old", "new"):
        publishing(version)
    assert (tmp_path / "out" / "file").read_text() == "new"
    assert os.listdir(tmp_path) == ["out"]


def test_a_publish_killed_between_its_renames_is_undone(tmp_path):
    work = tmp_path / ".out.goldleaf-work"
    start_work(work)
    (work / "before").mkdir()
    (work / "before" / "file").write_text("old")
    recover(tmp_path / "out", work)
    end_work(work)
    assert (tmp_path / "out" / "file").read_text() == "old"
    assert os.listdir(tmp_path) == ["out"]


def test_a_folder_that_is_replaced_is_never_absent(tmp_path, publishing, request):
    if "two renames" in request.node.name:
        pytest.skip("two renames leave a moment between them")
    publishing("0")
    script = f"""
        import os
        seen = 0
        print("looking", flush=True)
        while not os.path.exists({str(tmp_path / "stop")!r}):
            open({str(tmp_path / "out" / "file")!r}).close()
            seen += 1
        print(seen)
    """
    looking = [sys.executable, "-c", textwrap.dedent(script)]
    with subprocess.Popen(looking, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as reader:
        assert reader.stdout is not None and reader.stdout.readline() == b"looking\n"
        for number in range(200):
            publishing(str(number))
        (tmp_path / "stop").touch()
        seen, errors = reader.communicate(timeout=60)
    assert reader.returncode == 0, errors.decode()
    assert int(seen) > 100


def test_a_folder_of_the_users_is_no_work_folder(tmp_path):
    mine = tmp_path / ".out.goldleaf-work"
    mine.mkdir()
    (mine / "thesis.txt").write_text("mine")
    with pytest.raises(UsageError, match="not a work folder"):
        start_work(mine)
    assert (mine / "thesis.txt").read_text() == "mine"


def test_a_link_is_followed_and_its_file_keeps_its_permissions(tmp_path):
    (tmp_path / "there").mkdir()
    target = tmp_path / "there" / "real"
    target.write_text("old")
    target.chmod(0o640)
    (tmp_path / "link").symlink_to(target)
    write_atomically(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert target.read_bytes() == b"new"
    assert target.stat().st_mode & 0o777 == 0o640
    (tmp_path / "dangling").symlink_to(tmp_path / "there" / "later")
    write_atomically(tmp_path / "dangling", b"x")
    assert (tmp_path / "there" / "later").read_bytes() == b"x"


def test_a_new_file_asks_the_umask(tmp_path):
    before = os.umask(0o077)
    try:
        write_atomically(tmp_path / "a", b"x")
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600


@pytest.fixture
def device(tmp_path):
    """Return a function that gives a device by its name under `/dev`.

    For root it is a node of this test's own: a fault in the code must not replace the machine's.
    """

    def get(name):
        if os.geteuid() != 0:
            return Path("/dev", name)
        real = os.stat(f"/dev/{name}")
        node = tmp_path / f"dev-{name}"
        try:
            os.mknod(node, real.st_mode, real.st_rdev)
            os.chmod(node, 0o666)
            os.close(os.open(node, os.O_RDONLY | os.O_NOCTTY))
        except PermissionError as error:
            pytest.skip(f"no device can be made here: {error}")
        except OSError as error:  # a terminal that nobody controls
            assert error.errno == errno.ENXIO
        return node

    return get


def test_devices_are_written_to_or_refused_and_stay_devices(tmp_path, device):
    null = device("null")
    write_atomically(null, b"x")
    assert stat.S_ISCHR(os.stat(null).st_mode)
    (tmp_path / "null").symlink_to(null)
    write_atomically(tmp_path / "null", b"x")
    assert stat.S_ISCHR(os.stat(null).st_mode)
    with pytest.raises(GoldleafError, match="disk is full"):
        write_atomically(device("full"), b"x")
    with pytest.raises(UsageError, match="device"):
        write_atomically(device("urandom"), b"x")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="Nothing reads"):
        write_atomically(tmp_path / "pipe", b"x")
    with pytest.raises(UsageError, match="pipe or a device"):
        check_readable(tmp_path / "pipe")


def test_a_loop_of_links_is_explained(tmp_path):
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    for use in (check_readable, lambda path: write_atomically(path, b"x")):
        with pytest.raises(UsageError, match="circle"):
            use(tmp_path / "one")


def test_what_a_dead_run_left_is_removed_and_what_a_living_one_writes_is_not(tmp_path):
    script = textwrap.dedent(
        f"""
        import time
        from pathlib import Path
        from goldleaf.core.files import replacing
        with replacing(Path({str(tmp_path / "records.jsonl")!r})) as file:
            print("open", flush=True)
            time.sleep(60)
        """
    )
    others = [
        subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) for _ in range(2)
    ]
    try:
        assert all(other.stdout and other.stdout.readline() == b"open\n" for other in others)
        others[0].kill()
        others[0].wait()
        foreign = [".records.jsonl.swp", ".records.jsonl.mine.tmp", "other.goldleaf-tmp"]
        for name in foreign:
            (tmp_path / name).write_text("mine")
        assert len(list(tmp_path.glob(".records.jsonl.*.goldleaf-tmp"))) == 2
        write_atomically(tmp_path / "records.jsonl", b"x")
        assert len(list(tmp_path.glob(".records.jsonl.*.goldleaf-tmp"))) == 1
        assert all((tmp_path / name).exists() for name in foreign)
    finally:
        for other in others:
            other.kill()
            other.communicate()
    write_atomically(tmp_path / "records.jsonl", b"x")
    assert sorted(os.listdir(tmp_path)) == sorted([*foreign, "records.jsonl"])


def test_two_at_one_place_are_told_apart_and_a_dead_one_lets_go(tmp_path):
    script = textwrap.dedent(
        f"""
        import time
        from pathlib import Path
        from goldleaf.core.file_lock import locked
        with locked(Path({str(tmp_path / "lock")!r})):
            print("held", flush=True)
            time.sleep(60)
        """
    )
    other = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    try:
        assert other.stdout is not None and other.stdout.readline() == b"held\n"
        with pytest.raises(UsageError, match="running here"), locked(tmp_path / "lock"):
            pass
    finally:
        other.send_signal(signal.SIGKILL)
        other.communicate()
    with locked(tmp_path / "lock"):
        pass


ERRORS = {
    "No permission": PermissionError(errno.EACCES, ""),
    "No such file": FileNotFoundError(errno.ENOENT, ""),
    "a folder, not a file": IsADirectoryError(errno.EISDIR, ""),
    "A part of this path is a file": NotADirectoryError(errno.ENOTDIR, ""),
    "lead in a circle": OSError(errno.ELOOP, ""),
    "name is too long": OSError(errno.ENAMETOOLONG, ""),
    "disk is full": OSError(errno.EDQUOT, ""),
    "larger than may be written": OSError(errno.EFBIG, ""),
    "No permission.": OSError(errno.EROFS, ""),
    "Input/output error": OSError(errno.EIO, "Input/output error"),
}


@pytest.mark.parametrize("what", ERRORS)
def test_each_error_of_the_system_says_what_and_where(what):
    found = file_error(ERRORS[what], Path("/some/where"))
    assert what in found.what
    assert found.where == "/some/where"
    assert bool(found.fix) == (what != "Input/output error")
    none = ("disk is full", "larger than may be written", "Input/output error")
    assert isinstance(found, UsageError) == (what not in none)


def test_a_name_that_is_too_long_is_said_by_the_system_itself(tmp_path):
    with pytest.raises(UsageError, match="too long"):
        write_atomically(tmp_path / ("a" * 300), b"x")
    write_atomically(tmp_path / ("名" * 80), b"x")
    assert os.listdir(tmp_path) == ["名" * 80]


def test_a_path_cannot_hold_nul(tmp_path):
    for use in (check_readable, lambda path: write_atomically(path, b"x")):
        with pytest.raises(UsageError, match="NUL"):
            use(tmp_path / "a\0b")


def test_a_small_file_is_read_up_to_its_limit(tmp_path):
    (tmp_path / "a").write_bytes(b"12345")
    assert read_small(tmp_path / "a", 5) == b"12345"
    with pytest.raises(UsageError, match="too large"):
        read_small(tmp_path / "a", 4)
    with open(tmp_path / "a", "r+b") as file:
        file.truncate(2**24 + 1)
    with pytest.raises(UsageError, match="at most 16,777,216 bytes"):
        read_small(tmp_path / "a")
    with pytest.raises(UsageError, match="a folder"):
        read_small(tmp_path)


def test_a_new_file_is_for_all_where_the_umask_allows_it(tmp_path):
    before = os.umask(0)
    try:
        write_atomically(tmp_path / "a", b"x")
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o7777 == 0o666


def test_a_mode_that_is_asked_for_wins_over_the_umask_and_the_old_file(tmp_path):
    (tmp_path / "a").write_bytes(b"old")
    (tmp_path / "a").chmod(0o777)
    before = os.umask(0o077)
    try:
        write_atomically(tmp_path / "a", b"x", mode=0o644)
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o644


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file away")
def test_a_file_of_another_user_stays_theirs_and_so_do_their_temporary_files(tmp_path):
    (tmp_path / "a").write_bytes(b"old")
    theirs = tmp_path / ".a.0123.goldleaf-tmp"
    theirs.write_text("theirs")
    for path in (tmp_path / "a", theirs):
        os.chown(path, 12345, 23456)
    write_atomically(tmp_path / "a", b"new")
    found = (tmp_path / "a").stat()
    assert (found.st_uid, found.st_gid) == (12345, 23456)
    assert theirs.read_text() == "theirs"


def test_what_only_has_the_name_of_a_leftover_keeps_its_place(tmp_path):
    (tmp_path / "mine").write_text("mine")
    (tmp_path / ".a.link.goldleaf-tmp").symlink_to(tmp_path / "mine")
    (tmp_path / ".a.folder.goldleaf-tmp").mkdir()
    write_atomically(tmp_path / "a", b"x")
    assert (tmp_path / ".a.link.goldleaf-tmp").is_symlink()
    assert (tmp_path / ".a.folder.goldleaf-tmp").is_dir()
    os.mkfifo(tmp_path / ".a.pipe.goldleaf-tmp")
    write_atomically(tmp_path / "a", b"x")
    assert (tmp_path / ".a.pipe.goldleaf-tmp").is_fifo()


def written_by_another(tmp_path, place, **streams):
    script = f"""
        from pathlib import Path
        from goldleaf.core.files import write_atomically
        write_atomically(Path({place!r}), b"told")
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    return subprocess.run(command, cwd=tmp_path, timeout=60, check=False, **streams)


@pytest.mark.parametrize("place", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_an_open_file_is_added_to_and_stays_the_same_file(tmp_path, place):
    (tmp_path / "log").write_text("before ")
    inode = (tmp_path / "log").stat().st_ino
    with open(tmp_path / "log", "ab") as log:
        assert written_by_another(tmp_path, place, stdout=log).returncode == 0
    assert (tmp_path / "log").read_text() == "before told"
    assert (tmp_path / "log").stat().st_ino == inode


def test_terminals_are_written_to(device):
    ours, theirs = pty.openpty()
    try:
        write_atomically(Path(os.ttyname(theirs)), b"slave")
        assert os.read(ours, 100) == b"slave"
    finally:
        os.close(ours)
        os.close(theirs)
    child = "from pathlib import Path; from goldleaf.core.files import write_atomically; "
    child += ""
    child += f"write_atomically(Path({str(device('tty'))!r}), b'told')"
    spawn = f"import pty, sys; pty.spawn([sys.executable, '-c', {child!r}])"
    done = subprocess.run(
        [sys.executable, "-c", spawn],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == b"told"


def test_a_pipe_with_a_reader_is_written_to_and_stays_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_atomically(tmp_path / "pipe", b"told")
        assert os.read(reader, 100) == b"told"
    finally:
        os.close(reader)
    assert (tmp_path / "pipe").is_fifo()


def test_a_lock_makes_its_folder_and_may_be_waited_for(tmp_path):
    place = tmp_path / "deep" / "down" / "lock"
    calls = []
    with locked(place, waiting=lambda: calls.append("free")):
        assert place.is_file()
    script = f"""
        import sys
        from pathlib import Path
        from goldleaf.core.file_lock import locked
        with locked(Path({str(place)!r})):
            print("held", flush=True)
            sys.stdin.read()
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdin and other.stdout and other.stdout.readline() == b"held\n"
        with locked(place, waiting=other.stdin.close):
            calls.append("waited")
            assert other.wait(60) == 0
    assert calls == ["waited"]


def test_a_lock_file_is_removed_and_no_two_hold_it_however_late_they_opened_it(tmp_path):
    place = tmp_path / "lock"
    script = f"""
        import sys
        from pathlib import Path
        from goldleaf.core.file_lock import locked
        with locked(Path({str(place)!r}), removed=True):
            print("held", flush=True)
            sys.stdin.read()
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdin and other.stdout and other.stdout.readline() == b"held\n"
        # The file is open here by the time the other process removes it, and lets it go.
        with locked(place, waiting=other.stdin.close, removed=True):
            assert other.wait(60) == 0 and place.is_file()
            third = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True)
            assert b"running here" in third.stderr and not third.stdout
    assert not place.exists()
    with pytest.raises(KeyError), locked(place, removed=True):
        raise KeyError
    assert not place.exists()
