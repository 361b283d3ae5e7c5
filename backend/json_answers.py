"""Answers as JSON, and refusals in their one form: `{"error", "detail", "request"}`."""

from __future__ import annotations

import json
import traceback
from typing import Any

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from goldleaf.backend.log import LOG
from goldleaf.backend.protocol import Rejected


def refuse_with(app: Flask) -> None:
    """Have the application answer every error in the form of a refusal."""
    app.register_error_handler(Rejected, _rejected)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _fault)


def json_answer(content: dict[str, Any], status: int = 200) -> Response:
    """Return an answer as JSON; ValueError for NaN or infinity."""
    return Response(json.dumps(content, allow_nan=False), status, content_type="application/json")


def _refusal(status: int, code: str, detail: str) -> Response:
    response = json_answer({"error": code, "detail": detail, "request": g.request_id}, status)
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="goldleaf", charset="UTF-8"'
    return response


def _rejected(error: Rejected) -> Response:
    LOG.info("%s: %s %s: %s", g.request_id, request.path, error.code, error.detail)
    return _refusal(error.status, error.code, error.detail)


def _http_error(error: HTTPException) -> Response:
    code = (error.name or "error").lower().replace(" ", "_")
    response = _refusal(error.code or 500, code, error.description or code)
    for name, value in error.get_headers(request.environ):
        if name == "Allow":
            response.headers[name] = value
    return response


def _fault(error: Exception) -> Response:
    """Answer without a trace; the trace goes to the log, where secrets are struck out."""
    LOG.error("%s: %s", g.request_id, "".join(traceback.format_exception(error)))
    return _refusal(500, "internal", "a fault of the backend; its log has more under this request")
