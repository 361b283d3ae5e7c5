"""The client against the real Label Studio, and against servers that are none or fail."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from goldleaf.core.errors import StudioUnreachable, UsageError
from goldleaf.core.redaction import redact
from goldleaf.studio import client
from goldleaf.studio.client import RequestRejected, Studio, Unauthorized
from goldleaf.studio.embedded_label_studio import EmbeddedStudio
from goldleaf.studio.login import logged_in_client, personal_token
from goldleaf.studio.plugin_presence import has_plugin
from goldleaf.studio.tokens import PersonalToken

HEX = "0123456789abcdef0123456789abcdef01234567"
Answer = tuple[int, str, str]


class OtherServer:
    """A small real HTTP server that is no Label Studio and answers what a test wants."""

    def __init__(self, answer: Callable[[int], Answer]) -> None:
        self.asked: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(f"{self.command} {self.path}")
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, kind, text = answer(len(outer.asked))
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(text.encode())))
                if status == 302:
                    self.send_header("Location", "https://elsewhere.invalid/")
                self.end_headers()
                self.wfile.write(text.encode())

            do_POST = do_GET

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def other_server() -> Iterator[Callable[[Callable[[int], Answer]], OtherServer]]:
    started: list[OtherServer] = []

    def start(answer: Callable[[int], Answer]) -> OtherServer:
        started.append(OtherServer(answer))
        return started[-1]

    yield start
    for server in started:
        server.close()


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_PAUSES", (0.01, 0.01, 0.01))


@pytest.mark.label_studio
def test_whether_our_plug_in_is_on(
    label_studio: EmbeddedStudio, other_server: Callable[..., OtherServer]
):
    assert has_plugin(label_studio.url)
    assert not has_plugin(other_server(lambda asked: (404, "text/html", "not here")).url)
    assert not has_plugin("http://127.0.0.1:9")


@pytest.mark.label_studio
def test_version_and_accounts(label_studio: EmbeddedStudio):
    assert label_studio.studio.require_supported() >= "1.23.2"
    assert label_studio.email in label_studio.studio.accounts().values()
    assert label_studio.studio.token_kind == "personal access token"


@pytest.mark.label_studio
def test_a_refused_access_token_is_renewed_once(label_studio: EmbeddedStudio):
    with Studio(label_studio.url, label_studio.token) as studio:
        studio.accounts()
        kept = studio._credential
        assert isinstance(kept, PersonalToken)
        good = kept._access
        kept._access = good[:-4] + "AAAA"
        assert studio.accounts()
        assert kept._access != good[:-4] + "AAAA"


@pytest.mark.label_studio
def test_an_access_token_is_renewed_before_it_ends(label_studio: EmbeddedStudio):
    with Studio(label_studio.url, label_studio.token) as studio:
        studio.accounts()
        kept = studio._credential
        assert isinstance(kept, PersonalToken)
        assert 200 < kept._until - time.monotonic() < 400, "the lifetime is read from the token"
        kept._until = time.monotonic() + 10
        studio.accounts()
        assert kept._until - time.monotonic() > 200


@pytest.mark.label_studio
@pytest.mark.parametrize("token", [HEX, "eyJhbGciOi.eyJ0b2tlbl90.c2lnbmF0dXJl"])
def test_a_wrong_token_is_one_plain_message(label_studio: EmbeddedStudio, token: str):
    with Studio(label_studio.url, token) as studio, pytest.raises(StudioUnreachable) as caught:
        studio.accounts()
    assert caught.value.exit_code == 5
    assert "does not accept the token" in str(caught.value)
    assert "***" not in redact(str(caught.value)), "what is wrong is no secret"
    assert "GOLDLEAF_TOKEN" in caught.value.fix
    assert token not in str(caught.value)


@pytest.mark.label_studio
def test_a_legacy_token_that_is_switched_off_says_so_and_works_when_on(
    label_studio: EmbeddedStudio,
):
    with logged_in_client(label_studio.url, label_studio.email, label_studio.password) as http:
        legacy = http.get("/api/current-user/token").json()["token"]
    with Studio(label_studio.url, legacy) as studio:
        with pytest.raises(StudioUnreachable, match="Legacy tokens are switched off"):
            studio.accounts()
        switches = {"api_tokens_enabled": True, "legacy_api_tokens_enabled": True}
        label_studio.studio.post("/api/jwt/settings", switches)
        try:
            assert label_studio.email in studio.accounts().values()
            assert studio.token_kind == "legacy token"
        finally:
            switches["legacy_api_tokens_enabled"] = False
            label_studio.studio.post("/api/jwt/settings", switches)


@pytest.mark.label_studio
def test_a_wrong_password_is_one_plain_message(label_studio: EmbeddedStudio):
    with pytest.raises(StudioUnreachable, match="does not let"):
        personal_token(label_studio.url, label_studio.email, "not the password")


@pytest.mark.label_studio
def test_what_label_studio_refuses_keeps_its_reason(label_studio: EmbeddedStudio):
    with pytest.raises(RequestRejected, match="title") as caught:
        label_studio.studio.post("/api/projects", {"title": "x"})
    assert caught.value.status == 400
    with pytest.raises(RequestRejected) as caught:
        label_studio.studio.get("/api/projects/999999")
    assert caught.value.status == 404
    label_studio.studio.delete("/api/projects/999999/")  # what is gone counts as deleted


@pytest.mark.usefixtures("hurried")
def test_label_studio_down():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    with Studio(url, HEX) as studio, pytest.raises(StudioUnreachable, match="cannot be reached"):
        studio.version()
    with pytest.raises(StudioUnreachable, match="cannot be reached") as caught:
        personal_token(url, "a@b.invalid", "password")
    assert caught.value.exit_code == 5


def test_label_studio_too_old(other_server: Callable[..., OtherServer]):
    old = other_server(lambda _: (200, "application/json", json.dumps({"release": "1.20.0"})))
    with Studio(old.url, HEX) as studio, pytest.raises(StudioUnreachable) as caught:
        studio.require_supported()
    assert "1.20.0" in str(caught.value)
    assert "1.23.2" in str(caught.value)
    assert caught.value.exit_code == 5


@pytest.mark.parametrize(
    ("release", "supported"), [("1.23.2", True), ("1.24.0.dev0", True), ("1.23.1.post1", False)]
)
def test_which_releases_are_supported(
    other_server: Callable[..., OtherServer], release: str, supported: bool
):
    server = other_server(lambda _: (200, "application/json", json.dumps({"release": release})))
    with Studio(server.url, HEX) as studio:
        if supported:
            assert studio.require_supported() == release
        else:
            with pytest.raises(StudioUnreachable):
                studio.require_supported()


@pytest.mark.parametrize(
    "answer",
    [
        (200, "text/html", "<html>hello</html>"),
        (404, "text/html", "<html>not found</html>"),
        (200, "application/json", "[]"),
        (200, "application/json", '{"version": 3}'),
    ],
)
@pytest.mark.usefixtures("hurried")
def test_somebody_else_answers(other_server: Callable[..., OtherServer], answer: Answer):
    server = other_server(lambda _: answer)
    with Studio(server.url, HEX) as studio, pytest.raises(StudioUnreachable, match="not as Label"):
        studio.version()


def test_an_address_that_leads_elsewhere(other_server: Callable[..., OtherServer]):
    server = other_server(lambda _: (302, "text/html", ""))
    with Studio(server.url, HEX) as studio, pytest.raises(StudioUnreachable, match="elsewhere"):
        studio.version()


@pytest.mark.usefixtures("hurried")
def test_a_get_is_tried_again_and_a_post_is_not(other_server: Callable[..., OtherServer]):
    def answer(times: int) -> Answer:
        busy = (503, "text/html", "busy")
        return busy if times < 3 else (200, "application/json", '{"release": "1.23.2"}')

    server = other_server(answer)
    with Studio(server.url, HEX) as studio:
        assert studio.version() == "1.23.2"
        assert len(server.asked) == 3
        server.asked.clear()
        with pytest.raises(StudioUnreachable, match="503"):
            studio.post("/api/projects", {})
        assert server.asked == ["POST /api/projects"]


@pytest.mark.usefixtures("hurried")
def test_a_busy_token_exchange_is_tried_again_too(other_server: Callable[..., OtherServer]):
    def answer(times: int) -> Answer:
        if times < 3:
            return 500, "text/html", "database is locked"
        return 200, "application/json", '{"access": "a.b.c", "release": "1.23.2"}'

    server = other_server(answer)
    with Studio(server.url, "eyJhbGciOi.eyJ0b2tlbl90.c2lnbmF0dXJl") as studio:
        assert studio.version() == "1.23.2"
        assert server.asked == ["POST /api/token/refresh/"] * 3 + ["GET /api/version"]


@pytest.mark.usefixtures("hurried")
def test_only_a_refused_token_is_not_let_in(other_server: Callable[..., OtherServer]):
    for status, refused in ((500, False), (401, True)):
        said = f'{{"detail": "status {status}"}}'
        server = other_server(
            lambda _, status=status, said=said: (status, "application/json", said)
        )
        with Studio(server.url, HEX) as studio, pytest.raises(StudioUnreachable) as caught:
            studio.version()
        assert isinstance(caught.value, Unauthorized) is refused


@pytest.mark.usefixtures("hurried")
def test_label_studio_too_slow(other_server: Callable[..., OtherServer]):
    def answer(_: int) -> Answer:
        time.sleep(0.5)
        return 200, "application/json", "{}"

    server = other_server(answer)
    with Studio(server.url, HEX, timeout=0.1) as studio:
        with pytest.raises(StudioUnreachable, match="no answer in time"):
            studio.version()
        with pytest.raises(StudioUnreachable, match="not done twice"):
            studio.post("/api/projects", {})


@pytest.mark.parametrize("url", ["", "localhost:8080", "ftp://x", "http://", "http://[::"])
def test_an_address_that_is_none(url: str):
    with pytest.raises(UsageError):
        Studio(url, HEX)


@pytest.mark.parametrize("token", ["", "  ", "two words", "口令", "a\x00b"])
def test_a_text_that_can_be_no_token(token: str):
    with pytest.raises(StudioUnreachable, match="token"):
        Studio("http://127.0.0.1:1", token)


def test_a_token_is_struck_out_of_messages():
    secret = "feedfeedfeedfeedfeedfeedfeedfeedfeedfeed"
    Studio("http://127.0.0.1:1", secret).close()
    assert secret not in redact(f"it was {secret}, he said")
