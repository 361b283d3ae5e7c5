"""Labeling configs that Label Studio ships, read from the installed package; and their answers."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml


def shipped_config(template: str) -> str:
    """Return the config of a template of Label Studio's gallery, such as `generative-ai/x`."""
    found = find_spec("label_studio")
    if found is None or found.origin is None:
        pytest.skip("label-studio is not installed: pip install 'goldleaf[studio]'")
    folder = Path(found.origin).parent / "annotation_templates" / template
    return yaml.safe_load((folder / "config.yml").read_text("utf-8"))["config"]


def region(name: str, kind: str, **value: Any) -> dict[str, Any]:
    """Return one region as Label Studio's editor stores it."""
    return {"id": f"{name}1", "from_name": name, "to_name": name, "type": kind, "value": value}


def pairwise(side: str, name: str = "comparison") -> list[dict[str, Any]]:
    """Return what a click on a side of a Pairwise stores: its `to_name` is its own name."""
    return [region(name, "pairwise", selected=side)]


def answer(result: Any, number: int = 9, who: int = 1, **more: Any) -> dict[str, Any]:
    """Return one annotation."""
    return {
        "id": number,
        "completed_by": who,
        "updated_at": "2026-01-02T03:04:05Z",
        "was_cancelled": False,
        "parent_prediction": None,
        "result": result,
        **more,
    }


def task(data: dict[str, Any], *answers: dict[str, Any], number: int = 5, **more: Any):
    """Return a task as the tasks API and a JSON export have it."""
    return {"id": number, "project": 3, "data": data, "annotations": [*answers], **more}


def write(path: Path, rows: list[Any]) -> Path:
    """Write an export file and return its path."""
    path.write_text(json.dumps(rows, ensure_ascii=False), "utf-8")
    return path
