"""An export as a trainer may see it: plain files inside it, and settings of which only ours count.

A trainer does what the settings beside the data say, so a folder from somewhere else could make it
read or write anywhere. Here the settings are written anew by our own formats; from the folder come
yes, no and numbers of keys that we write ourselves, because these are what is to be checked.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import yaml

from goldleaf.core.errors import GoldleafError, UsageError
from goldleaf.core.files import read_small
from goldleaf.core.json_depth import loads
from goldleaf.core.json_values import list_or_empty, object_or_empty
from goldleaf.core.safe_paths import inside
from goldleaf.core.translations import Translations
from goldleaf.exporters.publishing.table import StageFile, Table
from goldleaf.formats.format import Accompanied
from goldleaf.formats.format_registry import writer_named

MOST = 2**18
"""Largest file of settings that is read, in bytes."""
_SAMPLING = re.compile(
    r'^ +train_sampling_strategy="(sequential|random|group_by_length)",$', re.MULTILINE
)


def clean_copy(out: Path, manifest: Mapping[str, Any], folder: Path) -> Path:
    """Make a folder of settings that are ours and links to the files of rows in `out`.

    Args:
        out: the folder of an export.
        manifest: its manifest, as `load_manifest` gives it.
        folder: an empty folder.

    Returns:
        `folder`; files of rows that are no plain files inside `out` are missing in it.
    """
    for file in manifest["files"]:
        if file["rows"] is not None:
            _link(out, file["path"], folder)
            _copy_page(out, Path(file["path"]).with_name("README.md"), folder)
    tables = [table_of(plain) for plain in manifest["tables"]]
    for name in dict.fromkeys(table.format for table in tables):
        own = [table for table in tables if table.format == name]
        try:
            writer = writer_named(name)
        except UsageError:
            continue
        if not isinstance(writer, Accompanied):
            continue
        for file, text in writer.companions(own, Translations("en")).items():
            _write_settings(out, f"{name}/{file}", text, folder)
    return folder


def table_of(plain: Mapping[str, Any]) -> Table:
    """Return a table as its manifest describes it."""
    return Table(
        *(plain["format"], plain["table"], plain["rows"], plain["max_length_estimate"]),
        ordered=plain.get("ordered", False),
        stages=tuple(StageFile(**stage) for stage in plain.get("stages", ())),
    )


def own_values(theirs: object, ours: object) -> Any:
    """Return our settings with the yes, no and numbers that theirs give for the same keys.

    A key of ours that theirs lack is left out; whatever they say beyond ours is not looked at.
    """
    if isinstance(ours, Mapping):
        given, known = object_or_empty(theirs), object_or_empty(cast("object", ours))
        return {key: own_values(given[key], value) for key, value in known.items() if key in given}
    if isinstance(ours, list):
        pairs = zip(list_or_empty(theirs), list_or_empty(cast("object", ours)), strict=False)
        return [own_values(value, known) for value, known in pairs]
    number = isinstance(theirs, bool | int | float) and isinstance(ours, bool | int | float)
    return theirs if number else ours


def _write_settings(out: Path, name: str, text: str, folder: Path) -> None:
    try:
        content = read_small(inside(out, name), MOST)
        theirs = loads(content) if name.endswith(".json") else yaml.safe_load(content)
    except (GoldleafError, ValueError, yaml.YAMLError, RecursionError):
        return
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    values = own_values(theirs, yaml.safe_load(text))
    dump = json.dumps if name.endswith(".json") else yaml.safe_dump
    target.write_text(dump(values), "utf-8")


def _link(out: Path, name: str, folder: Path) -> None:
    try:
        source = inside(out, name).resolve()
    except GoldleafError:
        return
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    try:
        (folder / name).symlink_to(source)
    except OSError:  # Windows lets few accounts make links
        shutil.copyfile(source, folder / name)


def _copy_page(out: Path, name: Path, folder: Path) -> None:
    """Copy from a page on training the one line that is read of it: how rows are drawn."""
    try:
        page = read_small(inside(out, str(name)), MOST).decode("utf-8", "replace")
    except GoldleafError:
        return
    if found := _SAMPLING.search(page):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(found[0] + "\n", "utf-8")
