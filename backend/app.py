"""The Flask application: Label Studio's ML backend protocol, route by route.

Every request is checked in the same order before a predictor sees it: who asks, how large, what
type, is it JSON, are its fields right, is its labeling config one of ours.
"""

from __future__ import annotations

import re
import secrets
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from flask import Flask, Response, g, request

from goldleaf.backend.config_cache import kind_and_screen
from goldleaf.backend.credentials import WEBHOOK_HEADER, Credentials
from goldleaf.backend.event_store import EventStore, StoreBusy, StoreFull
from goldleaf.backend.json_answers import json_answer, refuse_with
from goldleaf.backend.log import LOG
from goldleaf.backend.metrics import Metrics, by_text, training_gauges
from goldleaf.backend.openapi import document
from goldleaf.backend.predictions import draft_predictions, task_name
from goldleaf.backend.predictors.predictor import (
    Predictor,
    for_project,
    in_context,
    model_version,
)
from goldleaf.backend.protocol import (
    HINT_ACTIONS,
    MAX_BODY_BYTES,
    OTHER_ACTIONS,
    PredictRequest,
    Rejected,
    SetupRequest,
    WebhookAction,
    WebhookRequest,
    checked,
    hints,
    parsed,
)
from goldleaf.core.errors import BadRow
from goldleaf.label_configs.kind import Kind
from goldleaf.label_configs.registry import kinds
from goldleaf.label_configs.screen import Screen

if TYPE_CHECKING:
    from goldleaf.backend.draft_scores import DraftScore

PREDICT_SECONDS = 80.0
"""Label Studio waits 100 s for a batch and then drops it whole."""

_COUNTED = 10_000
"""Projects whose updates are counted one by one."""
_OPEN = {"/health", "/"}
_REASON = re.compile(r"[a-z_]{1,40}")


def _no_training_status() -> dict[str, Any]:
    return {"state": "off"}


def _no_draft_scores() -> Mapping[int, Sequence[DraftScore]]:
    return {}


@dataclass
class Backend:
    """The answers to all routes, and the state they share; `create_app` makes one."""

    predictor: Predictor
    events: EventStore
    credentials: Credentials
    counters: Metrics = field(default_factory=Metrics)
    seen: Counter[str] = field(default_factory=Counter[str])
    """Webhook events received since the start, by action; those we do not know are "other"."""
    wake: Callable[[], None] = lambda: None
    """Called when an event was stored; must return at once."""
    learning: Callable[[], Mapping[str, Any]] = _no_training_status
    """What `/health` says of the worker; must answer from memory."""
    draft_scores: Callable[[], Mapping[int, Sequence[DraftScore]]] = _no_draft_scores
    """What `/metrics` says of each project's drafts; must answer from memory."""
    instance: str = ""
    """Names the data directory, so that a backend of another one is recognised."""
    refused: int = 0
    """Events refused for their secret since the start: Label Studio itself hides that."""
    updates: Counter[int] = field(default_factory=Counter[int])
    """`PROJECT_UPDATED` events since the start, by project: how `doctor` sees one arrive."""
    others: Callable[[], Sequence[Mapping[str, Any]]] = tuple
    """What the other processes of this server have counted: their `snapshot`s, from memory."""
    tell: Callable[[], None] = lambda: None
    """Gives the others this `snapshot`. Called before counts are answered: no later answer, of
    another process or of one that replaces this, is below them."""

    def snapshot(self) -> dict[str, Any]:
        """Return what this process has counted, as JSON, for the others."""
        return {
            "metrics": self.counters.snapshot(),
            "seen": dict(self.seen),
            "refused": self.refused,
            "updates": by_text(self.updates),
            "writable": self.events.writable,
            "tried": self.events.tried,
        }

    def go_on_from(self, snapshot: Mapping[str, Any]) -> None:
        """Begin with what a process had counted that this one replaces."""
        self.counters.include(snapshot.get("metrics", {}))
        self.seen.update(snapshot.get("seen", {}))
        self.refused += int(snapshot.get("refused", 0))
        self.updates.update({int(k): n for k, n in snapshot.get("updates", {}).items()})

    def health(self) -> Response:
        """Answer from memory alone: Label Studio gives up after one second.

        Always 200, also when `status` is "degraded" (events cannot be stored). `projects_updated`
        is null for callers without the login.
        """
        known = self.credentials.admits(request.headers.get("Authorization", ""))
        others = self.others()
        seen, updates = Counter(self.seen), Counter(by_text(self.updates))
        for each in others:
            seen.update(each.get("seen", {}))
            updates.update(each.get("updates", {}))
        answer = json_answer(
            {
                "status": "UP" if self.events.writable_by_all(others) else "degraded",
                "model_version": f"{self.predictor.NAME}/{self.predictor.VERSION}",
                "versions": self._versions(),
                "events_seen": dict(seen),
                "events_pending": self.events.pending,
                "events_refused": self.refused + sum(each.get("refused", 0) for each in others),
                "instance": self.instance,
                "projects_updated": dict(updates) if known else None,
                "learning": dict(self.learning()),
            }
        )
        self.tell()
        return answer

    def setup(self) -> Response:
        """Answer `/setup`: name the version of the drafts for a project's kind.

        The access token that Label Studio sends along is ignored.
        """
        message = checked(SetupRequest, _body())
        kind, _ = _config(message.label_config)
        predictor = for_project(self.predictor, message.project, message.label_config)
        return json_answer({"model_version": model_version(kind, predictor)})

    def predict(self) -> Response:
        """Draft all tasks of the request: one result a task, `{}` where there is no draft.

        It needs no disk, and no network but what the predictor itself calls. Tasks not begun after
        `PREDICT_SECONDS` get `{}`.
        """
        message = checked(PredictRequest, _body())
        kind, screen = _config(message.label_config)
        outcomes: dict[str, list[int]] = {}

        def report(place: int, outcome: str) -> None:
            reason = outcome if _REASON.fullmatch(outcome) else "other"
            outcomes.setdefault(reason, []).append(place)

        results = draft_predictions(
            kind,
            screen,
            message.tasks,
            in_context(
                for_project(self.predictor, message.project, message.label_config),
                message.params.context if message.params else None,
            ),
            report=report,
            seconds=PREDICT_SECONDS,
        )
        drafted = len(outcomes.get("drafted", ()))
        LOG.info("%s: %d of %d tasks drafted", g.request_id, drafted, len(message.tasks))
        for reason, places in outcomes.items():
            self.counters.add("goldleaf_drafts_total", len(places), outcome=reason)
            if reason not in ("drafted", "nothing_to_say"):
                some = ", ".join(task_name(message.tasks[place], place) for place in places[:5])
                LOG.warning("%s: %d x %s, first %s", g.request_id, len(places), reason, some)
        # No NaN gets here (`draft_predictions`), and this is most of what the server writes.
        return Response(orjson.dumps({"results": results}), content_type="application/json")

    def webhook(self) -> Response:
        """Store what changed and answer at once: 202 and how many hints were new.

        200 and 0 for actions outside `HINT_ACTIONS`, which are only counted.

        Raises:
            Rejected: 422, a field is wrong; 507 or 503, the store is full or busy.
        """
        body = _body()
        action = checked(WebhookAction, body).action
        found = hints(body) if action in HINT_ACTIONS else []
        name = action if action in HINT_ACTIONS | OTHER_ACTIONS else "other"
        self.counters.add("goldleaf_webhook_events_total", action=name)
        self.seen[name] += 1
        if name == "PROJECT_UPDATED":
            self._count_update(body)
        if not found:
            return json_answer({"stored": 0})
        try:
            stored = self.events.add(found)
        except StoreFull:
            raise Rejected(507, "store_full", "no room to remember this event") from None
        except StoreBusy:
            raise Rejected(503, "store_busy", "the event store cannot be written now") from None
        self.wake()
        return json_answer({"stored": stored}, 202)

    def _count_update(self, body: Mapping[str, Any]) -> None:
        project = checked(WebhookRequest, body).project
        if project and project.id and (project.id in self.updates or len(self.updates) < _COUNTED):
            self.updates[project.id] += 1

    def versions(self) -> Response:
        """List the version of the drafts for each kind, as `/setup` gives it without learning."""
        return json_answer({"versions": self._versions()})

    def metrics(self) -> Response:
        """Answer `/metrics`, in Prometheus's text format: from memory, nothing is asked for it.

        The sums of all processes, never below what any has answered (a restart, to Prometheus).
        """
        others = self.others()
        text = self.counters.together(each.get("metrics", {}) for each in others).exposition(
            {
                "goldleaf_server_processes": 1 + len(others),
                "goldleaf_events_pending": self.events.pending,
                "goldleaf_events_writable": int(self.events.writable_by_all(others)),
                **training_gauges(self.learning()),
            },
            self.draft_scores(),
        )
        self.tell()
        return Response(text, content_type="text/plain; version=0.0.4; charset=utf-8")

    def openapi(self) -> Response:
        """Answer with the backend's protocol as an OpenAPI 3.1 document."""
        return json_answer(document(login=self.credentials.required))

    def _versions(self) -> list[str]:
        return [model_version(kind, self.predictor) for kind in kinds().values()]

    def authenticate(self) -> None:
        """Reject requests without valid credentials, and give the request its id.

        `/` and `/health` are open, but a wrong `Authorization` is rejected there, too; `/webhook`
        takes the webhook's secret instead.

        Raises:
            Rejected: 401.
        """
        g.request_id, g.began = secrets.token_hex(8), time.perf_counter()
        authorization = request.headers.get("Authorization", "")
        if request.path == "/webhook":
            secret = request.headers.get(WEBHOOK_HEADER, "")
            admitted = self.credentials.admits_webhook(authorization, secret)
        elif request.path in _OPEN and not authorization:
            admitted = True
        else:
            admitted = self.credentials.admits(authorization)
        if not admitted:
            self.refused += request.path == "/webhook"
            raise Rejected(401, "unauthorized", "user and password are those of goldleaf's backend")

    def after_request(self, response: Response) -> Response:
        """Count and log an answer, and add its headers, such as `X-Request-Id`."""
        route = request.url_rule.rule if request.url_rule else "unknown"
        self.counters.add("goldleaf_requests_total", route=route, status=str(response.status_code))
        spent = time.perf_counter() - g.began
        self.counters.observe("goldleaf_request_seconds", spent, route=route)
        LOG.info(
            *("%s %s %s %d %.1f ms", g.request_id, request.method, route),
            *(response.status_code, 1000 * spent),
        )
        response.headers["X-Request-Id"] = g.request_id
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


def create_app(
    events: EventStore,
    *,
    predictor: Predictor,
    credentials: Credentials | None = None,
    instance: str = "",
) -> Flask:
    """Return the application; `goldleaf.backend.server` serves it.

    Args:
        events: the store that webhooks write to.
        predictor: the drafter itself, not its name.
        credentials: what callers must know; without, every caller is let in.
        instance: names the data directory in `/health`.
    """
    backend = Backend(predictor, events, credentials or Credentials(), instance=instance)
    # Flask looks for its folders by the import name, which does not follow ours; it needs none.
    here = str(Path(__file__).resolve().parent)
    app = Flask("goldleaf.backend", static_folder=None, root_path=here, instance_path=here)
    app.extensions["goldleaf"] = backend
    app.before_request(backend.authenticate)
    app.after_request(backend.after_request)
    app.add_url_rule("/", "root", backend.health)
    app.add_url_rule("/health", "health", backend.health)
    app.add_url_rule("/setup", "setup", backend.setup, methods=["POST"])
    app.add_url_rule("/predict", "predict", backend.predict, methods=["POST"])
    app.add_url_rule("/webhook", "webhook", backend.webhook, methods=["POST"])
    app.add_url_rule("/versions", "versions", backend.versions)
    app.add_url_rule("/metrics", "metrics", backend.metrics)
    app.add_url_rule("/openapi.json", "openapi", backend.openapi)
    refuse_with(app)
    return app


def _body() -> dict[str, Any]:
    """Return the JSON object of the request.

    Raises:
        Rejected: 413, 415, or 400 as `parsed` says.
    """
    # All of it was received and, if it is too large, thrown away: the client has finished sending.
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise Rejected(413, "too_large", f"a body may have {MAX_BODY_BYTES} bytes")
    if request.mimetype != "application/json":
        raise Rejected(415, "not_json", "the Content-Type must be application/json")
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Rejected(415, "encoded", "send the body without Content-Encoding")
    return parsed(request.get_data(cache=False))


def _config(label_config: str) -> tuple[Kind, Screen]:
    """Return the kind and the screen of a labeling config.

    Raises:
        Rejected: 413 or 422, and what is wrong with it.
    """
    try:
        return kind_and_screen(label_config)
    except BadRow as error:
        status = 413 if error.reason == "config_too_large" else 422
        raise Rejected(status, error.reason, error.detail) from None
