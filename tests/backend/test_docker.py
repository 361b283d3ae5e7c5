"""The compose files, read (not run): what is forbidden, who reaches what, who learns from where."""

from __future__ import annotations

import ipaddress
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from goldleaf.core.settings import load
from goldleaf.studio.ssrf import DEFAULT_BANNED

FOLDER = Path(__file__).parents[2] / "docker"


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))


def test_only_the_backends_network_is_opened(compose: dict[str, Any]):
    environment = compose["services"]["label-studio"]["environment"]
    assert environment["USE_DEFAULT_BANNED_SUBNETS"] == "false"
    # Label Studio splits at commas and strips nothing.
    banned = [
        ipaddress.ip_network(subnet)
        for subnet in environment["USER_ADDITIONAL_BANNED_SUBNETS"].split(",")
    ]
    (network,) = compose["networks"]["workshop"]["ipam"]["config"]
    ours = ipaddress.ip_network(network["subnet"])
    default = [ipaddress.ip_network(subnet) for subnet in DEFAULT_BANNED]
    assert {net for net in banned if net.version == 6} == {
        net for net in default if net.version == 6
    }
    closed = [net for net in [*banned, ours] if isinstance(net, ipaddress.IPv4Network)]
    asked = [net for net in default if isinstance(net, ipaddress.IPv4Network)]
    assert list(ipaddress.collapse_addresses(closed)) == list(ipaddress.collapse_addresses(asked))
    assert not any(ours.overlaps(net) for net in banned if net.version == ours.version)


def test_nothing_is_reachable_from_outside_and_nothing_starts_without_secrets(
    compose: dict[str, Any],
):
    services = compose["services"]
    assert "ports" not in services["backend"]
    assert all(port.startswith("127.0.0.1:") for port in services["label-studio"]["ports"])
    for service in services.values():
        for name, value in service["environment"].items():
            if name.endswith(("PASSWORD", "SECRET")):
                assert value.startswith("${" + name + ":?")


def test_the_image_runs_our_command_as_nobody_special():
    lines = (FOLDER / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("USER ")] == ["USER goldleaf"]
    assert lines[-1].startswith('CMD ["goldleaf", "serve"')


COMPOSE_FILES = [FOLDER / "compose.yaml", FOLDER / "label-studio-ml" / "docker-compose.yml"]
"""The compose files there are."""


def test_the_backend_learns_from_label_studio_with_a_key_out_of_its_environment(
    compose: dict[str, Any], tmp_path: Path
):
    backend = compose["services"]["backend"]
    given = {name: str(value) for name, value in backend["environment"].items()}
    host = given["LABEL_STUDIO_URL"].removeprefix("http://").removesuffix(":8080")
    assert host in compose["services"]
    (secret,) = backend["secrets"]
    assert given["LABEL_STUDIO_API_KEY_FILE"] == f"/run/secrets/{secret}"
    key = tmp_path / compose["secrets"][secret]["file"]
    # What goldleaf makes of it: no key while the file is empty, the key once it is there.
    given["LABEL_STUDIO_API_KEY_FILE"] = str(key)
    key.write_text("", "utf-8")
    assert load(environ=given, folder=tmp_path).token == ""
    key.write_text("a key\n", "utf-8")
    settings = load(environ=given, folder=tmp_path)
    assert (settings.token, settings.url) == ("a key", given["LABEL_STUDIO_URL"])
    assert settings.origins["token"] == "LABEL_STUDIO_API_KEY_FILE"


@pytest.mark.parametrize("file", COMPOSE_FILES, ids=lambda file: file.name)
def test_every_service_comes_back_and_every_name_is_declared(file: Path):
    content = yaml.safe_load(file.read_text("utf-8"))
    services = content["services"]
    for service in services.values():
        assert service["restart"] == "unless-stopped"
        build = service.get("build")
        if build:
            assert (file.parent / build["context"] / build["dockerfile"]).is_file()
        for port in service.get("ports", ()):
            assert port.startswith("127.0.0.1:")
        for volume in service.get("volumes", ()):
            assert volume.split(":")[0] in content["volumes"]
        assert set(service.get("secrets", ())) <= set(content.get("secrets", ()))
        assert set(service.get("networks", ())) <= set(content.get("networks", ()))
        for name, wanted in service.get("depends_on", {}).items():
            assert wanted == {"condition": "service_healthy"}
            assert services[name]["healthcheck"]["test"][0] == "CMD"
    build = [service["build"] for service in services.values() if "build" in service]
    text = (file.parent / build[0]["context"] / build[0]["dockerfile"]).read_text("utf-8")
    assert "HEALTHCHECK" in text and "USER goldleaf" in text


@pytest.mark.parametrize("file", COMPOSE_FILES, ids=lambda file: file.name)
def test_docker_takes_the_compose_file(file: Path, tmp_path: Path):
    """By Docker where it is installed, by the schema that GOLDLEAF_COMPOSE_SCHEMA names."""
    schema = os.environ.get("GOLDLEAF_COMPOSE_SCHEMA")
    if schema:
        import jsonschema

        content = yaml.safe_load(file.read_text("utf-8"))
        rules = json.loads(Path(schema).read_text("utf-8"))
        jsonschema.Draft202012Validator(rules).validate(content)
    docker = shutil.which("docker") or ""
    found = docker and subprocess.run([docker, "compose", "version"], capture_output=True)
    if found and found.returncode == 0:
        names = ["LABEL_STUDIO_USERNAME", "LABEL_STUDIO_PASSWORD", "GOLDLEAF_BACKEND_PASSWORD"]
        names += ["GOLDLEAF_WEBHOOK_SECRET", "BASIC_AUTH_USER", "BASIC_AUTH_PASS"]
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
