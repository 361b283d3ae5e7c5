"""The schema of a manifest, checked before one is used: types, and paths inside the export."""

from __future__ import annotations

import re
from functools import cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any, NotRequired

from pydantic import AfterValidator, Field, ValidationError
from typing_extensions import TypedDict

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
"""A file or folder of an export; its format and table are such names, too."""

Count = Annotated[int, Field(ge=0)]


def _inside(path: str) -> str:
    parts = PurePosixPath(path).parts
    if not parts or path != "/".join(parts) or not all(_NAME.fullmatch(part) for part in parts):
        raise ValueError("not a path inside the export")
    return path


def _name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise ValueError("not a name of a format or table")
    return value


Inside = Annotated[str, AfterValidator(_inside)]
Name = Annotated[str, AfterValidator(_name)]


class _File(TypedDict):
    path: Inside
    rows: Count | None
    bytes: Count
    sha256: str


class _Stage(TypedDict):
    number: Annotated[int, Field(ge=0, le=255)]
    stage: Name
    rows: Count
    replays: Count


class _Table(TypedDict):
    format: Name
    table: Name
    rows: dict[Name, Count]
    max_length_estimate: Count
    ordered: NotRequired[bool]
    shown_first: NotRequired[Count]
    stages: NotRequired[list[_Stage]]


class _Text(TypedDict):
    text: str


class _Reasons(TypedDict):
    rejected: dict[str, Count]
    dropped: dict[str, Count]


class _Behaviour(TypedDict):
    use: str
    behaviour: str
    train: Count
    share: float | None


class _Shortfall(TypedDict):
    key: str
    wanted: Any
    got: Any


class _Conflict(TypedDict):
    members: list[str]


class _Manifest(TypedDict):
    files: list[_File]
    tables: list[_Table]
    recipe: _Text
    versions: dict[str, str]
    inputs: list[dict[str, Any]]
    answers: dict[str, Count]
    records: dict[str, Count]
    reasons: _Reasons
    behaviours: list[_Behaviour]
    shortfalls: list[_Shortfall]
    conflicts: NotRequired[list[_Conflict]]


@cache
def _adapter() -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(_Manifest)


def fault(manifest: object) -> str:
    """Return the first schema error of a manifest, with the key's path; "" for a valid one."""
    try:
        found = _adapter().validate_python(manifest, strict=True)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    for place, file in enumerate(found["files"]):
        if file["rows"] is not None and file["path"].count("/") < 2:
            return f"files.{place}.path: rows must be in FORMAT/TABLE/FILE"
    paths = [file["path"] for file in found["files"]]
    return "files: a path is listed twice" if len(set(paths)) < len(paths) else ""
