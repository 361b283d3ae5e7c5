"""Start Label Studio for a team: secrets from files, the database, the first account, the server.

The image's command. Each secret may be in a file: `POSTGRE_PASSWORD_FILE` names that of
`POSTGRE_PASSWORD`. Whatever is missing ends in one message and an exit status that restarts it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import MutableMapping
from pathlib import Path
from typing import NoReturn

SECRETS = ("POSTGRE_PASSWORD", "LABEL_STUDIO_PASSWORD")
UNCONFIGURED, UNAVAILABLE = 78, 69
"""Exit statuses, as sysexits.h has them."""
PATIENCE = 60.0
"""Seconds to wait for the database before the container ends and is started again."""


def say(what: str) -> None:
    """Write one line into the container's log."""
    sys.stderr.write(f"label-studio: {what}\n")
    sys.stderr.flush()


def end(status: int, what: str) -> NoReturn:
    """Write one line into the container's log and leave."""
    say(what)
    raise SystemExit(status)


def read_secrets(environ: MutableMapping[str, str]) -> None:
    """Put each secret that is in a file into the environment of what is started from here."""
    for name in SECRETS:
        if file := environ.pop(f"{name}_FILE", ""):
            try:
                environ[name] = Path(file).read_text("utf-8").strip()
            except OSError as error:
                end(UNCONFIGURED, f"the secret {name} cannot be read: {error}. {_MAKE}")
        if not environ.get(name):
            end(UNCONFIGURED, f"the secret {name} is missing. {_MAKE}")
    if not environ.get("LABEL_STUDIO_USERNAME"):
        end(UNCONFIGURED, "LABEL_STUDIO_USERNAME, the first account's e-mail, is missing.")


_MAKE = "Run docker/make-secrets.sh, then docker compose up again."


def wait_for_database(environ: MutableMapping[str, str], patience: float = PATIENCE) -> None:
    """Wait until PostgreSQL accepts the login."""
    import psycopg

    where = f"{environ['POSTGRE_HOST']}:{environ.get('POSTGRE_PORT', '5432')}"
    until, told = time.monotonic() + patience, False
    while True:
        try:
            psycopg.connect(
                host=environ["POSTGRE_HOST"],
                port=environ.get("POSTGRE_PORT", "5432"),
                user=environ["POSTGRE_USER"],
                password=environ["POSTGRE_PASSWORD"],
                dbname=environ["POSTGRE_NAME"],
                connect_timeout=5,
            ).close()
            return
        except psycopg.OperationalError as error:
            why = (str(error).strip().splitlines() or ["no answer"])[-1]
            if "password authentication failed" in why:
                end(UNCONFIGURED, f"PostgreSQL at {where} refuses the password: {why}")
            if time.monotonic() > until:
                end(UNAVAILABLE, f"PostgreSQL at {where} does not answer: {why}")
            if not told:
                say(f"waiting for PostgreSQL at {where}")
                told = True
            time.sleep(1)


def main() -> None:
    """Prepare, then become the server."""
    read_secrets(os.environ)
    wait_for_database(os.environ)
    # Tables and the first account; both stay as they are where they are there already. `-P` and a
    # folder without modules: Label Studio's modules have names like `core`.
    init = (
        "import sys; from label_studio.server import main; "
        "sys.argv = ['label-studio', 'init']; sys.exit(main() or 0)"
    )
    done = subprocess.run([sys.executable, "-P", "-c", init], check=False)
    if done.returncode:
        end(done.returncode, "the database could not be brought up to date; see the lines above.")
    import label_studio

    folder = str(Path(label_studio.__file__).parent)
    listen = os.environ.get("LISTEN", "0.0.0.0:8080")
    ini = str(Path(__file__).with_name("uwsgi.ini"))
    run = [sys.executable, "-P", "-c", "import pyuwsgi; pyuwsgi.run()"]
    run += ["--ini", ini, "--http-socket", listen, "--chdir", folder, "--pythonpath", folder]
    os.execv(sys.executable, run)


if __name__ == "__main__":
    main()
