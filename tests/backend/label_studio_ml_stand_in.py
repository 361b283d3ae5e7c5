"""STAND-INS for label-studio-ml's base classes: what a server of each version does with a model.

The contract, read from HumanSignal/label-studio-ml-backend at d02cedf (2.0.1dev0) and from
label-studio-ml 1.0.9 on PyPI; no line of theirs is here. The tests that run under the real packages
are in `test_label_studio_ml_server.py`.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

_CACHE: dict[tuple[str, str], str] = {}


class StandInBase2:
    """2.x: made for each request with `project_id` and `label_config`; state in a shared cache."""

    INITIAL_MODEL_VERSION = "0.0.1"

    def __init__(self, project_id: str | None = None, label_config: str | None = None) -> None:
        self.project_id = project_id or ""
        if label_config is not None:
            self.use_label_config(label_config)
        if not self.model_version:
            self.set("model_version", self.INITIAL_MODEL_VERSION)
        self.setup()

    def setup(self) -> None:
        """To be overridden."""

    def use_label_config(self, label_config: str) -> None:
        self.set("label_config", label_config)

    @property
    def label_config(self) -> str | None:
        return self.get("label_config")

    @property
    def model_version(self) -> str | None:
        return self.get("model_version")

    def get(self, key: str) -> str | None:
        return _CACHE.get((self.project_id, key))

    def set(self, key: str, value: str) -> None:
        assert isinstance(value, str), "the real cache refuses anything else"
        _CACHE[self.project_id, key] = value

    def predict(self, tasks: list[Any], context: Any = None, **kwargs: Any) -> Any:
        raise NotImplementedError

    def fit(self, event: str, data: Any, **additional: Any) -> Any:
        """To be overridden."""


class StandInBase1:
    """1.0.9: made by `/setup` with the labeling config; knows no project and no version."""

    TRAIN_EVENTS: tuple[str, ...] = ("ANNOTATION_CREATED", "ANNOTATION_UPDATED")

    def __init__(
        self, label_config: str | None = None, train_output: Any = None, **kwargs: Any
    ) -> None:
        self.label_config = label_config
        self.train_output = train_output or {}

    def predict(self, tasks: list[Any], **kwargs: Any) -> Any:
        raise NotImplementedError

    def process_event(self, event: str, data: Any, job_id: str, additional: Any) -> Any:
        return (
            self.fit((), event=event, data=data, job_id=job_id, **additional)
            if (event in self.TRAIN_EVENTS)
            else None
        )

    def fit(self, tasks: Any, workdir: Any = None, **kwargs: Any) -> Any:
        return {}


class StandInPredictionValue(BaseModel):
    """One prediction, as an object."""

    model_config = {"protected_namespaces": ()}
    model_version: Any = None
    score: float | None = 0.0
    result: list[Any] | None


class StandInModelResponse(BaseModel):
    """Predictions with a version."""

    model_config = {"protected_namespaces": ()}
    model_version: str | None = None
    predictions: list[StandInPredictionValue | list[StandInPredictionValue]]


class Server2:
    """What 2.x's server does with a class at each route."""

    def __init__(self, model_class: Any) -> None:
        self._class = model_class

    def _model(self, project: str, config: str) -> Any:
        return self._class(project_id=project.split(".", 1)[0], label_config=config)

    def setup(self, project: str, config: str) -> str:
        return self._model(project, config).get("model_version")

    def predict(self, project: str, config: str, tasks: list[Any]) -> list[Any]:
        params: dict[str, Any] = {"login": None, "password": None}
        answer = self._model(project, config).predict(tasks, context=None, **params)
        return answer if isinstance(answer, list) else answer.model_dump()["predictions"]

    def webhook(self, project: str, config: str, event: str, data: dict[str, Any]) -> Any:
        if event not in ("ANNOTATION_CREATED", "ANNOTATION_UPDATED", "START_TRAINING"):
            return None
        return self._model(project, config).fit(event, data)


class ModelWrapper:
    """1.0.9's pair of a model and its version."""

    def __init__(self, model: Any, model_version: str) -> None:
        self.model = model
        self.model_version = model_version


class Manager1:
    """1.0.9's manager: one model for all projects, every version INITIAL."""

    model_class: Any = None
    init_kwargs: dict[str, Any] = {}  # noqa: RUF012
    _current: Any = None

    @classmethod
    def _generate_version(cls) -> str:
        return "1700000000"

    @classmethod
    def fetch(cls, project: Any = None, label_config: Any = None, **more: Any) -> Any:
        cls._current = ModelWrapper(cls.model_class(label_config=label_config), "INITIAL")
        return cls._current

    @classmethod
    def predict(cls, tasks: Any, project: Any = None, label_config: Any = None, **more: Any) -> Any:
        return cls._current.model.predict(tasks, **more), cls._current

    @classmethod
    def webhook(cls, event: str, data: Any) -> Any:
        raise AssertionError("it starts a process for each event")
