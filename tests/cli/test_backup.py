"""A data directory is backed up while servers run, and comes back as it was: all or nothing."""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from refusal_tasks import KIND, annotated, tasks
from typer.testing import CliRunner

from goldleaf.backend.event_store import EventStore
from goldleaf.backend.predictors.predictor import for_project
from goldleaf.backend.predictors.predictor_registry import open_predictor
from goldleaf.backend.protocol import Hint
from goldleaf.backend.training.fit_model import fit
from goldleaf.backend.training.model_file import to_bytes
from goldleaf.backend.training.model_store import ModelStore
from goldleaf.backend.training.training_examples import examples, learnable
from goldleaf.cli.main import app
from goldleaf.core.data_dir import DataDir
from goldleaf.core.errors import GoldleafError, UsageError
from goldleaf.core.file_lock import locked
from goldleaf.core.schema_version import SCHEMA_VERSION
from goldleaf.core.settings import Settings
from goldleaf.studio.local_backend import KnownBackend, keep_backend, kept_backend
from goldleaf.workflows.backup import FOLDER, MANIFEST, back_up
from goldleaf.workflows.restore import restore

PROJECT = "3.1795363614"


def hint(number: int) -> Hint:
    return Hint("ANNOTATION_CREATED", number, "2026-01-01T00:00:00Z", 3)


@pytest.fixture(scope="module")
def model() -> tuple[bytes, dict[str, object]]:
    controls = learnable(KIND, KIND.screen)
    return to_bytes(fit(list(examples(annotated(120), controls, KIND.screen)), controls, KIND.id))


@pytest.fixture
def state(tmp_path: Path, model: tuple[bytes, dict[str, object]]) -> DataDir:
    """A data directory as `goldleaf up` leaves it, with Label Studio's own database in it."""
    data = DataDir(tmp_path / "state").create()
    data.pseudonym("ann@example.org")
    data.keep_secret("backend", {"user": "goldleaf", "password": "a", "webhook_secret": "b"})
    keep_backend(data, KnownBackend("http://127.0.0.1:9090", "goldleaf", "a", "b"))
    data.keep_secret("login", {"url": "http://elsewhere", "token": "of another Label Studio"})
    with closing(EventStore(data.events)) as store:
        store.add(map(hint, range(5)))
        store.finish(store.waiting(2))
    ModelStore(data.models).publish(PROJECT, *model)
    data.label_studio.mkdir()
    with closing(sqlite3.connect(data.label_studio / "label_studio.sqlite3")) as db, db:
        db.execute("CREATE TABLE task (id INTEGER PRIMARY KEY, text TEXT)")
        db.executemany("INSERT INTO task (text) VALUES (?)", [("x" * 1000,)] * 200)
    upload = data.label_studio / "media" / "upload" / "1" / "数据 a.json"
    upload.parent.mkdir(parents=True)
    upload.write_text("[]", "utf-8")
    data.logs.mkdir()
    (data.logs / "label-studio.log").write_text("lines", "utf-8")
    return data


def settings_of(data: DataDir) -> Settings:
    return Settings(data_dir=data.path)


def drafts(data: DataDir) -> list[object]:
    """What the backend of a data directory drafts for tasks that it has not learned from."""
    predictor = open_predictor("auto", data.models)
    found = for_project(predictor, PROJECT, KIND.config("en")).drafts(KIND, tasks(20, 500))
    return [str(each) for each in found]


def pending(data: DataDir) -> list[Hint]:
    with closing(EventStore(data.events)) as store:
        return [event.hint for event in store.waiting()]


def contents(folder: Path) -> dict[str, bytes]:
    """The files of a folder, less locks and databases, whose files SQLite rewrites as it likes."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and "locks" not in file.parts and "sqlite" not in file.name
    }


def test_what_comes_back_drafts_the_same_under_the_same_pseudonyms(state: DataDir, tmp_path: Path):
    out = tmp_path / "backup.tar.gz"
    made = CliRunner().invoke(app, ["backup", str(out), "--data-dir", str(state.path)])
    assert made.exit_code == 0, made.output
    assert "passwords" in made.output
    assert out.stat().st_mode & 0o777 == 0o600
    with tarfile.open(out) as archive:
        names = archive.getnames()
        manifest = json.loads(archive.extractfile(MANIFEST).read())  # type: ignore[union-attr]
    assert names[-1] == MANIFEST
    assert manifest["schema"] == SCHEMA_VERSION
    assert not [name for name in names if "log" in name.split("/")[1]], "no log, no login"
    other = DataDir(tmp_path / "other place" / "state")
    done = CliRunner().invoke(app, ["restore", str(out), "--data-dir", str(other.path)])
    assert done.exit_code == 0, done.output
    assert other.pseudonym("ANN@example.org") == state.pseudonym("ann@example.org")
    assert pending(other) == pending(state) == [hint(2), hint(3), hint(4)]
    store, former = ModelStore(other.models), ModelStore(state.models)
    assert store.versions(PROJECT) == former.versions(PROJECT)
    assert store.current(PROJECT) is not None
    assert drafts(other) == drafts(state) and any(each != "None" for each in drafts(other))
    upload = other.label_studio / "media" / "upload" / "1" / "数据 a.json"
    assert upload.read_text("utf-8") == "[]"
    with closing(sqlite3.connect(other.label_studio / "label_studio.sqlite3")) as db:
        assert db.execute("SELECT count(*) FROM task").fetchone() == (200,)
    assert other.path.stat().st_mode & 0o777 == 0o700, "its database may be open to all"
    for secret in other.path.glob("*.secret.json"):
        assert secret.stat().st_mode & 0o777 == 0o600
    known, original = kept_backend(other), kept_backend(state)
    assert known and original and known.url == original.url
    assert known.instance != original.instance, "a copy is not taken for the original"


def test_the_same_state_is_the_same_archive_while_others_write(state: DataDir, tmp_path: Path):
    """A server that stores events and a Label Studio that writes: each copy is of one moment."""
    one, two = tmp_path / "one.tar.gz", tmp_path / "two.tar.gz"
    back_up(one, settings=settings_of(state))
    back_up(two, settings=settings_of(state))
    assert one.read_bytes() == two.read_bytes()
    over = threading.Event()
    database = state.label_studio / "label_studio.sqlite3"

    def write() -> None:
        with closing(sqlite3.connect(database, timeout=30)) as db:
            number = 1000
            while not over.is_set():
                number += 1
                with db:  # both rows or none
                    db.execute("INSERT INTO task VALUES (?, 'a')", (2 * number,))
                    db.execute("INSERT INTO task VALUES (?, 'b')", (2 * number + 1,))
                time.sleep(0.01)

    with closing(EventStore(state.events)) as store:
        store.add([hint(77)])
        writer = threading.Thread(target=write)
        writer.start()
        try:
            for number in range(2):
                back_up(two, settings=settings_of(state), overwrite=True)
                copy = DataDir(tmp_path / f"copy-{number}")
                restore(two, settings=settings_of(copy))
                with closing(sqlite3.connect(copy.label_studio / database.name)) as db:
                    assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                    (odd,) = db.execute("SELECT count(*) % 2 FROM task").fetchone()
                assert odd == 0
                assert hint(77) in pending(copy)
        finally:
            over.set()
            writer.join()


def test_a_directory_in_use_or_with_something_in_it_is_left_alone(state: DataDir, tmp_path: Path):
    out = tmp_path / "backup.tar.gz"
    back_up(out, settings=settings_of(state))
    with locked(state.use_lock), pytest.raises(UsageError, match="Another goldleaf process"):
        back_up(tmp_path / "other.tar.gz", settings=settings_of(state))  # while it is restored
    before = contents(state.path)
    with pytest.raises(UsageError, match="not empty"):
        restore(out, settings=settings_of(state))
    with closing(EventStore(state.events)):
        for force in (False, True):
            with pytest.raises(UsageError, match="in use") as found:
                restore(out, settings=settings_of(state), force=force)
            assert "end goldleaf up" in found.value.fix
    assert contents(state.path) == before
    state.keep_secret("pseudonyms", {"key": "ab" * 32})
    restore(out, settings=settings_of(state), force=True)
    after = contents(state.path)
    assert after.pop("running-backend.secret.json") != before.pop("running-backend.secret.json")
    login = before.pop("login.secret.json")
    log = before.pop("logs/label-studio.log")
    assert login and log
    assert after == before
    assert pending(state) == [hint(2), hint(3), hint(4)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.tar.gz", "state"]


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda content: content[: len(content) // 2], "文件不完整"),
        (lambda content: content[:-20], "文件不完整"),
        (lambda content: content[:2000] + bytes([content[2000] ^ 1]) + content[2001:], ""),
        (lambda content: b"no archive at all", "它不是 gzip 文件"),
        (lambda content: b"", "文件不完整"),
        (lambda content: gzip.compress(gzip.decompress(content)[:3000]), "文件不完整"),
        (lambda content: content[:-8] + bytes(4) + content[-4:], "校验和不符"),
    ],
    ids=["cut", "end missing", "a bit flipped", "something else", "empty", "tar cut", "checksum"],
)
def test_a_damaged_archive_changes_nothing(
    state: DataDir, tmp_path: Path, spoil: Callable[[bytes], bytes], why: str
):
    out = tmp_path / "backup.tar.gz"
    back_up(out, settings=settings_of(state))
    out.write_bytes(spoil(out.read_bytes()))
    before = contents(state.path)
    with pytest.raises(UsageError, match="not a whole backup") as found:
        restore(out, settings=settings_of(state), force=True)
    first = found.value.shown("zh").splitlines()[0]
    assert f"这不是完整的 goldleaf 备份：{why}" in first
    assert not re.search("[a-z]{3}", re.sub("goldleaf|gzip", "", first)), first
    assert contents(state.path) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.tar.gz", "state"]


def rewritten(out: Path, change: Callable[[tarfile.TarFile, dict[str, object]], None]) -> None:
    """Write a backup again with its manifest changed, or a member more."""
    with tarfile.open(out) as archive:
        kept = [(each, archive.extractfile(each).read()) for each in archive]  # type: ignore[union-attr]
    manifest = json.loads(kept[-1][1])
    with tarfile.open(out, "w:gz") as archive:
        for member, content in kept[:-1]:
            archive.addfile(member, io.BytesIO(content))
        change(archive, manifest)
        content = json.dumps(manifest).encode()
        last = tarfile.TarInfo(MANIFEST)
        last.size = len(content)
        archive.addfile(last, io.BytesIO(content))


def test_what_a_backup_cannot_hold_is_refused(state: DataDir, tmp_path: Path):
    out, target = tmp_path / "backup.tar.gz", DataDir(tmp_path / "a" / "b")

    def outside(archive: tarfile.TarFile, manifest: dict[str, object]) -> None:
        archive.addfile(tarfile.TarInfo(f"{FOLDER}/../../outside"))

    def link(archive: tarfile.TarFile, manifest: dict[str, object]) -> None:
        member = tarfile.TarInfo(f"{FOLDER}/link")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(member)

    def more(archive: tarfile.TarFile, manifest: dict[str, object]) -> None:
        archive.addfile(tarfile.TarInfo(f"{FOLDER}/more"))

    def newer(archive: tarfile.TarFile, manifest: dict[str, object]) -> None:
        manifest["schema"] = SCHEMA_VERSION + 1

    for change, message in (
        (outside, "no backup has"),
        (link, "no backup has"),
        (more, "more does not fit"),
        (newer, "newer goldleaf"),
    ):
        back_up(out, settings=settings_of(state), overwrite=True)
        rewritten(out, change)
        with pytest.raises(UsageError, match=message):
            restore(out, settings=settings_of(target))
        assert not target.path.exists()
    assert not (tmp_path / "outside").exists()


def test_mistakes_are_told(state: DataDir, tmp_path: Path):
    taken = tmp_path / "taken.tar.gz"
    taken.write_text("mine", "utf-8")
    for out, data, message in (
        (taken, state, "exists already"),
        (state.path / "backup.tar.gz", state, "inside the data directory"),
        (tmp_path / "b.tar.gz", DataDir(tmp_path / "nothing"), "no data directory"),
    ):
        with pytest.raises(UsageError, match=message):
            back_up(out, settings=settings_of(data))
    assert taken.read_text("utf-8") == "mine"
    with pytest.raises(UsageError, match="A part of this path is a file"):
        restore(taken, settings=settings_of(DataDir(taken / "a" / "b")))
    with locked(tmp_path / ".b.tar.gz.lock"), pytest.raises(UsageError, match="Another goldleaf"):
        back_up(tmp_path / "b.tar.gz", settings=settings_of(state))
    (tmp_path / ".b.tar.gz.lock").unlink()
    moved = state.label_studio / "on another disk"
    moved.symlink_to(tmp_path, target_is_directory=True)
    with pytest.raises(UsageError, match="A link is not followed"):
        back_up(tmp_path / "b.tar.gz", settings=settings_of(state))
    moved.unlink()
    (state.path / "models" / PROJECT / "current.json").unlink()
    (state.label_studio / "label_studio.sqlite3").write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    with pytest.raises(GoldleafError, match="cannot be copied"):
        back_up(tmp_path / "b.tar.gz", settings=settings_of(state))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["state", "taken.tar.gz"]


KILLS = int(os.environ.get("GOLDLEAF_KILLS", "3"))


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no kill -9 on this system")
def test_killed_at_any_moment_the_directory_is_the_old_one_or_the_new_one(
    state: DataDir, tmp_path: Path
):
    """Killed in mid-backup the former archive stays; killed in mid-restore the former directory."""
    out, target = tmp_path / "backup.tar.gz", DataDir(tmp_path / "target")
    back_up(out, settings=settings_of(state))
    new = {name: content for name, content in read(out).items() if "running-backend" not in name}
    (state.path / "large").write_bytes(os.urandom(4_000_000))
    large = tmp_path / "large.tar.gz"
    back_up(large, settings=settings_of(state))
    archives = {out.read_bytes(), large.read_bytes()}
    target.create()
    (target.path / "mine").write_text("old", "utf-8")
    old = contents(target.path)
    script = "import sys; from goldleaf.cli.main import main; main()"
    seen: dict[str, int] = {"old": 0, "new": 0, "in the middle": 0}
    for number in range(KILLS):
        for command, work in (
            (["backup", str(large), "--overwrite", "--data-dir", str(state.path)], "-work"),
            (["restore", str(out), "--force", "--data-dir", str(target.path)], "-restore"),
        ):
            process = subprocess.Popen(
                [sys.executable, "-c", script, *command],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            for left in tmp_path.glob(f".*.goldleaf{work}"):
                shutil.rmtree(left)
            while process.poll() is None and not any(tmp_path.glob(f".*.goldleaf{work}")):
                time.sleep(0.001)
            time.sleep(0.15 * number / KILLS)
            process.kill()
            process.wait()
            seen["in the middle"] += any(tmp_path.glob(f".*.goldleaf{work}"))
        assert large.read_bytes() in archives
        found = contents(target.path)
        found.pop("running-backend.secret.json", None)
        assert found in (old, new)
        seen["old" if found == old else "new"] += 1
    assert seen["in the middle"], seen
    restore(out, settings=settings_of(target), force=True)
    back_up(large, settings=settings_of(state), overwrite=True)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"state", "target", "backup.tar.gz", "large.tar.gz"}, seen
    sys.stdout.write(f"killed {2 * KILLS} times: {seen}")


def read(out: Path) -> dict[str, bytes]:
    with tarfile.open(out) as archive:
        return {
            each.name.removeprefix(f"{FOLDER}/"): archive.extractfile(each).read()  # type: ignore[union-attr]
            for each in archive
            if each.name != MANIFEST and "sqlite" not in each.name
        }


EARLIER = Path(__file__).parents[1] / "core" / "data_dir_of_schema_1"


def test_a_directory_of_the_release_before_is_upgraded_and_keeps_what_counts(tmp_path: Path):
    """The directory was written by the code before several versions of a model were kept."""
    data = DataDir(tmp_path / "state")
    shutil.copytree(EARLIER, data.path)
    assert data.create().pseudonym("ann@example.org") == "person:610e279e8f96e8e7"
    assert json.loads((data.path / "schema.json").read_text("utf-8")) == {"schema": SCHEMA_VERSION}
    assert [each.action for each in pending(data)] == ["ANNOTATION_CREATED"] * 2 + [
        "START_TRAINING"
    ]
    assert ModelStore(data.models).current(PROJECT) is None
    assert not list((data.models / PROJECT).iterdir()), "what cannot be read is gone, not an error"
    out = tmp_path / "backup.tar.gz"
    shutil.rmtree(data.path)
    shutil.copytree(EARLIER, data.path)
    back_up(out, settings=settings_of(data))
    assert not (data.path / "schema.json").exists(), "a backup changes nothing"
    done = restore(out, settings=settings_of(data), force=True)
    assert done.upgraded
    assert data.pseudonym("ann@example.org") == "person:610e279e8f96e8e7"


def test_a_directory_of_a_newer_release_is_refused(state: DataDir, tmp_path: Path):
    newer = json.dumps({"schema": SCHEMA_VERSION + 1})
    (state.path / "schema.json").write_text(newer, "utf-8")
    before = contents(state.path)
    shown = CliRunner().invoke(app, ["up", "--data-dir", str(state.path)])
    assert isinstance(shown.exception, UsageError)
    assert "newer goldleaf" in str(shown.exception) and "pip install" in shown.exception.fix
    for use in (state.create, lambda: state.secret("backend"), lambda: state.pseudonym("a@b.c")):
        with pytest.raises(UsageError, match="newer goldleaf"):
            use()
    assert contents(state.path) == before
