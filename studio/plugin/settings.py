"""Label Studio's own settings with our middleware behind them.

Named by `DJANGO_SETTINGS_MODULE`, which Label Studio only sets where it is not set. Its
`label_studio` settings read the half-loaded settings for `SENTRY_DSN`, which must be there by then.
"""

from __future__ import annotations

from label_studio.core.settings.base import *  # noqa: F403

SENTRY_DSN = None

from label_studio.core.settings.label_studio import *  # noqa: E402, F403

MIDDLEWARE = [*globals()["MIDDLEWARE"], "goldleaf.studio.plugin.page_scripts.PageScripts"]
