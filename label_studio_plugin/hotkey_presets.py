"""Keys of Label Studio's own that are in the way of our screens, set anew for each user once.

A user who has chosen keys of their own (Account & Settings, Hotkeys) keeps them, and may change
these.
"""

from __future__ import annotations

from typing import Any

from goldleaf.label_studio_plugin.wrapped_functions import found

PRESETS: dict[str, dict[str, Any]] = {
    # Ctrl+Space turns Chinese and Japanese input methods on and off; Label Studio skips the task.
    "annotation:annotation:skip": {
        "key": "ctrl+shift+space",
        "active": True,
        "description": "Skip task",
    },
    # "u" chooses "Complete" on the screen of preferences.
    "regions:region:unselect": {"key": "u", "active": False, "description": "Unselect region"},
}
"""By Label Studio's `section:action`, in the form of its API `/api/current-user/hotkeys`."""


def before_user_save(instance: Any, raw: bool, **others: Any) -> None:
    """Give a new user the presets."""
    if not raw and not instance.pk and not instance.custom_hotkeys:
        instance.custom_hotkeys = dict(PRESETS)


def preset_hotkeys(organization: Any) -> None:
    """Give the presets to the users of an organisation who never chose keys."""
    users = found("users.models:User").objects.filter(active_organization=organization)
    for user in users.only("custom_hotkeys"):
        if not user.custom_hotkeys:
            user.custom_hotkeys = dict(PRESETS)
            user.save(update_fields=["custom_hotkeys"])
