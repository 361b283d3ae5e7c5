"""label-studio-ml 1.0.9 (the one on PyPI): a model and a version of its own for each project."""

from __future__ import annotations

import sys
from typing import Any


def keep_projects_apart(api: Any) -> None:
    """Have the server of 1.x ask the model of the project at hand; 2.x is left as it is.

    Its manager keeps one model for all projects and predicts with the labeling config of the last
    `/setup`; every version is called INITIAL; each event starts a process and leaves a folder, and
    every request reads all those folders.

    Args:
        api: the module `label_studio_ml.api`, before its `init_app` is called.
    """
    if not hasattr(api, "_manager"):
        return
    base: Any = type(api._manager)
    wrapper = sys.modules[base.__module__].ModelWrapper

    class Manager(base):  # type: ignore[misc]
        """The manager of 1.x, with the project and the version of our model."""

        @classmethod
        def fetch(
            cls, project: Any = None, label_config: Any = None, *given: Any, **more: Any
        ) -> Any:
            """Return the model of a project, with our version."""
            model = cls.model_class(label_config=label_config, **cls.init_kwargs)
            model.project_id = str(project or "")
            return wrapper(model=model, model_version=model.version)

        @classmethod
        def predict(
            cls,
            tasks: Any,
            project: Any = None,
            label_config: Any = None,
            force_reload: Any = False,
            try_fetch: Any = True,
            **params: Any,
        ) -> Any:
            """Return predictions of the project's own model, and that model."""
            current = cls.fetch(project, label_config)
            return current.model.predict(tasks, **params), current

        @classmethod
        def webhook(cls, event: Any, data: Any) -> dict[str, str]:
            """Give an event to the model's `fit` at once: it stores it, and training is later."""
            job = cls._generate_version()
            cls.model_class(**cls.init_kwargs).process_event(event, data, job, {})
            return {"job_id": job}

    api._manager = Manager()
