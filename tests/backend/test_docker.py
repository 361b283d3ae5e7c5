"""The compose files, read (not run): what is forbidden, who reaches what, who learns from where."""

from __future__ import annotations

import importlib.util
import ipaddress
import json
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from compose_file import Unset, dotenv, read_compose

from goldleaf.core.settings import load
from goldleaf.studio.ports import any_free_port
from goldleaf.studio.ssrf import DEFAULT_BANNED
from goldleaf.workflows.label_studio_connection import connection

FOLDER = Path(__file__).parents[2] / "docker"
SERVICES = {"proxy", "database", "label-studio", "login", "backend"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which docker/make-secrets.sh has run."""
    folder = tmp_path_factory.mktemp("docker")
    shutil.copy(FOLDER / "make-secrets.sh", folder)
    script = [folder / "make-secrets.sh", "annotate.example.org", "lead@example.org"]
    subprocess.run(script, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def compose(made: Path) -> dict[str, Any]:
    return read_compose(FOLDER / "compose.yaml", dotenv(made / ".env"))


def test_only_the_backends_network_is_opened(compose: dict[str, Any]):
    environment = compose["services"]["label-studio"]["environment"]
    assert environment["USE_DEFAULT_BANNED_SUBNETS"] == "false"
    # Label Studio splits at commas and strips nothing.
    banned = [
        ipaddress.ip_network(subnet)
        for subnet in environment["USER_ADDITIONAL_BANNED_SUBNETS"].split(",")
    ]
    (network,) = compose["networks"]["workshop"]["ipam"]["config"]
    ours = ipaddress.IPv4Network(network["subnet"])
    default = [ipaddress.ip_network(subnet) for subnet in DEFAULT_BANNED]
    assert {net for net in banned if net.version == 6} == {
        net for net in default if net.version == 6
    }
    closed = [net for net in [*banned, ours] if isinstance(net, ipaddress.IPv4Network)]
    asked = [net for net in default if isinstance(net, ipaddress.IPv4Network)]
    assert list(ipaddress.collapse_addresses(closed)) == list(ipaddress.collapse_addresses(asked))
    inside = [
        net for net in banned if isinstance(net, ipaddress.IPv4Network) and ours.overlaps(net)
    ]
    host = next(ours.hosts())  # the gateway: the machine that Docker runs on
    assert [(host in net, net.num_addresses) for net in inside] == [(True, 2)]


def test_only_the_proxy_is_reachable_from_outside(compose: dict[str, Any]):
    services = compose["services"]
    assert set(services) == SERVICES
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    networks = {name: set(service["networks"]) for name, service in services.items()}
    assert networks["proxy"] == {"front"}, "Label Studio may call all of the backend's network"
    assert networks["database"] == {"database"} and networks["backend"] == {"workshop"}
    assert (
        compose["networks"]["database"]["internal"] and compose["networks"]["workshop"]["internal"]
    )
    caddy = (FOLDER / "Caddyfile").read_text("utf-8")
    assert "{$GOLDLEAF_DOMAIN} {" in caddy and "http://" not in caddy
    assert "label-studio:8080" in caddy and "Strict-Transport-Security" in caddy
    studio = services["label-studio"]["environment"]
    assert studio["SESSION_COOKIE_SECURE"] == "1"
    assert studio["CSRF_TRUSTED_ORIGINS"] == studio["LABEL_STUDIO_HOST"]
    assert studio["LABEL_STUDIO_HOST"] == "https://annotate.example.org"
    assert studio["LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK"] == "true"
    given = services["backend"]["environment"]
    link = [name for name in given if re.match("GOLDLEAF_(BACKEND|WEBHOOK)", name)]
    assert len(link) == 4
    assert {name: studio.get(name) for name in link} == {name: given[name] for name in link}


def test_every_service_is_closed_and_limited(compose: dict[str, Any]):
    for name, service in compose["services"].items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["read_only"] is True, name
        assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}, name
        assert service["restart"] == ("on-failure:5" if name == "login" else "unless-stopped")
        assert ("healthcheck" in service) == (name != "login")
        for needed, wanted in service.get("depends_on", {}).items():
            once = needed == "login"
            how = "service_completed_successfully" if once else "service_healthy"
            assert wanted == {"condition": how}, (name, needed)
    assert compose["services"]["proxy"]["cap_add"] == ["NET_BIND_SERVICE"]
    assert compose["services"]["database"]["user"] == "postgres"


def test_secrets_are_in_files_alone(compose: dict[str, Any], made: Path):
    for service in compose["services"].values():
        for name, value in service["environment"].items():
            if re.search("PASSWORD|SECRET|TOKEN|API_KEY", name):
                assert name.endswith("_FILE") and value.startswith("/run/secrets/")
                assert value.removeprefix("/run/secrets/") in service["secrets"]
    assert stat.S_IMODE((made / "secrets").stat().st_mode) == 0o700
    assert stat.S_IMODE((made / ".env").stat().st_mode) == 0o600
    texts = [(made / each["file"]).read_text("utf-8") for each in compose["secrets"].values()]
    assert len(set(texts)) == 4 and all(len(text) == 32 for text in texts)
    assert not any(text in (made / ".env").read_text("utf-8") for text in texts)
    script = [made / "make-secrets.sh", "other.example.org", "other@example.org"]
    subprocess.run(script, check=True, capture_output=True)
    again = [(made / each["file"]).read_text("utf-8") for each in compose["secrets"].values()]
    assert again == texts, "what is there stays"


def test_without_its_secrets_nothing_starts_and_the_message_says_how(made: Path):
    for missing in ("GOLDLEAF_DOMAIN", "LABEL_STUDIO_USERNAME", "GOLDLEAF_SECRETS"):
        values = {k: v for k, v in dotenv(made / ".env").items() if k != missing}
        with pytest.raises(Unset, match=f"{missing}: run docker/make-secrets.sh"):
            read_compose(FOLDER / "compose.yaml", values)


@pytest.fixture
def start() -> ModuleType:
    """The command of Label Studio's image."""
    spec = importlib.util.spec_from_file_location("start", FOLDER / "label-studio" / "start.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_label_studio_says_in_one_line_what_is_missing(
    start: ModuleType, capfd: pytest.CaptureFixture[str], tmp_path: Path
):
    pytest.importorskip("psycopg")
    empty = tmp_path / "empty"
    empty.touch()
    full = {"LABEL_STUDIO_USERNAME": "a@b.c", "POSTGRE_PASSWORD": "p", "LABEL_STUDIO_PASSWORD": "p"}
    database = {"POSTGRE_HOST": "127.0.0.1", "POSTGRE_PORT": str(any_free_port())}
    database |= {"POSTGRE_USER": "u", "POSTGRE_NAME": "n"}
    for environ, status, message in (
        (full | {"POSTGRE_PASSWORD_FILE": str(tmp_path / "no")}, 78, "make-secrets.sh"),
        (full | {"LABEL_STUDIO_PASSWORD_FILE": str(empty)}, 78, "make-secrets.sh"),
        (full | {"LABEL_STUDIO_USERNAME": ""}, 78, "LABEL_STUDIO_USERNAME"),
        (full | database, 69, "PostgreSQL at 127.0.0.1:"),
    ):
        with pytest.raises(SystemExit) as left:
            start.read_secrets(environ)
            start.wait_for_database(environ, patience=0.0)
        said = capfd.readouterr().err.strip()
        assert left.value.code == status
        assert message in said and len(said.splitlines()) == 1, said


def test_the_images_run_their_commands_as_nobody_special(compose: dict[str, Any]):
    text = (FOLDER / "Dockerfile").read_text(encoding="utf-8")
    stages = dict(re.findall(r"(?ms)^FROM \S+ AS (\S+)\n(.*?)(?=^FROM |\Z)", text))
    for name, user, command in (
        ("backend", 10001, '["goldleaf", "serve"'),
        ("label-studio", 10002, '["python", "/home/label-studio/start.py"]'),
    ):
        lines = stages[name].strip().splitlines()
        assert [line for line in lines if line.startswith("USER ")] == [f"USER {user}"]
        assert lines[-1].startswith(f"CMD {command}")
        assert compose["services"][name]["build"]["target"] == name
        # Dependencies are a layer of their own, before the code.
        assert stages["packages"].index("requirements.txt") > 0 and "COPY . ." in stages[name]
    module = compose["services"]["label-studio"]["environment"]["DJANGO_SETTINGS_MODULE"]
    assert importlib.util.find_spec(module) is not None
    assert f"DJANGO_SETTINGS_MODULE={module}" in stages["label-studio"]
    done = subprocess.run(
        [sys.executable, FOLDER / "requirements.py", FOLDER.parent / "pyproject.toml", "studio"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "label-studio>=1.23.2" in done.stdout.split("\n")


@pytest.mark.parametrize("script", ["make-secrets.sh", "backup.sh"])
def test_scripts_are_shell_and_say_how_they_are_used(script: str):
    file = FOLDER / script
    assert os.access(file, os.X_OK)
    subprocess.run(["sh", "-n", file], check=True)
    done = subprocess.run([file], capture_output=True, text=True)
    assert done.returncode == 2 and "usage: " in done.stderr


COMPOSE_FILES = [FOLDER / "compose.yaml", FOLDER / "label-studio-ml" / "docker-compose.yml"]
"""The compose files there are."""


def test_the_backend_learns_by_a_token_that_the_login_service_keeps(
    compose: dict[str, Any], made: Path, tmp_path: Path
):
    backend, login = compose["services"]["backend"], compose["services"]["login"]
    assert backend["volumes"] == login["volumes"]
    assert login["command"][:2] == ["goldleaf", "login"]
    given = {name: str(value) for name, value in backend["environment"].items()}
    assert given["LABEL_STUDIO_URL"] == login["environment"]["LABEL_STUDIO_URL"]
    assert given["LABEL_STUDIO_URL"].removeprefix("http://").removesuffix(":8080") in SERVICES
    for name, value in given.items():
        given[name] = value.replace("/run/secrets", str(made / "secrets"))
    settings = load(environ=given | {"GOLDLEAF_DATA_DIR": str(tmp_path)}, folder=tmp_path)
    assert settings.backend_url == "http://backend:9090"
    assert len(settings.backend_password) == len(settings.webhook_secret) == 32
    assert settings.token == ""
    settings.state.keep_secret("login", {"url": settings.url + "/", "token": "kept"})
    found = connection(settings)
    assert (found.url, found.token) == ("http://label-studio:8080", "kept")
    assert found.token_origin == "goldleaf login"


@pytest.mark.parametrize("file", COMPOSE_FILES, ids=lambda file: file.name)
def test_every_service_comes_back_and_every_name_is_declared(file: Path):
    content = yaml.safe_load(file.read_text("utf-8"))
    services = content["services"]
    for service in services.values():
        assert service["restart"] in ("unless-stopped", "on-failure:5")
        build = service.get("build")
        if build:
            assert (file.parent / build["context"] / build["dockerfile"]).is_file()
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            known = source in content["volumes"] or (file.parent / source).is_file()
            assert known, volume
        assert set(service.get("secrets", ())) <= set(content.get("secrets", ()))
        assert set(service.get("networks", ())) <= set(content.get("networks", ()))
        for name in service.get("depends_on", {}):
            assert services[name].get("healthcheck", {"test": ["CMD"]})["test"][0] == "CMD"
    build = [service["build"] for service in services.values() if "build" in service]
    text = (file.parent / build[0]["context"] / build[0]["dockerfile"]).read_text("utf-8")
    assert "HEALTHCHECK" in text and "\nUSER " in text


@pytest.mark.parametrize("file", COMPOSE_FILES, ids=lambda file: file.name)
def test_docker_takes_the_compose_file(file: Path, tmp_path: Path):
    """By Docker where it is installed, by the schema that GOLDLEAF_COMPOSE_SCHEMA names."""
    schema = os.environ.get("GOLDLEAF_COMPOSE_SCHEMA")
    if schema:
        import jsonschema

        content = yaml.safe_load(file.read_text("utf-8"))
        rules = json.loads(Path(schema).read_text("utf-8"))
        jsonschema.Draft7Validator(rules).validate(content)  # as its $schema says
    docker = shutil.which("docker") or ""
    found = docker and subprocess.run([docker, "compose", "version"], capture_output=True)
    if found and found.returncode == 0:
        names = ["LABEL_STUDIO_USERNAME", "GOLDLEAF_DOMAIN", "GOLDLEAF_SECRETS"]
        names += ["BASIC_AUTH_USER", "BASIC_AUTH_PASS"]
        done = subprocess.run(
            [docker, "compose", "-f", str(file), "config", "--quiet"],
            env={"PATH": os.environ["PATH"], **dict.fromkeys(names, "x")},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
    elif not schema:
        pytest.skip("neither docker nor GOLDLEAF_COMPOSE_SCHEMA (compose-spec.json) is there")


def test_the_folder_of_label_studio_ml_has_what_its_users_know():
    folder = FOLDER / "label-studio-ml"
    files = "model.py _wsgi.py requirements.txt docker-compose.yml Dockerfile README.md test_api.py"
    assert all((folder / name).is_file() for name in files.split())
    service = yaml.safe_load((folder / "docker-compose.yml").read_text("utf-8"))["services"]
    environment = service["ml-backend"]["environment"]
    names = "BASIC_AUTH_USER BASIC_AUTH_PASS MODEL_DIR LABEL_STUDIO_URL LABEL_STUDIO_API_KEY "
    names += "LOG_LEVEL WORKERS THREADS"
    assert set(names.split()) <= set(environment)
    assert service["ml-backend"]["ports"] == ["127.0.0.1:9090:9090"]
