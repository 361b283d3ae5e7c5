"""waitress parser that reads an oversized body to its end and keeps none of it.

A sender that is still writing while the line is closed sees a reset instead of the refusal. So what
is too large is received and thrown away, and refused then; beyond `DISCARDED_BYTES` it is refused
at once, and the line is read on for a while.
"""

from __future__ import annotations

import json
import secrets
from typing import Any

from waitress.buffers import OverflowableBuffer
from waitress.parser import HTTPRequestParser
from waitress.receiver import ChunkedReceiver, FixedStreamReceiver
from waitress.task import ErrorTask
from waitress.utilities import Error, RequestEntityTooLarge

from goldleaf.backend.log import LOG
from goldleaf.backend.protocol import MAX_BODY_BYTES

DISCARDED_BYTES = 256 * 1024 * 1024
"""A body is read this far before it is refused."""
_CODES = {413: "too_large", 431: "headers_too_large"}


class LimitedBuffer(OverflowableBuffer):
    """A body of up to `MAX_BODY_BYTES`; of a larger one only the length is kept."""

    def __init__(self, overflow: int) -> None:
        super().__init__(overflow)
        self.length = 0

    def __len__(self) -> int:
        """Return the bytes received, kept or not."""
        return self.length

    def append(self, s: bytes) -> None:
        """Take a part of the body."""
        within = self.length <= MAX_BODY_BYTES
        self.length += len(s)
        if self.length <= MAX_BODY_BYTES:
            super().append(s)
        elif within:
            self.close()
            self.buf, self.strbuf, self.overflowed = None, b"", False


class Parser(HTTPRequestParser):
    """Parses one request; the body of one that is too large is counted, not kept."""

    def parse_header(self, header_plus: bytes) -> None:
        """Read the headers and decide how the body is received.

        A client that waits for "100 Continue" has sent nothing yet, so it is refused here.
        """
        super().parse_header(header_plus)
        if self.body_rcv is None:
            return
        if getattr(self, "expect_continue", False) and self.content_length > MAX_BODY_BYTES:
            self.expect_continue = False
            self.error = RequestEntityTooLarge(f"a body may have {MAX_BODY_BYTES} bytes")
            self.completed = True
            return
        buffer: Any = LimitedBuffer(self.adj.inbuf_overflow)
        self.body_rcv = (
            ChunkedReceiver(buffer)
            if self.chunked
            else FixedStreamReceiver(self.content_length, buffer)
        )


class JsonErrorTask(ErrorTask):
    """Refuses what is no request for the application, in the form of its own refusals."""

    request: Any
    channel: Any

    def execute(self) -> None:
        """Answer with `{"error", "detail", "request"}` and close."""
        error: Error = self.request.error
        # A transfer coding that we do not know is the sender's mistake, no fault of ours.
        code = 400 if error.code == 501 else int(error.code)
        name = _CODES.get(code, "bad_request")
        request = secrets.token_hex(8)
        LOG.info("%s: %d %s", request, code, name)
        said = {"error": name, "detail": str(error.body), "request": request}
        body = json.dumps(said).encode()
        reason = "Bad Request" if code == 400 else error.reason
        self.status = f"{code} {reason}"
        self.response_headers = [
            ("Content-Type", "application/json"),
            ("X-Content-Type-Options", "nosniff"),
            ("X-Request-Id", request),
        ]
        self.channel.refused = True
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)
