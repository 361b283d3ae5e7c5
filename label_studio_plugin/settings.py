"""Label Studio's own settings with goldleaf as one more Django app behind them.

Named by `DJANGO_SETTINGS_MODULE`, which Label Studio only sets where it is not set. Its
`label_studio` settings read the half-loaded settings for `SENTRY_DSN`, which must be there by then.
"""

from __future__ import annotations

from label_studio.core.settings.base import *  # noqa: F403

SENTRY_DSN = None

from label_studio.core.settings.label_studio import *  # noqa: E402, F403

INSTALLED_APPS = [*globals()["INSTALLED_APPS"], "goldleaf.label_studio_plugin.app.GoldleafPlugin"]
