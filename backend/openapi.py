"""The protocol as an OpenAPI document, made from the messages themselves."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from goldleaf.backend import protocol
from goldleaf.backend.credentials import WEBHOOK_HEADER

_ROUTES: list[tuple[str, str, type[BaseModel] | None, int, type[BaseModel]]] = [
    ("/health", "get", None, 200, protocol.HealthResponse),
    ("/setup", "post", protocol.SetupRequest, 200, protocol.SetupResponse),
    ("/predict", "post", protocol.PredictRequest, 200, protocol.PredictResponse),
    ("/webhook", "post", protocol.WebhookRequest, 202, protocol.WebhookResponse),
    ("/versions", "get", None, 200, protocol.VersionsResponse),
]
_REFUSALS = (400, 401, 413, 415, 422)


@cache
def document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of the backend; every call returns the same dict."""
    models = {m for _, _, sent, _, back in _ROUTES for m in (sent, back) if m}
    models.add(protocol.ErrorResponse)
    described: list[tuple[type[BaseModel], Literal["validation"]]] = [
        (model, "validation") for model in sorted(models, key=lambda m: m.__name__)
    ]
    _, schemas = models_json_schema(
        described,
        ref_template="#/components/schemas/{model}",
    )
    paths: dict[str, Any] = {}
    for path, method, sent, status, back in _ROUTES:
        answers = {str(status): _content(back)}
        if sent:
            answers |= {str(code): _content(protocol.ErrorResponse) for code in _REFUSALS}
        operation: dict[str, Any] = {"summary": (back.__doc__ or "").strip(), "responses": answers}
        if sent:
            operation["requestBody"] = {"required": True, **_content(sent)}
        paths[path] = {method: operation}
    return {
        "openapi": "3.1.0",
        "info": {"title": "goldleaf ML backend", "version": version("goldleaf")},
        "security": [{"basic": []}, {"webhook": []}],
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic"},
                "webhook": {"type": "apiKey", "in": "header", "name": WEBHOOK_HEADER},
            },
        },
    }


def _content(model: type[BaseModel]) -> dict[str, Any]:
    reference = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"description": "", "content": {"application/json": {"schema": reference}}}
