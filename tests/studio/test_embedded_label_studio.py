"""The embedded Label Studio: what it is given, what it keeps, and that it ends."""

from __future__ import annotations

import ast
import os
import re
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import pytest

from goldleaf.core.data_dir import DataDir
from goldleaf.core.errors import GoldleafError, UsageError
from goldleaf.studio import ssrf
from goldleaf.studio.embedded_label_studio import EmbeddedStudio
from goldleaf.studio.empty_database import KEEP_AT, database_of, kept_database, provide
from goldleaf.studio.ports import any_free_port
from goldleaf.studio.projects import list_projects


def alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_our_list_of_subnets_is_label_studios():
    spec = find_spec("label_studio")
    assert spec and spec.submodule_search_locations
    source = Path(spec.submodule_search_locations[0], "core/utils/io.py").read_text("utf-8")
    theirs = next(
        ast.literal_eval(node.value)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id == "default_banned_subnets"
    )
    assert list(ssrf.DEFAULT_BANNED) == theirs


def test_all_but_loopback_stays_banned():
    banned = ssrf.environment()["USER_ADDITIONAL_BANNED_SUBNETS"].split(",")
    assert set(ssrf.DEFAULT_BANNED) - set(banned) == {"127.0.0.0/8", "::1/128"}
    assert "172.16.0.0/12" not in ssrf.advice("172.16.0.0/12")
    assert "127.0.0.0/8" in ssrf.advice("172.16.0.0/12")


@pytest.mark.label_studio
def test_no_secret_on_a_command_line_or_in_a_readable_file(label_studio: EmbeddedStudio):
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = process.read_bytes().decode("utf-8", "replace")
        except OSError:
            continue
        assert label_studio.password not in line
        assert label_studio.token not in line
    data = label_studio.data
    assert stat.S_IMODE(data.path.stat().st_mode) == 0o700
    # Other tests keep secrets in this directory too.
    files = data.path.glob("*.secret.json")
    kept = {file.name: stat.S_IMODE(file.stat().st_mode) for file in files}
    assert "label-studio.secret.json" in kept and set(kept.values()) == {0o600}
    assert stat.S_IMODE(label_studio.log.stat().st_mode) == 0o600
    log = label_studio.log.read_text("utf-8")
    assert label_studio.password not in log and label_studio.token not in log


@pytest.mark.label_studio
def test_it_listens_on_loopback_alone(label_studio: EmbeddedStudio):
    listening = Path("/proc/net/tcp").read_text("ascii") + Path("/proc/net/tcp6").read_text("ascii")
    bound = re.findall(rf"([0-9A-F]+):{label_studio.port:04X} [0-9A-F]+:0000 0A", listening)
    assert bound == ["0100007F"]


@pytest.mark.label_studio
def test_settings_of_the_users_shell_do_not_reach_it(
    label_studio: EmbeddedStudio, monkeypatch: pytest.MonkeyPatch
):
    for name in ("LABEL_STUDIO_USE_DEFAULT_BANNED_SUBNETS", "DJANGO_DB", "HEARTEX_PASSWORD"):
        monkeypatch.setenv(name, "mischief")
    assert "mischief" not in label_studio.environment().values()


@pytest.mark.label_studio
def test_a_second_start_uses_what_the_first_one_made(label_studio: EmbeddedStudio, state: DataDir):
    passed: list[float] = []
    again = EmbeddedStudio(state)
    again.start(passed.append)
    try:
        group = again.pid or 0
        assert (again.email, again.password) == (label_studio.email, label_studio.password)
        assert again.token == label_studio.token
        assert again.studio.accounts() and list_projects(again.studio) is not None
        assert passed == sorted(passed) and passed
        with pytest.raises(UsageError, match="Another goldleaf"):
            EmbeddedStudio(state).start()
        assert alive(group), "who came second has not ended the first"
    finally:
        again.stop()
    assert not alive(group)
    kept = state.secret("label-studio")
    assert kept["port"] == again.port, "the next start has the same address"


@pytest.mark.label_studio
@pytest.mark.usefixtures("migrated")  # that was a first start
def test_a_first_start_keeps_the_empty_database_for_the_next(user_cache: Path, tmp_path: Path):
    (kept,) = (user_cache / "goldleaf").iterdir()
    assert kept == kept_database() and stat.S_IMODE(kept.stat().st_mode) == 0o600
    folder = tmp_path / "label-studio"
    folder.mkdir()
    assert provide(folder) == {}, "Label Studio has nothing to make"
    with closing(sqlite3.connect(database_of(folder))) as copied:
        assert copied.execute("SELECT COUNT(*) FROM django_migrations").fetchone()[0] > 300
        for table in ("htx_user", "organization", "authtoken_token", "project"):
            assert copied.execute(f"SELECT COUNT(*) FROM {table}").fetchone() == (0,), table
    with EmbeddedStudio(DataDir(tmp_path)) as started:
        assert list_projects(started.studio) == [] and len(started.studio.accounts()) == 1
        before = database_of(folder).stat()
        assert provide(folder) == {} and database_of(folder).stat().st_ino == before.st_ino
    assert "Initializing database" not in started.log.read_text("utf-8"), "no migration ran"


def test_a_kept_database_that_cannot_be_used_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    kept = kept_database()
    assert kept
    wanted = {KEEP_AT: str(kept)}
    assert provide(tmp_path) == wanted
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"SQLite format 3\0 and then nothing of the kind")
    assert provide(tmp_path) == wanted
    kept.unlink()
    with closing(sqlite3.connect(kept)) as opened:
        opened.executescript("CREATE TABLE htx_user (id); INSERT INTO htx_user VALUES (1);")
    assert provide(tmp_path) == wanted, "it holds somebody's account"
    assert not database_of(tmp_path).exists()
    monkeypatch.setenv("XDG_CACHE_HOME", "no/absolute/path")
    assert kept_database() is None and provide(tmp_path) == {}


@pytest.mark.label_studio
def test_a_lost_token_is_replaced(label_studio: EmbeddedStudio, state: DataDir):
    kept = state.secret("label-studio")
    state.keep_secret("label-studio", {**kept, "token": ""})
    with EmbeddedStudio(state) as again:
        assert again.studio.accounts()
        assert again.token != label_studio.token


@pytest.mark.label_studio
def test_a_lost_password_is_one_plain_message(state: DataDir):
    state.keep_secret("label-studio", {})
    running = EmbeddedStudio(state)
    with pytest.raises(GoldleafError, match="kept password does not open"):
        running.start()
    assert running.pid is None


def test_port_taken(tmp_path: Path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(UsageError, match=f"Port {port} is taken") as caught:
            EmbeddedStudio(DataDir(tmp_path), port=port).start()
    assert caught.value.exit_code == 2
    assert "--port" in caught.value.fix


class Unspawned(EmbeddedStudio):
    """Its port is chosen, and nothing is started."""

    def _spawn(self) -> None:
        pass


def test_the_kept_port_is_left_to_a_server_that_is_about_to_take_it(tmp_path: Path):
    data = DataDir(tmp_path).create()
    kept = any_free_port()
    for wanted, same in ((kept + 1, True), (kept, False)):
        data.keep_secret("label-studio", {"port": kept})
        studio = Unspawned(data, not_port=wanted)
        studio.launch()
        assert (studio.port == kept) is same and studio.port
        studio.stop()


class Overtaken(EmbeddedStudio):
    """Its port is taken by another program after it was found free."""

    other: socket.socket

    def _spawn(self) -> None:
        self.other = socket.create_server(("127.0.0.1", self.port))
        super()._spawn()


@pytest.mark.label_studio
def test_a_port_that_is_taken_at_the_last_moment(state: DataDir):
    running = Overtaken(state)
    with pytest.raises(UsageError, match=r"Port \d+ is taken"):
        running.start()
    running.other.close()
    assert running.pid is None


@pytest.mark.label_studio
def test_a_label_studio_that_dies_shows_the_end_of_its_log(tmp_path: Path):
    data = DataDir(tmp_path).create()
    data.label_studio.mkdir()
    (data.label_studio / "label_studio.sqlite3").write_bytes(b"this is no database" * 100)
    broken = EmbeddedStudio(data)
    with pytest.raises(GoldleafError, match="ended before it was ready") as caught:
        broken.start()
    assert "file is not a database" in str(caught.value)
    assert caught.value.where == str(broken.log)
    assert broken.pid is None


PARENT = """
import sys, time
from pathlib import Path
from goldleaf.core.data_dir import DataDir
from goldleaf.studio.embedded_label_studio import EmbeddedStudio
from goldleaf.studio.empty_database import KEEP_AT, database_of, kept_database, provide
with EmbeddedStudio(DataDir(Path(sys.argv[1]))) as running:
    print(running.pid, flush=True)
    time.sleep(600)
"""


@pytest.mark.label_studio
@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_it_ends_with_its_parent(state: DataDir, sign: signal.Signals):
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(state.path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        # A test run in the background of a script has Ctrl-C switched off, and so would this.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as parent:
        assert parent.stdout
        group = int(parent.stdout.readline())
        assert alive(group)
        parent.send_signal(sign)
        parent.wait(30)
    until = time.monotonic() + 60
    while alive(group) and time.monotonic() < until:
        time.sleep(0.1)
    assert not alive(group)


def test_its_process_loads_no_scipy_and_keeps_the_tokenizer():
    script = """
import sys
from goldleaf.studio.embedded_main import _import_nltk
_import_nltk()
found = {name.partition(".")[0] for name, module in sys.modules.items() if module}
assert "nltk" in found and not found & {"scipy", "sklearn"}, found
from nltk.tokenize import TreebankWordTokenizer
assert list(TreebankWordTokenizer().span_tokenize("two words")) == [(0, 3), (4, 9)]
import scipy.sparse, sklearn.metrics
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
