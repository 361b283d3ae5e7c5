"""The protocol as an OpenAPI document, made from the messages themselves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from goldleaf.backend import protocol
from goldleaf.backend.credentials import WEBHOOK_HEADER
from goldleaf.label_configs.registry import kind_named


@dataclass(frozen=True, slots=True)
class _Route:
    """One operation; `answers` are its statuses, None a text, and `login` who is asked for one."""

    path: str
    method: Literal["get", "post"]
    summary: str
    answers: dict[int, type[BaseModel] | None]
    sent: type[BaseModel] | None = None
    login: Literal["open", "basic", "webhook"] = "basic"


_ROUTES = [
    _Route("/", "get", "As /health.", {200: protocol.HealthResponse}, login="open"),
    _Route("/health", "get", "Whether it works.", {200: protocol.HealthResponse}, login="open"),
    _Route(
        *("/setup", "post", "Name the version of a project's drafts."),
        {200: protocol.SetupResponse},
        protocol.SetupRequest,
    ),
    _Route(
        *("/predict", "post", "Draft the tasks."),
        {200: protocol.PredictResponse},
        protocol.PredictRequest,
    ),
    _Route(
        *("/webhook", "post", "Store what changed; 200 for what is only counted."),
        {
            200: protocol.WebhookResponse,
            202: protocol.WebhookResponse,
            503: protocol.ErrorResponse,
            507: protocol.ErrorResponse,
        },
        protocol.WebhookRequest,
        "webhook",
    ),
    _Route("/versions", "get", "The versions of all kinds.", {200: protocol.VersionsResponse}),
    _Route("/metrics", "get", "Counters in Prometheus's text format.", {200: None}),
]
_REFUSALS = (400, 413, 415, 422)


@cache
def document(*, login: bool = True) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of the backend; every call returns the same dict.

    `login`: whether this backend asks for one.
    """
    models = {m for route in _ROUTES for m in (route.sent, *route.answers.values()) if m}
    models |= {protocol.ErrorResponse, protocol.OtherEvent}
    described: list[tuple[type[BaseModel], Literal["validation"]]] = [
        (model, "validation") for model in sorted(models, key=lambda m: m.__name__)
    ]
    _, schemas = models_json_schema(
        described,
        ref_template="#/components/schemas/{model}",
    )
    paths: dict[str, Any] = {}
    for route in _ROUTES:
        answers = {str(status): _content(model) for status, model in route.answers.items()}
        refusals = (401, *(_REFUSALS if route.sent else ()))
        answers |= {str(code): _content(protocol.ErrorResponse) for code in refusals}
        operation: dict[str, Any] = {
            "summary": route.summary,
            "responses": answers,
            "security": _security(route, login=login),
        }
        if route.sent:
            body = _content(route.sent)
            content = body["content"]["application/json"]
            if route.sent is protocol.WebhookRequest:
                content["schema"] = {"anyOf": [content["schema"], _reference(protocol.OtherEvent)]}
            content["examples"] = _examples(route.path)
            operation["requestBody"] = {"required": True, "content": body["content"]}
        paths[route.path] = {route.method: operation}
    return {
        "openapi": "3.1.0",
        "info": {"title": "goldleaf ML backend", "version": version("goldleaf")},
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic"},
                "webhook": {"type": "apiKey", "in": "header", "name": WEBHOOK_HEADER},
            },
        },
    }


def _security(route: _Route, *, login: bool) -> list[dict[str, Any]]:
    """Return what may be shown to be let in; `{}` is nothing."""
    if not login:
        return []
    known = [{"basic": []}]
    if route.login == "webhook":
        known.append({"webhook": []})
    return [{}, *known] if route.login == "open" else known


def _examples(path: str) -> dict[str, Any]:
    """Return a request that is answered: no schema can say which labeling configs are ours."""
    kind, project = kind_named("preference"), "1.1795363614"
    answers = {"answer_a": "I'm sorry, but I can't.", "answer_b": "Mix flour and water."}
    value: dict[str, Any] = {
        "/setup": {"project": project, "schema": kind.config()},
        "/predict": {
            "tasks": [{"id": 1, "data": {"prompt": "How do I bake bread?", **answers}}],
            "project": project,
            "label_config": kind.config(),
            "params": {"context": None},
        },
        "/webhook": {
            "action": "ANNOTATION_CREATED",
            "annotation": {"id": 1, "updated_at": "2026-01-01T00:00:00Z"},
            "project": {"id": 1},
        },
    }[path]
    return {"one": {"value": value}}


def _content(model: type[BaseModel] | None) -> dict[str, Any]:
    if model is None:
        return {"description": "", "content": {"text/plain": {"schema": {"type": "string"}}}}
    return {"description": "", "content": {"application/json": {"schema": _reference(model)}}}


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}
