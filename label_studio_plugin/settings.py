"""Label Studio's own settings with goldleaf as one more Django app behind them.

Named by `DJANGO_SETTINGS_MODULE`, which Label Studio only sets where it is not set. Its
`label_studio` settings read the half-loaded settings for `SENTRY_DSN`, which must be there by then.
"""

from __future__ import annotations

from pathlib import Path

from django.db.backends.sqlite3.base import DatabaseWrapper
from label_studio.core.settings.base import *  # noqa: F403

from goldleaf.label_studio_plugin.signing_key import provide_signing_key

SENTRY_DSN = None
provide_signing_key(Path(globals()["BASE_DATA_DIR"]))

from label_studio.core.settings.label_studio import *  # noqa: E402, F403

INSTALLED_APPS = [*globals()["INSTALLED_APPS"], "goldleaf.label_studio_plugin.app.GoldleafPlugin"]

for _database in globals()["DATABASES"].values():
    known = hasattr(DatabaseWrapper, "transaction_modes")  # since Django 5.1
    if known and _database["ENGINE"].endswith("sqlite3"):
        # SQLite refuses at once to let a transaction write that began by reading while another was
        # about to write. Label Studio then waits for 3, 6, 12 ... s with that transaction open, so
        # that nobody can write: an upload while the backend is attached took a minute and a half.
        _database["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            **_database.get("OPTIONS", {}),
        }

# Django's own lines go to the handler of `django` and again to that of the root logger: the first
# is taken away, because what else Label Studio is told to log to is added to the root logger alone.
_logging = globals().get("LOGGING", {})
_django = _logging.get("loggers", {}).get("django", {})
if _django.get("handlers") and _django.get("propagate", True):
    _root = _logging.get("root", {}).get("handlers", ())
    _django["handlers"] = [name for name in _django["handlers"] if name not in _root]
