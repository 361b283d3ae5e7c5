"""A project saved with a screen of ours gets its guide, sampling, tabs and backend.

As `goldleaf project new` gives them. Nothing here may keep Label Studio from saving: what fails is
logged.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from goldleaf.label_configs.safe_html import guide_html
from goldleaf.label_studio_plugin.attached_backend import attach_later
from goldleaf.label_studio_plugin.hotkey_presets import preset_hotkeys
from goldleaf.label_studio_plugin.project_kind import Screen, screen_of
from goldleaf.label_studio_plugin.wrapped_functions import found
from goldleaf.studio.data_manager_views import tabs
from goldleaf.studio.marked_tabs import marked_name
from goldleaf.studio.projects import project_settings

_log = logging.getLogger("goldleaf")
_MARK = "_goldleaf_screen"


def before_save(instance: Any, raw: bool, update_fields: Any, **others: Any) -> None:
    """Set the guide and the rest of a project that now becomes one of a kind.

    That is, when its screen is first saved, or replaced by one of another kind or language; a draft
    that the "Create Project" dialog keeps is none yet. A project with a guide of somebody's own is
    left as it is: `goldleaf project new` and scripts set theirs along with the screen. Only the
    hotkeys are for its users, too.
    """
    if raw or update_fields is not None:
        return
    try:
        screen, guided = _new_screen(instance)
        if screen is None:
            return
        setattr(instance, _MARK, None if guided else screen)
        if guided:
            return
        for name, value in project_settings(guide_html(screen.kind.guide(screen.lang))).items():
            setattr(instance, name, value)
    except Exception:
        _log.exception("goldleaf: this project gets no guide: %s", instance.title)


def after_save(instance: Any, **others: Any) -> None:
    """Give a project that `before_save` has set its tabs, and soon after its backend.

    Its users get the hotkeys that our screens need.
    """
    if _MARK not in instance.__dict__:
        return
    screen = instance.__dict__.pop(_MARK)
    steps: dict[str, Callable[[], object]] = {
        "hotkeys": lambda: preset_hotkeys(instance.organization),
    }
    if screen is not None:
        steps |= {
            "tabs": lambda: _add_tabs(instance, screen),
            "backend": lambda: attach_later(instance),
        }
    from django.db import transaction

    atomic: Any = transaction.atomic
    for what, give in steps.items():
        try:
            with atomic():  # what fails takes no transaction of the caller with it
                give()
        except Exception:
            _log.exception("goldleaf: project %s gets no %s", instance.pk, what)


def _new_screen(project: Any) -> tuple[Screen | None, bool]:
    """Return the screen of a project that is about to become of a kind, None for any other.

    Also whether it has a guide of somebody's own.
    """
    screen = None if project.is_draft else screen_of(project.label_config or "")
    if screen is None:
        return None, False
    stored = type(project).objects.filter(pk=project.pk).values_list("is_draft", "label_config")
    was_draft, config = (project.pk and stored.first()) or (True, "")
    before = None if was_draft else screen_of(config or "")
    guides = ["", guide_html(before.kind.guide(before.lang)).strip() if before else ""]
    ours = (project.expert_instruction or "").strip() in guides
    return (screen if screen != before else None), not ours


def _add_tabs(project: Any, screen: Screen) -> None:
    """Add the tabs that are not there; Label Studio's own serializer makes the filters of each."""
    views = found("data_manager.models:View").objects.filter(project=project)
    serializer = found("data_manager.serializers:ViewSerializer")
    names = {marked_name(serializer(view).data) for view in views}
    columns = found("data_manager.functions:get_all_columns")(project)["columns"]
    for name, tab in tabs(project.label_config, screen.lang, columns).items():
        if name not in names:
            view = serializer(data={"project": project.pk, "order": views.count(), "data": tab})
            view.is_valid(raise_exception=True)
            view.save(user=project.created_by)
