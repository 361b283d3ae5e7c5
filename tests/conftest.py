"""Fixtures of all rooms."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings

from goldleaf.core import redaction
from goldleaf.core.data_dir import DataDir
from goldleaf.studio.embedded_label_studio import EmbeddedStudio
from goldleaf.studio.empty_database import database_of

sys.path.append(str(Path(__file__).parent))
pytest_plugins = ["chat_server", "command", "sample_records", "tiny_model"]
# How long an example takes is the machine's affair; benchmarks measure time.
settings.register_profile("goldleaf", deadline=None)
settings.load_profile("goldleaf")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer to rewrite golden files; the diff is what to review."""
    parser.addoption("--update-golden", action="store_true", help="rewrite golden files")


HEAVY = {"label_studio", "browser", "trainer"}


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that need a server, a browser or a trainer: no long test comes last.

    They are dealt to the processes of a run, each of which begins with an equal part of all tests.
    """
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    first: list[list[pytest.Item]] = [[] for _ in range(processes)]
    later: list[pytest.Item] = []
    for tests in files.values():
        heavy = any(HEAVY & {mark.name for mark in test.iter_markers()} for test in tests)
        (min(first, key=len) if heavy else later).extend(tests)
    for part in first[1:]:  # while one process makes `migrated`, the others do what needs none
        part.sort(key=lambda test: test.get_closest_marker("label_studio") is not None)
    count = len(items)
    items.clear()
    for number, part in enumerate(first):
        size = (count - len(items)) // (processes - number)
        filled = max(0, size - len(part))
        items += [*part, *later[:filled]]
        del later[:filled]


def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The temporary folder of a test run, of which each process has a folder of its own."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture(scope="session", autouse=True)
def user_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What is kept for the user is kept in a folder of the test run's, not in the real one."""
    folder = shared_folder(tmp_path_factory) / "cache"
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_CACHE_HOME", str(folder))
        yield folder


@pytest.fixture(autouse=True)
def secrets_of_a_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test has `redact` strike out stays in the messages of all other tests."""
    monkeypatch.setattr(redaction, "_known", set(redaction._known))


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory whose Label Studio has run once; its first start takes a minute of CPU time.

    Made by the first process of a test run that asks, for all of them. To be copied.
    """
    if find_spec("label_studio") is None:
        if os.environ.get("CI"):
            pytest.fail("CI must have label-studio: pip install 'goldleaf[dev]'")
        pytest.skip("label-studio is not installed: pip install 'goldleaf[studio]'")
    folder = shared_folder(tmp_path_factory)
    state, whole = folder / "migrated", folder / "migrated.whole"
    with FileLock(folder / "migrated.lock"):
        if not whole.exists():
            with EmbeddedStudio(DataDir(state)):
                pass
            whole.touch()
    return state


def copied(migrated: Path, state: Path) -> DataDir:
    """Copy that data directory; its Label Studio starts in seconds, on a free port."""
    shutil.copytree(migrated, state)
    data = DataDir(state)
    data.keep_secret("label-studio", {**data.secret("label-studio"), "port": 0})
    return data


@pytest.fixture(scope="session")
def label_studio(
    migrated: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EmbeddedStudio]:
    """The one real Label Studio of a test session: `url`, `token`, `email`, `password`, `studio`.

    Booted by the first test that asks, on a data directory and a port of its own.
    """
    state = tmp_path_factory.mktemp("label-studio") / "state"
    with EmbeddedStudio(copied(migrated, state)) as running:
        yield running


def projects_in(label_studio: EmbeddedStudio) -> set[int]:
    """Return the ids of all projects, straight from the database: that takes a millisecond."""
    database = database_of(label_studio.data.label_studio).resolve()
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=60)) as opened:
        return {number for (number,) in opened.execute("SELECT id FROM project")}


@pytest.fixture(scope="session")
def left_over() -> set[int]:
    """The projects that tests have left in the session's Label Studio."""
    return set()


@pytest.fixture(autouse=True)
def few_projects(request: pytest.FixtureRequest, left_over: set[int]) -> Iterator[None]:
    """Delete what tests have left: what looks at all projects takes 0.1 s of CPU time for each.

    What fixtures of a wider scope have made stays. So does the newest project until there is a
    newer one: SQLite would give its number again, and an open page would write into another's.
    """
    if "label_studio" not in request.fixturenames:
        yield
        return
    label_studio: EmbeddedStudio = request.getfixturevalue("label_studio")
    before = projects_in(label_studio)
    yield
    now = projects_in(label_studio)
    left_over |= now - before
    for number in (left_over & now) - {max(now, default=0)}:
        label_studio.studio.delete(f"/api/projects/{number}/")
    left_over &= projects_in(label_studio)


@pytest.fixture
def state(migrated: Path, tmp_path: Path) -> DataDir:
    """A data directory of the test's own, whose Label Studio has run before."""
    return copied(migrated, tmp_path / "my state")


@pytest.fixture(scope="module")
def empty_label_studio(
    migrated: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EmbeddedStudio]:
    """A Label Studio of the module's own, for those who look at all projects there are."""
    state = tmp_path_factory.mktemp("empty") / "state"
    with EmbeddedStudio(copied(migrated, state)) as running:
        yield running


@pytest.fixture
def small_disk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A real file system of one megabyte, or of the size that the test names."""
    disk = tmp_path / "disk"
    disk.mkdir()
    size = getattr(request, "param", "1m")
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(disk)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root can mount a small file system here")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


@pytest.fixture
def two_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Return a function that trains two steps on an export: (out, table, trainer) -> rows kept."""
    from tiny_trainer import two_steps

    monkeypatch.setenv("HF_HUB_OFFLINE", "1")

    def train(out: Path, table: str, trainer: str, max_length: int = 2048, **more: object) -> int:
        return two_steps(out, table, trainer, tmp_path / "training", max_length, **more)

    return train
