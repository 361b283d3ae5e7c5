"""The compose file, read (not run): what it forbids Label Studio, and who can reach the backend."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Any

import pytest
import yaml

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
