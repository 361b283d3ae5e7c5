"""A safe copy of an export for a trainer: links to its plain files, and settings of ours only.

A trainer obeys the settings beside the data, so a folder from elsewhere could make it read or write
anywhere. Here the settings are written anew by our own code; from the folder come true, false,
numbers and texts of a fixed list (`CHOICES` of a configuration), and only for keys that we write
ourselves, because these are what is to be checked.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import yaml

from goldleaf.core.errors import GoldleafError
from goldleaf.core.files import read_small
from goldleaf.core.json_depth import loads
from goldleaf.core.json_values import list_or_empty, object_or_empty
from goldleaf.core.safe_paths import inside
from goldleaf.core.translations import Translations
from goldleaf.trainers.registry import trainers
from goldleaf.trainers.table import StageFile, Table
from goldleaf.trainers.training_files import config_files

MOST = 2**18
"""Largest file of settings that is read, in bytes."""


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
    tables = [table_of(plain) for plain in manifest["tables"]]
    for name, text in config_files(tables, Translations("en")).items():
        _write_settings(out, name, text, folder)
    return folder


def table_of(plain: Mapping[str, Any]) -> Table:
    """Return a table as a manifest describes it, from that entry of `tables` as plain values.

    Verdicts, repeats and file suffix are not in there: they get their defaults.
    """
    return Table(
        *(plain["format"], plain["table"], plain["rows"], plain["max_length_estimate"]),
        ordered=plain.get("ordered", False),
        stages=tuple(StageFile(**stage) for stage in plain.get("stages", ())),
    )


def own_values(theirs: object, ours: object) -> Any:
    """Return our settings with the values that theirs have for the same keys, where harmless.

    A key of ours that theirs lack is left out; any other key of theirs is ignored. Harmless are
    true, false and numbers (in place of one of these), and the texts that a configuration's
    `CHOICES` has for the key; for anything else our own value is returned. Lists are compared place
    by place and end with the shorter.
    """
    if isinstance(ours, Mapping):
        given, known = object_or_empty(theirs), object_or_empty(cast("object", ours))
        return {
            key: given[key] if _is_choice(key, given[key]) else own_values(given[key], value)
            for key, value in known.items()
            if key in given
        }
    if isinstance(ours, list):
        pairs = zip(list_or_empty(theirs), list_or_empty(cast("object", ours)), strict=False)
        return [own_values(value, known) for value, known in pairs]
    number = isinstance(theirs, bool | int | float) and isinstance(ours, bool | int | float)
    return theirs if number else ours


def _is_choice(key: str, value: object) -> bool:
    return isinstance(value, str) and any(
        value in getattr(trainer.configuration, "CHOICES", {}).get(key, ())
        for trainer in trainers().values()
    )


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
