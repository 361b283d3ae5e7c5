"""Planted misconfigurations, each named by `goldleaf doctor`, beside a real `goldleaf serve`.

Where the fix is a command of goldleaf it is run as printed, and the doctor then finds nothing.
"""

from __future__ import annotations

import http.server
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest
from command import Goldleaf

from goldleaf.studio.backend_link import SECRET_HEADER, backend_rows, webhook_url, webhooks
from goldleaf.studio.client import Studio
from goldleaf.studio.embedded_label_studio import EmbeddedStudio

pytestmark = [pytest.mark.label_studio, pytest.mark.timeout(600)]
COMMAND = Path(sys.executable).with_name("goldleaf")
LOGIN = {
    "GOLDLEAF_BACKEND_USER": "goldleaf",
    "GOLDLEAF_BACKEND_PASSWORD": "a pass phrase",
    "GOLDLEAF_WEBHOOK_SECRET": "a webhook secret",
}
NO_LOGIN: Mapping[str, str] = {}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Place:
    """A data directory and a Label Studio, seen from a terminal of its own."""

    command: ClassVar[Goldleaf]

    def __init__(self, state: Path, label_studio: EmbeddedStudio) -> None:
        self.state = state
        self.studio: Studio = label_studio.studio
        self.environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            "GOLDLEAF_URL": label_studio.url,
            "GOLDLEAF_TOKEN": label_studio.token,
            "LANG": "en",
        }
        self.backend = ""

    def run(self, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command in this process; what is printed to be pasted is a process of its own."""
        with pytest.MonkeyPatch.context() as terminal:
            for name in [name for name in os.environ if name.startswith("GOLDLEAF_")]:
                terminal.delenv(name)
            for name, value in (self.environment | environment).items():
                terminal.setenv(name, value)
            return Place.command(*arguments, "--data-dir", self.state, program=str(COMMAND))

    def paste(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run a command as it was printed, in a shell in another folder."""
        return subprocess.run(
            command, shell=True, cwd="/", env=self.environment, capture_output=True, text=True
        )

    def new_project(self) -> int:
        done = self.run("project", "new", "preference", "--json")
        assert done.returncode == 0, done.stderr
        made = json.loads(done.stdout)
        assert made["backend"] == (self.backend or None), done.stdout
        return int(made["project"])

    def faults(self, project: int, **environment: str) -> dict[str, dict[str, Any]]:
        done = self.run("doctor", "--project", project, "--json", **environment)
        assert "Traceback" not in done.stderr, done.stderr
        checks = json.loads(done.stdout)
        found = {check["name"]: check for check in checks if not check["ok"]}
        assert done.returncode == (1 if found else 0)
        return found

    @contextmanager
    def serving(self, login: Mapping[str, str] = NO_LOGIN, *, port: int = 0) -> Iterator[str]:
        """Run `goldleaf serve` as a process of its own, with its login in its environment only."""
        port = port or free_port()
        serve = subprocess.Popen(
            [str(COMMAND), "serve", "--port", str(port), "--data-dir", str(self.state)],
            env={**self.environment, **login},
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert serve.stderr is not None
            for line in serve.stderr:
                if "Ctrl-C" in line:
                    break
            url = f"http://127.0.0.1:{port}"
            self.backend = url
            _wait_kept(self.state, url)
            yield url
        finally:
            serve.send_signal(signal.SIGINT)
            serve.communicate(timeout=60)


def _wait_kept(state: Path, url: str) -> None:
    import time

    for _ in range(1200):
        file = state / "running-backend.secret.json"
        if file.exists() and json.loads(file.read_text()).get("url") == url:
            return
        time.sleep(0.05)


@pytest.fixture(autouse=True)
def command(inside: Goldleaf, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every place of a test run its commands in this process."""
    monkeypatch.setattr(Place, "command", staticmethod(inside), raising=False)


@pytest.fixture
def place(tmp_path: Path, label_studio: EmbeddedStudio) -> Place:
    return Place(tmp_path / "state of this test", label_studio)


@pytest.fixture(scope="module")
def served(
    tmp_path_factory: pytest.TempPathFactory, label_studio: EmbeddedStudio
) -> Iterator[Place]:
    """A place whose backend runs; its login is known from the data directory alone."""
    place = Place(tmp_path_factory.mktemp("served"), label_studio)
    with place.serving(LOGIN):
        yield place


class DropsEvents(http.server.BaseHTTPRequestHandler):
    """A proxy before the real backend that loses every event: real, and badly configured."""

    target = ""

    def do_GET(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/webhook":
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        headers = {
            name: self.headers[name]
            for name in ("Authorization", "Content-Type")
            if name in self.headers
        }
        answer = httpx.request(
            self.command, self.target + self.path, content=body, headers=headers, timeout=60
        )
        self.send_response(answer.status_code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    def log_message(self, format: str, *args: Any) -> None:
        pass


def change_hook(place: Place, project: int, **changes: Any) -> None:
    (hook,) = webhooks(place.studio, project)
    given = {"project": project, "url": hook["url"], "headers": hook["headers"], **changes}
    place.studio.patch(f"/api/webhooks/{hook['id']}/", given)


def unlinked(place: Place, project: int) -> None:
    assert place.run("project", "detach", project, place.backend).returncode == 0


def no_webhook(place: Place, project: int) -> None:
    (hook,) = webhooks(place.studio, project)
    place.studio.delete(f"/api/webhooks/{hook['id']}/")


def wrong_secret(place: Place, project: int) -> None:
    change_hook(place, project, headers={SECRET_HEADER: "another secret"})


def no_secret(place: Place, project: int) -> None:
    change_hook(place, project, headers={})


def inactive(place: Place, project: int) -> None:
    change_hook(place, project, is_active=False)


def old_port(place: Place, project: int) -> None:
    change_hook(place, project, url=webhook_url(f"http://127.0.0.1:{free_port()}"))


def too_little(place: Place, project: int) -> None:
    change_hook(place, project, send_for_all_actions=False, actions=["PROJECT_UPDATED"])


def stale_version(place: Place, project: int) -> None:
    (row,) = backend_rows(place.studio, project)
    login = {"auth_method": "BASIC_AUTH", "basic_auth_user": "goldleaf", "basic_auth_pass": ""}
    body = {"url": row["url"], "project": project, "title": "preference/0:older", **login}
    place.studio.patch(f"/api/ml/{row['id']}", body)


def twice(place: Place, project: int) -> None:
    (row,) = backend_rows(place.studio, project)
    body = {"url": row["url"], "project": project, "title": "again", "auth_method": "BASIC_AUTH"}
    body |= {"basic_auth_user": "goldleaf", "basic_auth_pass": LOGIN["GOLDLEAF_BACKEND_PASSWORD"]}
    place.studio.post("/api/ml", body)


Plant = Callable[[Place, int], None]


@pytest.mark.parametrize(
    ("plant", "named", "says"),
    [
        (unlinked, "backend", "nothing is drafted"),
        (no_webhook, "backends without webhook", "{backend}"),
        (wrong_secret, "webhook secret", "wrong"),
        (no_secret, "webhook secret", "missing"),
        (inactive, "inactive webhooks", "{backend}"),
        (old_port, "webhooks without backend", "/webhook"),
        (too_little, "webhooks that send too little", "{backend}"),
        (stale_version, "backend version", "preference/0:older"),
        (twice, "doubled backends", "{backend}"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_a_planted_fault_is_named_and_its_printed_fix_cures_it(
    served: Place, plant: Plant, named: str, says: str
):
    project = served.new_project()
    plant(served, project)
    faults = served.faults(project)
    assert says.format(backend=served.backend) in faults[named]["found"], faults
    fix = faults[named]["fix"]
    command = fix[fix.index(str(COMMAND)) :]
    done = served.paste(command)
    assert done.returncode == 0, (command, done.stderr)
    assert served.faults(project) == {}
    assert "a pass phrase" not in json.dumps(faults) and "a webhook secret" not in json.dumps(
        faults
    )


def test_two_backends(served: Place, tmp_path: Path, label_studio: EmbeddedStudio):
    project = served.new_project()
    other = Place(tmp_path / "other", label_studio)
    with other.serving() as url:
        assert served.run("project", "attach", project, url).returncode == 0
        fault = served.faults(project)["several backends"]
        assert served.backend in fault["found"] and url in fault["found"]
        done = served.paste(fault["fix"][fault["fix"].index(str(COMMAND)) :])
        assert done.returncode == 0, done.stderr
    assert served.run("project", "attach", project).returncode == 0
    assert served.faults(project) == {}


def test_events_that_never_arrive(served: Place):
    project = served.new_project()
    handler = type("Handler", (DropsEvents,), {"target": served.backend})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, args=(0.02,))
        thread.start()
        try:
            between = f"http://127.0.0.1:{proxy.server_address[1]}"
            unlinked(served, project)
            body = {"url": between, "project": project, "title": "x", "auth_method": "BASIC_AUTH"}
            body |= {
                "basic_auth_user": "goldleaf",
                "basic_auth_pass": LOGIN["GOLDLEAF_BACKEND_PASSWORD"],
            }
            served.studio.post("/api/ml", body)
            fault = served.faults(project, **LOGIN)["events"]
            assert between in fault["found"] and "did not arrive" in fault["found"]
            # Linking through it is refused, for the same reason, and leaves nothing half made.
            fresh = served.run("project", "new", "preference", "--backend", between, **LOGIN)
            assert fresh.returncode == 1 and "did not arrive" in fresh.stderr
        finally:
            proxy.shutdown()
            thread.join()


def test_a_wrong_password_and_a_backend_that_has_ended(place: Place):
    port = free_port()
    with place.serving(LOGIN, port=port):
        project = place.new_project()
        assert place.faults(project) == {}
    ended = place.faults(project)
    assert place.backend in ended["backends that do not answer"]["found"]
    assert "local backend" in ended
    with place.serving({**LOGIN, "GOLDLEAF_BACKEND_PASSWORD": "another"}, port=port):
        fault = place.faults(project)["backend login"]
        assert place.backend in fault["found"]
        assert place.paste(fault["fix"][fault["fix"].index(str(COMMAND)) :]).returncode == 0
        assert place.faults(project) == {}
    with place.serving(LOGIN):  # on another port
        assert "backends that do not answer" in place.faults(project)
        assert place.run("project", "attach", project).returncode == 0
        assert place.faults(project) == {}
        assert len(backend_rows(place.studio, project)) == 1
        assert len(webhooks(place.studio, project)) == 1


def test_a_backend_of_another_data_directory(
    place: Place, tmp_path: Path, label_studio: EmbeddedStudio
):
    port = free_port()
    with place.serving(port=port):
        project = place.new_project()
        assert place.faults(project) == {}
    other = Place(tmp_path / "other", label_studio)
    with other.serving(port=port):
        fault = place.faults(project)["backend's data directory"]
        assert "another data directory" in fault["found"]


def test_a_wrong_token_is_said_plainly(place: Place):
    done = place.run("doctor", GOLDLEAF_TOKEN="0123456789abcdef0123456789abcdef01234567")
    assert done.returncode == 1
    line = next(line for line in done.stdout.splitlines() if line.split()[1:2] == ["token"])
    assert "***" not in line and "legacy" in line.casefold()
    assert "GOLDLEAF_TOKEN" in done.stdout


def test_a_renamed_choice_is_named(served: Place):
    project = served.new_project()
    config = served.studio.get(f"/api/projects/{project}")["label_config"]
    assert 'alias="both_bad"' in config or 'alias="bad"' in config or "alias=" in config
    alias = config.split('alias="', 1)[1].split('"', 1)[0]
    broken = config.replace(f'alias="{alias}"', 'alias="renamed"', 1)
    served.studio.patch(f"/api/projects/{project}", {"label_config": broken})
    fault = served.faults(project)["project"]
    for part in ("preference", alias, "renamed"):
        assert part in fault["found"]
    assert "kinds preference --config" in fault["fix"]
    export = served.run("export", f"project:{project}", "--out", served.state / "out")
    assert export.returncode == 2 and alias in export.stderr
    zh = served.run("doctor", "--project", project, "--lang", "zh").stdout
    assert "缺少选项" in zh and "故障" in zh


def test_an_address_that_label_studio_may_not_call(served: Place):
    project = served.new_project()
    fault = served.run("doctor", "--project", project, "--backend", "http://10.1.2.3:9090")
    assert fault.returncode == 1
    assert "10.0.0.0/8" in fault.stdout and "USER_ADDITIONAL_BANNED_SUBNETS" in fault.stdout
    done = served.run("project", "new", "preference", "--backend", "http://10.1.2.3:9090")
    assert done.returncode == 1 and "10.0.0.0/8" in done.stderr


def test_a_project_that_cannot_be_linked_is_not_left_half_made(served: Place):
    before = served.run("project", "list", "--json").stdout
    closed = f"http://127.0.0.1:{free_port()}"
    done = served.run("project", "new", "preference", "--backend", closed)
    assert done.returncode == 1 and closed in done.stderr
    assert served.run("project", "list", "--json").stdout == before


def test_without_a_backend_a_new_project_says_so(place: Place):
    done = place.run("project", "new", "preference")
    assert done.returncode == 0
    assert "no backend is linked" in done.stdout
    project = done.stdout.split("/projects/")[1].split("/")[0]
    fault = place.faults(int(project))["backend"]
    assert "goldleaf serve" in fault["fix"]
    assert f"project attach {project}" in done.stdout.replace(
        f" --data-dir {shlex.quote(str(place.state))}", ""
    ).replace(f" --url {place.environment['GOLDLEAF_URL']}", "")
