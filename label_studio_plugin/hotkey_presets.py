"""Keys of Label Studio's own that are in the way of our screens, set anew for each user once.

A user who has chosen keys of their own (Account & Settings, Hotkeys) keeps them, and may change
these. "Reset to Defaults" there is a choice as well: one of Label Studio's own keys is then kept by
name, so that the next project does not set ours again.
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
_RESET = {"regions:region:unselect": {**PRESETS["regions:region:unselect"], "active": True}}
"""One of these as Label Studio 1.23.2 has it, on every system: who has it has chosen."""


def before_user_save(instance: Any, raw: bool, update_fields: Any, **others: Any) -> None:
    """Give a new user the presets, and keep it where one has reset all keys.

    A reset stores no keys, alone; so a user who never chose would look the same.
    """
    if raw or instance.custom_hotkeys:
        return
    if not instance.pk:
        instance.custom_hotkeys = dict(PRESETS)
    elif "custom_hotkeys" in (update_fields or ()):
        instance.custom_hotkeys = dict(_RESET)


def preset_hotkeys(organization: Any) -> None:
    """Give the presets to the users of an organisation who never chose keys."""
    users = found("users.models:User").objects.filter(active_organization=organization)
    for user in users.only("custom_hotkeys"):
        if not user.custom_hotkeys:
            user.custom_hotkeys = dict(PRESETS)
            user.save(update_fields=["custom_hotkeys"])
