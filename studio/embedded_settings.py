"""Under which settings we run Label Studio, and what it may see of the user's environment."""

from __future__ import annotations

import os

from goldleaf.studio import ssrf

_INHERITED = ("PATH", "HOME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH")
"""What the child may see of our environment: any LABEL_STUDIO_*, HEARTEX_* or database setting of
the user's shell would change it silently, and Label Studio prefers its prefixed names to ours."""


def inherited() -> dict[str, str]:
    """Return the part of our environment that Label Studio's process shares; no secret of ours.

    The variables of `_INHERITED` and `LC_*`, where they are set.
    """
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return kept | {name: value for name, value in os.environ.items() if name.startswith("LC_")}


def settings() -> dict[str, str]:
    """Return the settings under which we run Label Studio, as environment variables."""
    return ssrf.environment() | {
        "DJANGO_SETTINGS_MODULE": "goldleaf.label_studio_plugin.settings",
        # Text from data must not make the annotator's browser fetch anything.
        "LS_CSP_REPORT_ONLY": "false",
        "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK": "true",
        "LABEL_STUDIO_COLLECT_ANALYTICS": "false",
        "LABEL_STUDIO_LATEST_VERSION_CHECK": "false",
        "LABEL_STUDIO_SENTRY_DSN": "",
        "LABEL_STUDIO_FRONTEND_SENTRY_DSN": "",
        "PYTHONUNBUFFERED": "1",  # its log must say at once why it does not start
    }
