"""The backend's log: one logger, and no secret passes it."""

from __future__ import annotations

import logging

from goldleaf.core.redaction import RedactingFilter

LOG = logging.getLogger("goldleaf.backend")
LOG.addFilter(RedactingFilter())
logging.getLogger("waitress").addFilter(RedactingFilter())
# It would warn of every request that waits for a thread; under load that is every request.
logging.getLogger("waitress.queue").setLevel(logging.ERROR)


def log_to_stderr() -> None:
    """Log from INFO up, each request included, to stderr; to handlers already set, if any."""
    LOG.setLevel(logging.INFO)
    if not LOG.hasHandlers():
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        LOG.addHandler(handler)
