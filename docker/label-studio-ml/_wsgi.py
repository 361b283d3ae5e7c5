"""The application for gunicorn, or a server of its own: `python _wsgi.py --port 9090`."""

import argparse
import logging
import os

from flask import Flask
from label_studio_ml import api
from model import Goldleaf

from goldleaf.backend.label_studio_ml.drafting_service import service_settings
from goldleaf.backend.label_studio_ml.login import require_login, take_credentials
from goldleaf.backend.label_studio_ml.version_1 import keep_projects_apart

logging.basicConfig(
    level=os.environ.get("LOG_LEVEL") or "INFO",
    format="[%(asctime)s] [%(levelname)s] [%(name)s] %(message)s",
)
settings = service_settings()
credentials = take_credentials(settings)
keep_projects_apart(api)


def init_app(model_class: type = Goldleaf) -> Flask:
    """Return the application; `test_api.py` calls this, too."""
    options = {"model_dir": str(settings.state.path)} if hasattr(api, "_manager") else {}
    return api.init_app(model_class=model_class, **options)


app = init_app()
require_login(app, credentials)

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="goldleaf behind label-studio-ml")
    parser.add_argument("-p", "--port", type=int, default=int(os.environ.get("PORT") or 9090))
    parser.add_argument("--host", default="127.0.0.1")
    args = parser.parse_args()
    if args.host not in ("127.0.0.1", "::1", "localhost") and not credentials.required:
        parser.error("beyond this machine only with BASIC_AUTH_USER and BASIC_AUTH_PASS")
    app.run(host=args.host, port=args.port)
