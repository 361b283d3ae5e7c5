"""Which of Label Studio's own functions are wrapped, and with which of its versions that was tried.

The one list of all that goldleaf changes or uses in there. A row of `WRAPPED` names a function, the
parameters it must have, and the file of ours that wraps it. A wrapper gets the original and returns
what takes its place:

    def wrap_list(original: Callable[..., Any]) -> Callable[..., Any]: ...

Whether it is a method, a static method or a class method is kept. `RECEIVERS` are called at signals
of Django, `USED` must be there. `switch.py` applies all or nothing.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from functools import reduce
from importlib import import_module
from typing import Any

VERSIONS = ("1.23.2",)
"""The versions of Label Studio whose functions below were tried."""


@dataclass(frozen=True, slots=True)
class WrappedFunction:
    """One function of Label Studio's that goldleaf wraps.

    Attributes:
        owner: the class it is an attribute of, `module:Class`; or the module that uses it.
        name: its name there.
        parameters: the names of all its parameters, in order; what differs is not touched.
        wrapper: our function that wraps it: `module:function` below `goldleaf.label_studio_plugin`.
    """

    owner: str
    name: str
    parameters: tuple[str, ...]
    wrapper: str


WRAPPED = (
    WrappedFunction(
        "projects.api:TemplateListAPI",
        "list",
        ("self", "request", "args", "kwargs"),
        "template_gallery:wrap_list",
    ),
    WrappedFunction(
        "data_export.models:DataExport",
        "get_export_formats",
        ("project",),
        "export_dialog:wrap_formats",
    ),
    WrappedFunction(
        "data_export.api:ExportAPI",
        "get",
        ("self", "args", "kwargs"),  # what a decorator made of `self, request, *args, **kwargs`
        "export_dialog:wrap_download",
    ),
    WrappedFunction(
        "data_export.mixins:ExportMixin",
        "convert_file",
        ("self", "to_format", "download_resources", "hostname"),
        "export_dialog:wrap_snapshot",
    ),
    WrappedFunction(
        "webhooks.utils",
        "_process_webhook_batch",
        ("webhooks", "project", "action", "batch", "action_meta"),
        "webhook_payloads:wrap_batch",
    ),
    WrappedFunction(
        "projects.models",
        "extract_data_types",
        ("label_config",),
        "data_types:wrap_data_types",
    ),
    WrappedFunction(
        "tasks.models",
        "_task_data_is_not_updated",
        ("update_fields",),
        "summary_columns:wrap_not_updated",
    ),
    WrappedFunction(
        "data_import.models:FileUpload",
        "read_tasks",
        ("self", "file_as_tasks_list"),
        "uploaded_files:wrap_read_tasks",
    ),
    WrappedFunction(
        "data_import.api",
        "update_tasks_counters",
        ("queryset", "from_scratch"),
        "task_counters:wrap_count",
    ),
    WrappedFunction(
        "tasks.api:TaskAPI",
        "get_queryset",
        ("self",),
        "task_patches:wrap_queryset",
    ),
)


@dataclass(frozen=True, slots=True)
class Receiver:
    """A function of ours that Django calls at a signal.

    Attributes:
        model: the model that is saved: `module:Class`.
        signal: `pre_save` or `post_save`.
        receiver: our function: `module:function` below `goldleaf.label_studio_plugin`.
    """

    model: str
    signal: str
    receiver: str


RECEIVERS = (
    Receiver("projects.models:Project", "pre_save", "project_setup:before_save"),
    Receiver("projects.models:Project", "post_save", "project_setup:after_save"),
    Receiver("users.models:User", "pre_save", "hotkey_presets:before_user_save"),
)

USED = (
    "data_manager.functions:get_all_columns",
    "data_manager.models:View",
    "data_manager.serializers:ViewSerializer",
    "rest_framework_simplejwt.tokens:AccessToken",
    *(
        f"projects.models:Project.{field}"
        for field in (
            *("title", "label_config", "is_draft", "created_by", "organization"),
            *("expert_instruction", "show_instruction", "show_skip_button"),
            *("enable_empty_annotation", "sampling"),
        )
    ),
    *(f"projects.models:Project.{name}" for name in ("description", "created_at", "data_types")),
    *(f"tasks.models:Task.{name}" for name in ("project_id", "data")),
    *(f"tasks.models:Prediction.{name}" for name in ("task_id", "result", "model_version")),
    *(
        f"tasks.models:Task.{name}"
        for name in ("total_annotations", "cancelled_annotations", "total_predictions")
    ),
    *(f"tasks.models:AnnotationDraft.{name}" for name in ("task_id", "annotation", "updated_at")),
    *(
        f"tasks.models:Annotation.{name}"
        for name in (
            *("task_id", "result", "completed_by_id", "was_cancelled", "ground_truth"),
            *("lead_time", "prediction", "parent_prediction_id", "created_at", "updated_at"),
        )
    ),
    *(
        f"organizations.models:OrganizationMember.{name}"
        for name in ("organization_id", "user_id", "deleted_at")
    ),
    "webhooks.utils:run_webhook_sync",
    *(f"webhooks.models:Webhook.{name}" for name in ("headers", "url")),
    *(f"users.models:User.{field}" for field in ("custom_hotkeys", "active_organization")),
    *(f"data_import.models:FileUpload.{name}" for name in ("file", "file_name", "format")),
)
"""What our functions use of Label Studio's, besides what they wrap."""


class ContractBroken(Exception):
    """A part of Label Studio is not what goldleaf was made for; the message says which."""


def found(path: str) -> Any:
    """Return what `module:name` names, or the module; a name may have dots.

    Raises:
        ContractBroken: there is no such module or no such name in it.
    """
    module, _, name = path.partition(":")
    try:
        return reduce(getattr, filter(None, name.split(".")), import_module(module))
    except (ImportError, AttributeError):
        raise ContractBroken(f"there is no {path}") from None


def checked(wrapped: WrappedFunction) -> tuple[Any, Any]:
    """Return the owner of a function and the function as it is stored there.

    The second is a function, a `staticmethod` or a `classmethod`.

    Raises:
        ContractBroken: it is not there, is no function, or has other parameters.
    """
    owner = found(wrapped.owner)
    what = f"{wrapped.owner}.{wrapped.name}"
    stored = vars(owner).get(wrapped.name)
    function = getattr(stored, "__func__", stored)
    if not inspect.isfunction(function):
        raise ContractBroken(f"there is no function {what}")
    parameters = tuple(inspect.signature(function, follow_wrapped=False).parameters)
    if parameters != wrapped.parameters:
        raise ContractBroken(f"{what} has the parameters {', '.join(parameters)}")
    return owner, stored
