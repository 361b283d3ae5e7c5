"""`manifest.json`, written last: inputs, recipe, sums and hashes of an export.

No clock and no machine's path is in it, so the same inputs produce the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from goldleaf.core.errors import GoldleafError, UsageError
from goldleaf.core.files import read_small
from goldleaf.core.json_depth import loads
from goldleaf.core.json_values import object_or_empty
from goldleaf.core.prompt_normalization import PROMPT_FORM
from goldleaf.core.safe_paths import inside
from goldleaf.exporters.publishing.manifest_schema import fault

MANIFEST = "manifest.json"
KIND = "goldleaf-export/1"
MAX_BYTES = 2**26
"""Largest manifest that is read."""
_LIBRARIES = ("numpy", "scipy", "polars", "orjson", "xxhash", "pydantic", "pyyaml", "jinja2")


def versions() -> dict[str, str]:
    """Return the versions of Python and libraries that may change a byte of an export."""
    ours = {name: version(name) for name in ("goldleaf", *_LIBRARIES)}
    return {"python": platform.python_version(), "prompt_form": PROMPT_FORM, **ours}


def file_description(path: Path) -> dict[str, Any]:
    """Return `file` (its name without a folder), `bytes` and `sha256` of a file."""
    digest, size = hashlib.sha256(), 0
    with open(path, "rb") as file:
        while chunk := file.read(2**20):
            digest.update(chunk)
            size += len(chunk)
    return {"file": path.name, "bytes": size, "sha256": digest.hexdigest()}


def export_file_description(staged: Path, name: str, rows: int | None) -> dict[str, Any]:
    """Return `path`, `rows`, `bytes`, `sha256` of a file of an export; `rows` None: it has none."""
    found = file_description(staged / name)
    return {"path": name, "rows": rows, "bytes": found["bytes"], "sha256": found["sha256"]}


def to_bytes(manifest: Mapping[str, Any]) -> bytes:
    """Return a manifest as JSON bytes with sorted keys, so that equal manifests are equal files."""
    return (json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def load_manifest(out: Path) -> dict[str, Any]:
    """Return the manifest of an export, validated; every path in it is inside `out`.

    Raises:
        UsageError: there is none of goldleaf's, or it is damaged; the message has the place.
    """
    fix = "name a folder that goldleaf export has written"
    try:
        found: object = loads(read_small(inside(out, MANIFEST), MAX_BYTES))
    except ValueError:
        raise UsageError("The manifest is damaged.", where=str(out / MANIFEST), fix=fix) from None
    except UsageError as error:
        what = f"This folder is not an export of goldleaf: {error.what}"
        raise UsageError(what, where=str(out / MANIFEST), fix=fix) from None
    if object_or_empty(found).get("kind") != KIND:
        what = "This folder is not an export of this version of goldleaf."
        raise UsageError(what, where=str(out / MANIFEST), fix=fix)
    if wrong := fault(found):
        what = f"The manifest is damaged: {wrong}"
        raise UsageError(what, where=str(out / MANIFEST), fix=fix)
    return dict(object_or_empty(found))


def read_manifest(out: Path) -> dict[str, Any] | None:
    """Return the manifest of an export, or None where it is missing or damaged."""
    try:
        return load_manifest(out)
    except GoldleafError:
        return None
