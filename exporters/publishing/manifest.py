"""`manifest.json`, written last: what an export is made of, and that it is whole.

No clock and no machine's path is in it, so the same inputs give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

MANIFEST = "manifest.json"
KIND = "goldleaf-export/1"
_LIBRARIES = ("numpy", "scipy", "polars", "orjson", "xxhash", "pydantic", "pyyaml", "jinja2")


def versions() -> dict[str, str]:
    """Return the versions that may change a byte of an export."""
    ours = {name: version(name) for name in ("goldleaf", *_LIBRARIES)}
    return {"python": platform.python_version(), **ours}


def described(path: Path) -> dict[str, Any]:
    """Describe an input file by its name and content, never by its place."""
    digest, size = hashlib.sha256(), 0
    with open(path, "rb") as file:
        while chunk := file.read(2**20):
            digest.update(chunk)
            size += len(chunk)
    return {"file": path.name, "bytes": size, "sha256": digest.hexdigest()}


def described_file(staged: Path, name: str, rows: int | None) -> dict[str, Any]:
    """Describe a file of the export; `rows` is None for a file without rows."""
    found = described(staged / name)
    return {"path": name, "rows": rows, "bytes": found["bytes"], "sha256": found["sha256"]}


def to_bytes(manifest: Mapping[str, Any]) -> bytes:
    """Return the manifest as bytes: sorted keys, so that equal manifests are equal files."""
    return (json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def read_manifest(out: Path) -> dict[str, Any] | None:
    """Return the manifest of an export, or None where there is none of ours."""
    try:
        found = json.loads((out / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(found, dict):
        return None
    manifest = cast("dict[str, Any]", found)
    listed = cast("Sequence[Any]", manifest.get("files"))
    whole = isinstance(listed, list) and all(isinstance(f, dict) and "path" in f for f in listed)
    return manifest if manifest.get("kind") == KIND and whole else None
