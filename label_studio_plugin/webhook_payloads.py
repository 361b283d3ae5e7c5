"""What Label Studio sends our backend about an answer: ids, instead of everything there is.

The backend keeps a hint and reads the answer again from the API (`backend/protocol.py`). Label
Studio, while the annotator waits for it, would count all of the project's tasks and send project,
task and answer in full. Every other webhook gets that, those of label-studio-ml's servers too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from goldleaf.studio.backend_link import PAYLOAD_HEADER

ANSWERS = {"ANNOTATION_CREATED", "ANNOTATIONS_CREATED", "ANNOTATION_UPDATED"}


def wrap_batch(original: Callable[..., None]) -> Callable[..., None]:
    """Wrap the sending of one event to all webhooks that want it; others' webhooks get it whole."""

    def process(webhooks: Any, project: Any, action: str, batch: Any, action_meta: Any) -> None:
        if action not in ANSWERS or project is None or not batch:
            return original(webhooks, project, action, batch, action_meta)
        found = list(webhooks)
        ours = [each for each in found if (each.headers or {}).get(PAYLOAD_HEADER) == "ids"]
        if len(ours) < len(found):
            rest = webhooks.exclude(id__in=[each.id for each in ours])
            original(rest, project, action, batch, action_meta)
        if ours:
            _send(ours, action, short_payload(project, batch))
        return None

    return process


def short_payload(project: Any, batch: Any) -> dict[str, Any]:
    """Return what our backend reads of an event: which answers of which project, and their state.

    Args:
        project: Label Studio's object of it.
        batch: an annotation of Label Studio's, or several.
    """
    from rest_framework.fields import DateTimeField

    shown = DateTimeField().to_representation
    several = batch if hasattr(batch, "__iter__") else [batch]
    return {
        "project": {"id": project.id},
        "annotation": [{"id": each.id, "updated_at": shown(each.updated_at)} for each in several],
    }


def _send(webhooks: list[Any], action: str, payload: dict[str, Any]) -> None:
    from webhooks.utils import run_webhook_sync  # pyright: ignore[reportMissingImports]

    for each in webhooks:
        run_webhook_sync(each, action, payload)
