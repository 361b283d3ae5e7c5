"""From label-studio-sdk's client to ours and back, against a real Label Studio."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from goldleaf.core.errors import UsageError
from goldleaf.core.redaction import redact
from goldleaf.studio.client import Studio
from goldleaf.studio.embedded_label_studio import EmbeddedStudio

sdk = pytest.importorskip("label_studio_sdk", reason="pip install 'goldleaf[studio]'")


@pytest.fixture
def client_of() -> Iterator[Callable[..., Any]]:
    """Make clients of the SDK, or note those that were made; all are closed afterwards."""
    made: list[Any] = []

    def make(given: Any = None, **options: Any) -> Any:
        made.append(given or sdk.LabelStudio(**options))
        return made[-1]

    yield make
    for each in made:
        each._client_wrapper.httpx_client.httpx_client.close()


HEX = "fedcba9876543210fedcba9876543210fedcba98"


@pytest.mark.label_studio
@pytest.mark.filterwarnings("ignore:The `parse_obj` method:DeprecationWarning")  # the SDK's own
def test_both_clients_are_the_same_account(
    label_studio: EmbeddedStudio,
    monkeypatch: pytest.MonkeyPatch,
    client_of: Callable[..., Any],
):
    client = client_of(base_url=label_studio.url, api_key=label_studio.token)
    with Studio.from_sdk(client) as ours:
        assert ours.token_kind == "personal access token"
        mail = ours.get("/api/current-user/whoami")["email"]
        # A proxy of the environment is not for an address on this machine.
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        back = client_of(ours.to_sdk())
        assert back.users.whoami().email == mail == label_studio.email
        assert back._client_wrapper.get_timeout() in (None, 60)
        with Studio.from_sdk(back) as again:
            assert (again.url, again.token) == (ours.url, ours.token)


def test_address_and_token_are_taken_over_and_the_token_is_never_shown(
    client_of: Callable[..., Any],
):
    client = client_of(base_url="http://studio.example/ls/", api_key=HEX)
    with Studio.from_sdk(client, timeout=3) as ours:
        assert (ours.url, ours.token_kind) == ("http://studio.example/ls", "legacy token")
        assert HEX not in redact(f"a log with {HEX}")
        back = client_of(ours.to_sdk(max_retries=0))
        assert back._client_wrapper.get_max_retries() == 0


@pytest.mark.parametrize("what", [object(), None, "http://127.0.0.1:8080"])
def test_what_is_no_client_is_refused_with_its_fix(what: object):
    with pytest.raises(UsageError, match="not a client of label-studio-sdk") as caught:
        Studio.from_sdk(what)  # pyright: ignore[reportArgumentType]
    assert "LabelStudio(base_url=" in caught.value.fix


def test_without_the_sdk_the_way_back_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "label_studio_sdk", None)
    with Studio("http://127.0.0.1:1", HEX) as ours, pytest.raises(UsageError) as caught:
        ours.to_sdk()
    assert caught.value.fix == "install it: pip install 'goldleaf[studio]'"
