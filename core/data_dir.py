"""Where state lives and who may read it: one private folder (0700), secrets in 0600 files."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from goldleaf.core.errors import UsageError
from goldleaf.core.files import write_atomically
from goldleaf.core.plain import is_object, mapping


@dataclass(frozen=True, slots=True)
class DataDir:
    """The state of one goldleaf: Label Studio's database, credentials, the backend's events."""

    path: Path

    def create(self) -> DataDir:
        """Make the folder if need be and close it to others."""
        self.path.mkdir(parents=True, exist_ok=True)
        os.chmod(self.path, 0o700)
        return self

    @property
    def label_studio(self) -> Path:
        """Label Studio's own folder."""
        return self.path / "label-studio"

    @property
    def logs(self) -> Path:
        """Log files of the processes we start."""
        return self.path / "logs"

    @property
    def events(self) -> Path:
        """The backend's store of webhook events."""
        return self.path / "events.sqlite"

    @property
    def models(self) -> Path:
        """What the backend has learned, a folder a project."""
        return self.path / "models"

    def secret(self, name: str) -> dict[str, Any]:
        """Return the stored secret `name`, or an empty dict.

        Raises:
            UsageError: the file is no JSON object.
        """
        file = self._secret_file(name)
        if not file.exists():
            return {}
        try:
            value: object = json.loads(file.read_text(encoding="utf-8"))
            if is_object(value):
                return dict(mapping(value))
        except ValueError:
            pass
        raise UsageError("This file is damaged.", where=str(file), fix="delete it and run again")

    def keep_secret(self, name: str, value: dict[str, Any]) -> None:
        """Store a secret where only its owner can read it."""
        self.create()
        write_atomically(self._secret_file(name), json.dumps(value).encode(), mode=0o600)

    def _secret_file(self, name: str) -> Path:
        return self.path / f"{name}.secret.json"

    def pseudonym(self, account: str) -> str:
        """Return a keyed hash of an account's address: stable here, meaningless elsewhere.

        An account in `SCRIPT_DOMAIN` is a program and is marked so.
        """
        stored = self.secret("pseudonyms")
        if not stored:
            stored = {"key": secrets.token_hex(32)}
            self.keep_secret("pseudonyms", stored)
        digest = hmac.new(bytes.fromhex(stored["key"]), account.casefold().encode(), hashlib.sha256)
        who = "script" if account.casefold().endswith(SCRIPT_DOMAIN) else "person"
        return f"{who}:{digest.hexdigest()[:16]}"


SCRIPT_DOMAIN = "@scripted.goldleaf.invalid"
"""Accounts of programs that annotate; `.invalid` can never be a real mailbox (RFC 2606)."""
