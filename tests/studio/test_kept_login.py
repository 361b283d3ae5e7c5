"""`goldleaf login` on the real Label Studio: a token of an account of its own, kept and renewed."""

from __future__ import annotations

import io
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from goldleaf.core.data_dir import SCRIPT_DOMAIN
from goldleaf.core.settings import Settings
from goldleaf.studio.client import Studio
from goldleaf.studio.embedded_label_studio import EmbeddedStudio
from goldleaf.studio.ports import any_free_port
from goldleaf.workflows.label_studio_connection import open_studio


@pytest.fixture
def secure_proxy(label_studio: EmbeddedStudio) -> Iterator[str]:
    """The address of a Label Studio whose cookies are marked as secure, as behind a TLS proxy."""
    listener = socket.create_server(("127.0.0.1", 0))
    to = ("127.0.0.1", label_studio.port)

    def pass_on(one: socket.socket) -> None:
        with closing(one), closing(socket.create_connection(to)) as other, suppress(OSError):

            def upstream() -> None:
                with suppress(OSError):
                    while block := one.recv(65536):
                        other.sendall(block)
                    other.shutdown(socket.SHUT_WR)

            threading.Thread(target=upstream, daemon=True).start()
            while block := other.recv(65536):
                one.sendall(block.replace(b"; SameSite=Lax", b"; Secure      "))

    def accept() -> None:
        with suppress(OSError):
            while True:
                one, _ = listener.accept()
                threading.Thread(target=pass_on, args=(one,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    listener.close()


@pytest.mark.label_studio
def test_a_login_is_kept_and_made_again_only_when_it_no_longer_works(
    label_studio: EmbeddedStudio, secure_proxy: str, inside, monkeypatch, tmp_path: Path
):
    monkeypatch.setenv("LABEL_STUDIO_USERNAME", label_studio.email)
    secret = tmp_path / "password"
    secret.write_text(label_studio.password + "\n", "utf-8")
    monkeypatch.setenv("LABEL_STUDIO_PASSWORD_FILE", str(secret))
    state = Settings(data_dir=tmp_path / "state").state
    done = inside("login", "--url", secure_proxy)
    assert done.returncode == 0, done.stderr
    assert label_studio.password not in done.stdout + done.stderr
    kept = state.secret("login")
    assert kept["email"].endswith(SCRIPT_DOMAIN)
    with open_studio(Settings(data_dir=state.path)) as studio:
        assert studio.get("/api/current-user/whoami")["email"] == kept["email"]
    # The member's own token is still the one it was.
    with Studio(label_studio.url, label_studio.token) as member:
        assert member.get("/api/current-user/whoami")["email"] == label_studio.email
    assert inside("login", "--url", secure_proxy).returncode == 0
    assert state.secret("login") == kept
    state.keep_secret("login", {**kept, "token": kept["token"][:-3] + "abc"})
    assert inside("login", "--url", secure_proxy).returncode == 0
    renewed = state.secret("login")
    assert renewed["email"] == kept["email"] and renewed["token"] != kept["token"]


def test_what_is_missing_is_told(inside, monkeypatch, tmp_path: Path):
    for name in ("LABEL_STUDIO_USERNAME", "LABEL_STUDIO_PASSWORD", "LABEL_STUDIO_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    done = inside("login")
    assert done.returncode == 2 and "LABEL_STUDIO_URL" in done.stderr
    url = f"http://127.0.0.1:{any_free_port()}"
    done = inside("login", "--url", url)
    assert done.returncode == 2 and "LABEL_STUDIO_PASSWORD_FILE" in done.stderr
    monkeypatch.setenv("LABEL_STUDIO_USERNAME", "a@example.org")
    monkeypatch.setenv("LABEL_STUDIO_PASSWORD", "wrong password")
    done = inside("login", "--url", url, "--wait", "0")
    assert done.returncode == 5 and "cannot be reached" in done.stderr
    assert "wrong password" not in done.stderr
