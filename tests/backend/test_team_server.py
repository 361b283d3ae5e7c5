"""The team's server as docker/compose.yaml describes it, its processes run by hand.

No container engine: the same commands under the same environment, with a real PostgreSQL, uwsgi and
our plug-in; only the names of hosts, of secrets' files and of volumes are those of this machine.
`make accept-team` runs it; it takes minutes.
"""

from __future__ import annotations

import json
import os
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from compose_file import dotenv, read_compose
from refusal_tasks import KIND, answer, tasks

from goldleaf.core.errors import UsageError
from goldleaf.core.settings import Settings, load
from goldleaf.label_configs.regions import to_regions
from goldleaf.studio import ssrf
from goldleaf.studio.client import Studio
from goldleaf.studio.ports import any_free_port
from goldleaf.studio.submit import submit_annotation
from goldleaf.workflows.label_studio_connection import open_studio
from goldleaf.workflows.models import list_models

UWSGI = os.environ.get("GOLDLEAF_TEAM_SERVER", "")
"""A folder with pyuwsgi."""
pytestmark = [
    pytest.mark.skipif(not UWSGI, reason="make accept-team runs it, with PostgreSQL, in minutes"),
    pytest.mark.timeout(3000),
]
DOCKER = Path(__file__).parents[2] / "docker"
LEAD = "lead@example.org"
DATABASE = "label_studio"


def postgres(program: str) -> str:
    """Return the path of a program of PostgreSQL."""
    found = [*sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), reverse=True)]
    return str(found[0]) if found else str(shutil.which(program) or pytest.fail(f"no {program}"))


@dataclass
class TeamServer:
    """The services of the Compose file, as processes of this machine."""

    folder: Path
    compose: dict[str, Any]
    secrets: Path
    ports: dict[str, int] = field(default_factory=dict)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def environment(self, service: str) -> dict[str, str]:
        """Return what Compose gives a service, with this machine's names."""
        given = {k: str(v) for k, v in self.compose["services"][service]["environment"].items()}
        names = {
            "/run/secrets": str(self.secrets),
            "http://label-studio:8080": f"http://127.0.0.1:{self.ports['label-studio']}",
            "http://backend:9090": f"http://127.0.0.1:{self.ports['backend']}",
        }
        for name, value in given.items():
            for theirs, ours in names.items():
                value = value.replace(theirs, ours)
            given[name] = value
        if "POSTGRE_HOST" in given:
            assert given["POSTGRE_HOST"] in self.compose["services"]
            given |= {"POSTGRE_HOST": "127.0.0.1", "POSTGRE_PORT": str(self.ports["database"])}
            # Here the backend is on loopback; tests/backend/test_docker.py holds the list.
            given |= ssrf.environment() | {
                "LISTEN": f"127.0.0.1:{self.ports['label-studio']}",
                "LABEL_STUDIO_BASE_DATA_DIR": str(self.folder / "label-studio"),
                "PYTHONPATH": UWSGI,
                "UWSGI_PROCESSES": "2",
            }
        kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
        if service != "label-studio":  # which has another volume, so another data directory
            kept["GOLDLEAF_DATA_DIR"] = str(self.folder / "volume" / "state")
        return kept | given

    def start(self, service: str, command: list[str], **more: str) -> None:
        """Start a service; its output goes to SERVICE.log."""
        with open(self.folder / f"{service}.log", "ab") as log:
            self.running[service] = subprocess.Popen(
                command,
                env=self.environment(service) | more,
                cwd=self.folder,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def stop(self, service: str) -> None:
        """End a service as `docker compose stop` does."""
        process = self.running.pop(service)
        process.terminate()
        process.wait(60)

    def label_studio(self) -> None:
        """Start Label Studio by its image's command."""
        (self.folder / "label-studio").mkdir(exist_ok=True)
        self.start("label-studio", [sys.executable, str(DOCKER / "label-studio" / "start.py")])

    def backend(self) -> None:
        """Start the backend by its image's command."""
        port = str(self.ports["backend"])
        command = [sys.executable, "-m", "goldleaf", "serve", "--host", "127.0.0.1", "--port", port]
        self.start("backend", command, GOLDLEAF_POLL_INTERVAL="5")

    def goldleaf(self, *arguments: object, service: str = "backend") -> Any:
        """Run a command as `docker compose exec SERVICE goldleaf ...` does."""
        return subprocess.run(
            [sys.executable, "-m", "goldleaf", *map(str, arguments)],
            env=self.environment(service),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=900,
        )

    def postgresql(self, *command: str) -> subprocess.CompletedProcess[bytes]:
        """Run a program of PostgreSQL, as a user who is not root."""
        own = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        program = [*own, postgres(command[0]), *command[1:]]
        return subprocess.run(program, check=True, cwd="/", capture_output=True, timeout=300)

    @property
    def data(self) -> str:
        """The database's folder."""
        return str(self.folder / "database" / "pgdata")

    def make_database(self) -> None:
        """Do what the image of PostgreSQL does at its first start."""
        given = self.environment("database")
        assert given["POSTGRES_USER"] == given["POSTGRES_DB"] == DATABASE
        place = self.folder / "database"
        place.mkdir()
        password = place / "password"
        password.write_bytes(Path(given["POSTGRES_PASSWORD_FILE"]).read_bytes())
        if os.geteuid() == 0:
            for path in (place, password):
                shutil.chown(path, "postgres")
        login = ["-U", DATABASE, "-A", "scram-sha-256", "--pwfile", str(password)]
        self.postgresql("initdb", "-D", self.data, *login)

    def start_database(self) -> None:
        """Start PostgreSQL on loopback."""
        where = (
            f"-p {self.ports['database']} -c listen_addresses=127.0.0.1 -k {self.folder}/database"
        )
        log = f"{self.folder}/database/log"
        # Output to a file: the server keeps a pipe of its starter's open.
        own = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        command = [*own, postgres("pg_ctl"), "-D", self.data, "-o", where, "-l", log, "-w", "start"]
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, timeout=120)

    def stop_database(self, how: str = "immediate") -> None:
        """End PostgreSQL; `immediate` is what a power cut is."""
        self.postgresql("pg_ctl", "-D", self.data, "-m", how, "-w", "stop")

    def sql(self, *arguments: str, **more: Any) -> bytes:
        """Run psql or pg_dump over TCP with the password."""
        password = (self.secrets / "database_password").read_text("utf-8").strip()
        where = ["-h", "127.0.0.1", "-p", str(self.ports["database"]), "-U", DATABASE]
        done = subprocess.run(
            [postgres(arguments[0]), *where, *arguments[1:]],
            env={"PGPASSWORD": password, "PATH": os.environ["PATH"]},
            check=True,
            capture_output=True,
            timeout=300,
            **more,
        )
        return done.stdout

    def health(self) -> dict[str, Any]:
        """Return what the backend reports of itself."""
        return httpx.get(f"http://127.0.0.1:{self.ports['backend']}/health", timeout=10).json()


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory):
    """The services, none started, with secrets that docker/make-secrets.sh made."""
    folder = tmp_path_factory.mktemp("team")
    if os.geteuid() == 0:  # PostgreSQL's user must get through
        for place in (folder, *folder.parents[:3]):
            place.chmod(0o755)
    copy = folder / "docker"
    copy.mkdir()
    shutil.copy(DOCKER / "make-secrets.sh", copy)
    subprocess.run([copy / "make-secrets.sh", "localhost", LEAD], check=True, capture_output=True)
    compose = read_compose(DOCKER / "compose.yaml", dotenv(copy / ".env"))
    made = TeamServer(folder, compose, copy / "secrets")
    made.ports |= {name: any_free_port() for name in ("label-studio", "backend", "database", "tls")}
    with ExitStack() as undo:

        def end_database() -> None:
            if (Path(made.data) / "postmaster.pid").exists():
                made.stop_database()

        undo.callback(end_database)
        undo.callback(lambda: [made.stop(name) for name in list(made.running)])
        yield made


def until(true: Callable[[], bool], seconds: float, what: str) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, what
        time.sleep(1)


def answers(studio: Studio, project: int) -> int:
    return int(studio.get(f"/api/projects/{project}/")["total_annotations_number"])


def learned_from(settings: Settings) -> int:
    """How many answers the served model learned from; 0 for no model."""
    try:
        return max(model.learned_from for model in list_models(settings=settings) if model.served)
    except UsageError:
        return 0


def say(text: str) -> None:
    """Print a step and when it was, for who watches with -s."""
    sys.stdout.write(f"\n[{time.monotonic() - BEGAN:6.1f} s] {text}")
    sys.stdout.flush()


BEGAN = time.monotonic()


def give_answers(studio: Studio, project: int, first: int, last: int) -> None:
    """Answer the tasks from place `first` to `last` as a person would."""
    path = "/api/tasks"
    wanted = {"project": project, "page": 1, "page_size": 200, "fields": "all"}
    listed = sorted(studio.get(path, params=wanted)["tasks"], key=lambda task: task["id"])
    for task in listed[first:last]:
        regions = to_regions(KIND.to_annotation(answer(task["data"])), KIND.screen)
        submit_annotation(studio, task["id"], regions)


def test_the_whole_loop_on_postgresql(server: TeamServer):
    folder = server.folder
    log = folder / "label-studio.log"
    # The database is down at start: one line, and no end.
    server.make_database()
    server.label_studio()
    until(lambda: "waiting for PostgreSQL" in log.read_text("utf-8"), 60, log.read_text("utf-8"))
    assert "Traceback" not in log.read_text("utf-8")
    server.start_database()
    server.sql("psql", "-d", "postgres", "-c", f"CREATE DATABASE {DATABASE}")
    say("PostgreSQL and Label Studio start")
    done = server.goldleaf("login", "--wait", "1500", service="login")
    assert done.returncode == 0, done.stderr + log.read_text("utf-8")[-3000:]
    assert "Traceback" not in log.read_text("utf-8")
    settings = load(environ=server.environment("backend"), folder=folder)
    studio = open_studio(settings)
    version = studio.get("/api/version")
    say(f"logged in at Label Studio {version['release']}")
    again = server.goldleaf("login", service="login")
    assert again.returncode == 0 and open_studio(settings).url == studio.url
    # Sign-up is closed.
    anonymous = httpx.Client(base_url=studio.url, timeout=60)
    anonymous.get("/user/signup/")
    # The cookie is secure, so it is sent by hand.
    token = next(c.value for c in anonymous.cookies.jar if c.name == "csrftoken")
    assert all(c.secure for c in anonymous.cookies.jar)
    form = {"csrfmiddlewaretoken": token, "email": "a@example.org", "password": "longenough1"}
    closed = anonymous.post("/user/signup/", data=form, headers={"Cookie": f"csrftoken={token}"})
    assert closed.status_code == 403

    server.backend()
    until(lambda: _up(server), 120, "the backend does not answer")
    made = server.goldleaf("project", "new", "refusal", "--json")
    assert made.returncode == 0, made.stderr
    project = int(json.loads(made.stdout)["project"])
    (row,) = studio.get("/api/ml/", params={"project": project})
    assert row["url"] == f"http://127.0.0.1:{server.ports['backend']}"
    say("project made and linked")
    rows = folder / "rows.jsonl"
    refused = [{"prompt": f"{n}?", "response": "I'm sorry, but I can't help."} for n in range(9)]
    lines = [json.dumps(row) for row in [*map(_row, tasks(90)), *refused]]
    rows.write_text("\n".join(lines) + "\n", "utf-8")
    done = server.goldleaf("import", rows, "--project", project, "--source", "feedback")
    assert done.returncode == 0, done.stderr + done.stdout
    done = server.goldleaf("prelabel", project, "--json")
    assert done.returncode == 0, done.stderr
    drafts = json.loads(done.stdout)
    assert (drafts["tasks"], drafts["stored"]) == (99, 9), drafts
    say("imported: 99 tasks, drafts for the 9 that are seen to refuse")

    give_answers(studio, project, 0, 60)
    assert answers(studio, project) == 60
    until(lambda: learned_from(settings) >= 50, 900, (folder / "backend.log").read_text("utf-8"))
    say(f"learned from {learned_from(settings)} answers")

    # PostgreSQL dies in mid-run.
    server.stop_database()
    status = anonymous.get("/user/login/").status_code
    assert status >= 500
    say(f"PostgreSQL is down: Label Studio answers {status}")
    for command in (
        ["project", "progress", project],
        ["import", rows, "--project", project, "--source", "feedback"],
        ["export", f"project:{project}", "--model", "8B", "--out", folder / "none"],
    ):
        done = server.goldleaf(*command)
        assert done.returncode == 5, (command, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr and "Fix:" in done.stderr, done.stderr
    assert not (folder / "none").exists()
    say(done.stderr.strip())
    headers = {"X-Goldleaf-Webhook": (server.secrets / "webhook_secret").read_text("utf-8")}
    event = {"action": "START_TRAINING", "project": {"id": project}}
    url = f"http://127.0.0.1:{server.ports['backend']}/webhook"
    login = ("goldleaf", (server.secrets / "backend_password").read_text("utf-8"))
    kept = httpx.post(url, json=event, headers=headers, auth=login)
    assert kept.status_code == 202, kept.text
    assert server.health()["status"] == "UP"
    server.start_database()
    until(lambda: anonymous.get("/user/login/").status_code == 200, 120, "it does not come back")
    assert answers(studio, project) == 60
    until(lambda: server.health()["events_pending"] == 0, 120, "the event is not worked off")
    assert "Traceback" not in (folder / "backend.log").read_text("utf-8")
    say("PostgreSQL is back: 60 answers, no event waits")

    # The backend is down while people answer, and Label Studio is restarted.
    server.stop("backend")
    give_answers(studio, project, 60, 75)
    server.stop("label-studio")
    server.backend()
    until(lambda: _up(server), 120, "the backend does not start without Label Studio")
    done = server.goldleaf("project", "progress", project)
    assert done.returncode == 5 and "Traceback" not in done.stderr, done.stderr
    server.label_studio()
    until(lambda: _answers(studio), 900, log.read_text("utf-8")[-3000:])
    assert answers(studio, project) == 75
    until(lambda: learned_from(settings) == 75, 900, (folder / "backend.log").read_text("utf-8"))
    say("Label Studio was restarted: 15 answers whose webhooks were missed are learned from")

    out = folder / "export"
    done = server.goldleaf("export", f"project:{project}", "--model", "8B", "--out", out)
    assert done.returncode == 0, done.stderr
    done = server.goldleaf("check", out, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    say(f"exported: {sorted(path.name for path in out.iterdir())}")

    # A backup of all three parts while they run, and the database from it.
    kept = folder / "goldleaf.tar.gz"
    done = server.goldleaf("backup", kept)
    assert done.returncode == 0, done.stderr
    dump = server.sql("pg_dump", "-d", DATABASE, "--clean", "--if-exists")
    server.sql("psql", "-d", "postgres", "-c", "CREATE DATABASE restored")
    server.sql("psql", "-q", "-d", "restored", "-v", "ON_ERROR_STOP=1", input=dump)
    count = "SELECT count(*) FROM task_completion"
    assert server.sql("psql", "-d", "restored", "-Atc", count).split() == [b"75"]
    refused = server.goldleaf("restore", kept, "--force")
    assert refused.returncode == 2 and "in use" in refused.stderr, refused.stderr
    say("backed up; a restore over the running backend is refused")
    behind_tls(server, studio)
    studio.close()


def behind_tls(server: TeamServer, studio: Studio) -> None:
    """Log in through the proxy, by the configuration that is committed."""
    caddy = shutil.which("caddy")
    if not caddy:
        return say("no caddy here: TLS was not tried")
    file = server.folder / "Caddyfile"
    content = (DOCKER / "Caddyfile").read_text("utf-8")
    # Port 80 is not ours on this machine.
    file.write_text(
        content.replace("admin off", "admin off\n\tauto_https disable_redirects"), "utf-8"
    )
    place = f"localhost:{server.ports['tls']}"
    upstream = studio.url.removeprefix("http://")
    more = {"XDG_DATA_HOME": str(server.folder / "caddy"), "HOME": str(server.folder)}
    more |= {"GOLDLEAF_DOMAIN": place, "LABEL_STUDIO_UPSTREAM": upstream}
    server.start("proxy", [caddy, "run", "--config", str(file), "--adapter", "caddyfile"], **more)
    root = server.folder / "caddy" / "caddy" / "pki" / "authorities" / "local" / "root.crt"
    until(root.is_file, 60, (server.folder / "proxy.log").read_text("utf-8"))
    time.sleep(1)
    password = (server.secrets / "admin_password").read_text("utf-8")
    # The domain without a port is what Label Studio trusts.
    trusted = ssl.create_default_context(cafile=str(root))
    with httpx.Client(base_url=f"https://{place}", verify=trusted, timeout=60) as browser:
        page = browser.get("/user/login/")
        assert page.headers["strict-transport-security"].startswith("max-age=")
        form = {"email": LEAD, "password": password}
        form["csrfmiddlewaretoken"] = browser.cookies["csrftoken"]
        origin = {"Origin": "https://localhost", "Referer": f"https://{place}/user/login/"}
        done = browser.post("/user/login/", data=form, headers=origin)
        assert done.status_code == 302, done.text[:500]
        assert browser.get("/api/current-user/whoami").json()["email"] == LEAD
        foreign = {"Origin": "https://elsewhere.example"}
        form["csrfmiddlewaretoken"] = browser.cookies["csrftoken"]
        assert browser.post("/user/login/", data=form, headers=foreign).status_code == 403
    say("logged in through TLS")


def _row(data: dict[str, Any]) -> dict[str, Any]:
    return {"prompt": data["prompt"], "response": data["answer"]}


def _up(server: TeamServer) -> bool:
    try:
        return server.health()["status"] == "UP"
    except httpx.HTTPError:
        return False


def _answers(studio: Studio) -> bool:
    try:
        return httpx.get(f"{studio.url}/health", timeout=5).is_success
    except httpx.HTTPError:
        return False
