"""The data directory: a private folder (0700) with secrets in 0600 files."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from goldleaf.core.errors import UsageError
from goldleaf.core.file_lock import locked
from goldleaf.core.files import file_error, is_own, read_small, write_atomically
from goldleaf.core.json_depth import loads
from goldleaf.core.json_values import is_object, object_or_empty
from goldleaf.core.schema_version import (
    SCHEMA_VERSION,
    check_not_newer,
    schema_version,
    upgrade,
)


@dataclass(frozen=True, slots=True)
class DataDir:
    """The state of one goldleaf: Label Studio's database, credentials, the backend's events.

    The paths below are returned whether or not they exist.
    """

    path: Path

    def create(self) -> DataDir:
        """Make the folder, closed to others, if there is none.

        One that is there keeps its permissions, because it may be shared or hold other things; what
        goldleaf puts into it is closed. One of an earlier release is upgraded.

        Raises:
            UsageError: it cannot be made, is no folder, is in use by an earlier release, or a newer
                one wrote it.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise file_error(error, self.path) from error
        found = schema_version(self.path)
        check_not_newer(found, self.path)
        if found < SCHEMA_VERSION and os.access(self.path, os.W_OK):
            self._upgrade()
        return self

    def _upgrade(self) -> None:
        if not any(self.path.iterdir()):
            upgrade(self.path)
            return
        with locked(self.path / "locks" / "upgrade", waiting=lambda: None):
            if schema_version(self.path) != SCHEMA_VERSION:  # another process may have done it
                # The only lock that an earlier release holds while it runs.
                with locked(self.label_studio_lock):
                    upgrade(self.path)

    @property
    def use_lock(self) -> Path:
        """The file whose shared lock every server on the directory holds.

        Whoever replaces the directory as a whole holds it alone.
        """
        return self.path / "locks" / "in-use"

    @property
    def label_studio_lock(self) -> Path:
        """The file whose lock the embedded Label Studio holds while it runs."""
        return self.path / "label-studio.lock"

    @property
    def label_studio(self) -> Path:
        """Path of Label Studio's own folder; it may not exist yet, and is not made here."""
        return self.path / "label-studio"

    @property
    def logs(self) -> Path:
        """Path of the folder of log files of the processes we start; it may not exist yet."""
        return self.path / "logs"

    @property
    def events(self) -> Path:
        """Path of the backend's store of webhook events (SQLite); it may not exist yet."""
        return self.path / "events.sqlite"

    @property
    def models(self) -> Path:
        """Path of the models that the backend learned, a folder a project; it may not exist yet."""
        return self.path / "models"

    def import_lock(self, url: str, project: int) -> Path:
        """The file whose lock an import into a project of one Label Studio holds.

        For `goldleaf.core.file_lock.locked`. A slash at the end of `url` makes no difference.
        """
        where = hashlib.sha256(url.rstrip("/").encode()).hexdigest()[:12]
        return self.path / "locks" / f"import-{where}-{project}"

    def secret(self, name: str) -> dict[str, Any]:
        """Return the stored secret `name`, or an empty dict; its file is `NAME.secret.json`.

        Raises:
            UsageError: the file is not a JSON object, cannot be read, or is another user's; or a
                newer release wrote the directory.
        """
        file = self._secret_file(name)
        if not os.path.lexists(file):
            return {}
        check_not_newer(schema_version(self.path), self.path)
        content = read_small(file)
        found = file.stat()
        if not is_own(found) and found.st_uid and os.geteuid():
            fix = "name a data directory of your own with --data-dir"
            raise UsageError("This file belongs to another user.", where=str(file), fix=fix)
        with suppress(ValueError):
            value: object = loads(content)
            if is_object(value):
                return dict(object_or_empty(value))
        raise self._damaged(name)

    def _damaged(self, name: str) -> UsageError:
        file = str(self._secret_file(name))
        return UsageError("This file is damaged.", where=file, fix="delete it and run again")

    def keep_secret(self, name: str, value: dict[str, Any]) -> None:
        """Store a secret (JSON-able values) in `NAME.secret.json` of this directory, mode 0600.

        One already stored under `name` is replaced as a whole.

        Raises:
            GoldleafError: the folder or the file cannot be written.
        """
        self.create()
        write_atomically(self._secret_file(name), json.dumps(value).encode(), mode=0o600)

    def _secret_file(self, name: str) -> Path:
        return self.path / f"{name}.secret.json"

    def pseudonym(self, account: str) -> str:
        """Return `person:` or `script:` and 16 hex digits: a keyed hash of an account's address.

        The same address gives the same pseudonym, whatever its letter case, in this data directory
        only: the random key is made on first use and kept in the secret `pseudonyms`. An account in
        `SCRIPT_DOMAIN` is a program and gets `script:`.

        Raises:
            UsageError: the key's file is damaged or another user's.
            GoldleafError: the key cannot be stored.
        """
        stored = self.secret("pseudonyms")
        if not stored:
            stored = {"key": secrets.token_hex(32)}
            self.keep_secret("pseudonyms", stored)
        try:
            key = bytes.fromhex(stored["key"])
        except (KeyError, TypeError, ValueError):
            raise self._damaged("pseudonyms") from None
        if len(key) < 16:  # an empty key would make the pseudonyms guessable
            raise self._damaged("pseudonyms")
        name = account.casefold().encode("utf-8", "surrogatepass")
        digest = hmac.new(key, name, hashlib.sha256)
        who = "script" if account.casefold().endswith(SCRIPT_DOMAIN) else "person"
        return f"{who}:{digest.hexdigest()[:16]}"


SCRIPT_DOMAIN = "@scripted.goldleaf.invalid"
"""Accounts of programs that annotate; `.invalid` can never be a real mailbox (RFC 2606)."""
