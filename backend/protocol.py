"""What Label Studio 1.23 sends and what it must be answered; everything is checked before use.

Label Studio drops a whole batch silently on any status but 2xx, on a wrong count of results and on
a null inside them; so the envelope is refused with a reason, and one odd task is answered `{}`.
Fields we do not name are ignored, the personal `access_token` in `/setup` among them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

MAX_BODY_BYTES = 16 * 1024 * 1024
MAX_TASKS = 5_000
MAX_CONFIG_CHARS = 256 * 1024

ANNOTATION_ACTIONS = frozenset(
    {"ANNOTATION_CREATED", "ANNOTATIONS_CREATED", "ANNOTATION_UPDATED", "ANNOTATIONS_DELETED"}
)
HINT_ACTIONS = ANNOTATION_ACTIONS | {"START_TRAINING"}
"""What is stored; any other action is counted and let go."""
OTHER_ACTIONS = frozenset(
    {"PROJECT_CREATED", "PROJECT_UPDATED", "PROJECT_DELETED", "TASKS_CREATED", "TASKS_DELETED"}
)
"""Counted by name: connecting the backend changes the project and looks whether we heard of it."""


class Rejected(Exception):
    """A request that is refused: status, stable code, and what to tell the sender."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status = status
        self.code = code
        self.detail = detail


ProjectId = Annotated[str, Field(pattern=r"^[0-9]{1,12}(\.[0-9]{1,20})?$")]
"""`<id>.<unix time of creation>`, as Label Studio writes it."""
LabelConfig = Annotated[str, Field(min_length=1, max_length=MAX_CONFIG_CHARS)]


class _Message(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, populate_by_name=True)


class SetupRequest(_Message):
    """POST /setup: sent before every retrieval, so it must cost nothing."""

    project: ProjectId
    label_config: LabelConfig = Field(alias="schema")


class PredictParams(_Message):
    """What Label Studio sends beside the tasks; `login` and `password` are not read.

    `context` is there where an annotator asks from an open task (an interactive backend): `result`
    holds the regions as they are on the screen, `draft_id`, and what else the editor sends.
    """

    context: dict[str, Any] | None = None


class PredictRequest(_Message):
    """POST /predict: all selected tasks in one request; odd tasks are judged one by one later."""

    tasks: Annotated[list[Any], Field(max_length=MAX_TASKS)]
    project: ProjectId
    label_config: LabelConfig
    params: PredictParams | None = None


class AnnotationRef(_Message):
    """The one thing kept of an annotation: which state of it this event is about."""

    id: Annotated[int, Field(ge=1, lt=2**63)]
    updated_at: Annotated[str, Field(max_length=64)] | None = None


class ProjectRef(_Message):
    """The project an event is about."""

    id: Annotated[int, Field(ge=1, lt=2**63)] | None = None


def _listed(value: object) -> object:
    return [value] if isinstance(value, dict) else value


Annotations = Annotated[list[AnnotationRef], BeforeValidator(_listed)]
"""Label Studio sends one object or a list, under either name."""


class WebhookAction(_Message):
    """What every event has."""

    action: Annotated[str, Field(pattern=r"^[A-Z_]{1,64}$")]


class WebhookRequest(WebhookAction):
    """POST /webhook: an event we keep a hint of."""

    project: ProjectRef | None = None
    annotation: Annotations | None = None
    annotations: Annotations | None = None


class OtherEvent(_Message):
    """POST /webhook: an event that is only counted; its other fields may be anything."""

    action: Annotated[
        str,
        Field(
            pattern=r"^[A-Z_]{1,64}$",
            json_schema_extra={"not": {"enum": [*sorted(HINT_ACTIONS), "PROJECT_UPDATED"]}},
        ),
    ]


class SetupResponse(_Message):
    """The version every result will carry; equal to it, a task is not asked about again."""

    model_version: str


class Prediction(_Message):
    """One draft; `{}` declines the task: an empty `result` would be stored and block later ones."""

    result: list[dict[str, Any]] | None = None
    score: float | None = None
    model_version: str | None = None


class PredictResponse(_Message):
    """As many results as tasks, in their order."""

    results: list[Prediction]


class WebhookResponse(_Message):
    """How many hints were new."""

    stored: int


class VersionsResponse(_Message):
    """The version strings this backend can answer with, one a kind."""

    versions: list[str]


class Learning(_Message):
    """The worker that learns: what it does, what it did, and why it waits if it cannot."""

    state: Literal["off", "waiting", "working", "retrying", "stopped"]
    rounds: int | None = None
    learned: int | None = None
    seconds: float | None = None
    drafted: int | None = None
    ignored: int | None = None
    failing: int | None = None
    problem: str | None = None


class HealthResponse(_Message):
    """`degraded`: predictions work, but events cannot be stored."""

    status: Literal["UP", "degraded"]
    model_version: str
    versions: list[str]
    events_seen: dict[str, int]
    events_pending: int
    events_refused: int
    instance: str
    projects_updated: dict[str, int] | None
    learning: Learning


class ErrorResponse(_Message):
    """Every refusal; `request` is also in the log."""

    error: str
    detail: str
    request: str


Message = TypeVar("Message", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Hint:
    """One line of the event store: something changed; the truth is re-read from Label Studio.

    `annotation` None means "look again at everything": START_TRAINING, or an event without payload.
    """

    action: str
    annotation: int | None = None
    updated_at: str = ""
    project: int | None = None


def checked(model: type[Message], body: Mapping[str, Any]) -> Message:
    """Return the body of a request, a parsed JSON object, as a message of that model.

    Raises:
        Rejected: 422 with the path of the first wrong field; the value itself is not repeated.
    """
    try:
        return model.model_validate(dict(body))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        path = ".".join(str(part) for part in first["loc"])
        raise Rejected(422, "bad_field", f"{path}: {first['msg']}") from None


def parsed(body: bytes) -> dict[str, Any]:
    """Return a request body as an object.

    Raises:
        Rejected: 400, the body is no UTF-8, no JSON, holds NaN or Infinity, is nested too deep, or
            is no object.
    """
    try:
        value = _loaded(body)
    except UnicodeDecodeError as error:
        raise Rejected(400, "not_utf8", f"at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise Rejected(400, "not_json", f"{error.msg} at character {error.pos}") from None
    except (ValueError, RecursionError) as error:
        reason = "nested too deep" if isinstance(error, RecursionError) else "a number is no number"
        raise Rejected(400, "not_json", reason) from None
    if not isinstance(value, dict):
        raise Rejected(400, "not_an_object", "the body must be a JSON object")
    return value


def _loaded(body: bytes) -> Any:
    """Return the JSON of a body; what the fast reader refuses, the patient one reads or explains.

    It takes a lone surrogate, which then costs only the task that holds it.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return json.loads(body.decode("utf-8"), parse_constant=_no_constant)


def _no_constant(name: str) -> float:
    raise ValueError(name)


def hints(body: Mapping[str, Any]) -> list[Hint]:
    """Return what to remember of an event of `HINT_ACTIONS`: a hint for each annotation named.

    One hint without an annotation ("look again at everything") for START_TRAINING, for a body
    with nothing but its action, and for more than `MAX_TASKS` annotations.

    Raises:
        Rejected: 422, a field is wrong, or an event of `ANNOTATION_ACTIONS` has other fields but
            names no annotation, or no project: nothing could be read again for it.
    """
    event = checked(WebhookRequest, body)
    project = event.project.id if event.project else None
    named = [*(event.annotation or ()), *(event.annotations or ())]
    if event.action not in ANNOTATION_ACTIONS or set(body) == {"action"}:
        return [Hint(event.action, project=project)]
    if not named:
        raise Rejected(422, "bad_field", "annotation: this event names none")
    if project is None:
        raise Rejected(422, "bad_field", "project.id: this event names no project")
    if len(named) > MAX_TASKS:
        return [Hint(event.action, project=project)]
    return [Hint(event.action, ref.id, ref.updated_at or "", project) for ref in named]
