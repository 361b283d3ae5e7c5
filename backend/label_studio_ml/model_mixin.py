"""What makes a `LabelStudioMLBase` of either major version serve our drafts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from goldleaf.backend.label_studio_ml.drafting_service import add_event, drafting_service
from goldleaf.backend.protocol import HINT_ACTIONS
from goldleaf.core.json_values import object_or_empty


class GoldleafModel:
    """Our predictor as a model; to be put before the base class.

    >>> class Goldleaf(GoldleafModel, LabelStudioMLBase):  # doctest: +SKIP
    ...     pass

    Label-studio-ml 2 makes one for each request and gives it `project_id`; 1 makes one for each
    `/setup`, and `goldleaf.backend.label_studio_ml.version_1` tells it its project.
    """

    TRAIN_EVENTS = tuple(sorted(HINT_ACTIONS))
    project_id: str = ""
    label_config: str

    def setup(self) -> None:
        """Name the version of the drafts; called by 2.x for each request."""
        version = self.version
        model: Any = self  # the base class has `get` and `set`
        # A write is a transaction on disk, so there is none where nothing has changed.
        if model.get("model_version") != version:
            model.set("model_version", version)

    @property
    def version(self) -> str:
        """The version of the drafts for the project, the same as `goldleaf serve` gives."""
        return drafting_service().version(self.label_config or "", self.project_id)

    def predict(
        self, tasks: Sequence[Any], context: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> list[dict[str, Any]]:
        """Return one prediction a task; `{}` for a task that gets no draft.

        Args:
            tasks: Label Studio's task objects; only `data` is read.
            context: not used, as drafts do not depend on what an annotator does.
            kwargs: the login and password of the project's task data; not used.
        """
        return drafting_service().predictions(self.label_config or "", self.project_id, tasks)

    def fit(self, *given: Any, **named: Any) -> dict[str, int] | None:
        """Store an event for our training, which reads the truth from Label Studio itself.

        Called as `fit(event, data, ...)` by 2.x and as `fit((), event=..., data=...)` by 1.x.

        Returns:
            How many hints were new; None under 1.x, which would take an answer for a new model.
        """
        first_version = "event" in named
        event, data = (named["event"], named.get("data")) if first_version else given[:2]
        stored = add_event(str(event), cast("dict[str, Any]", object_or_empty(data)))
        return None if first_version else {"stored": stored}
