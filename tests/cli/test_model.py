"""`goldleaf model`: kept versions, an earlier one again, messages without a model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from goldleaf.backend.training.classifier_model import Model
from goldleaf.backend.training.model_file import to_bytes
from goldleaf.backend.training.model_store import ModelStore


def _stored(folder: Path) -> list[str]:
    store = ModelStore(folder / "models")
    models = [
        Model("refusal/1", f"{count}", count, {}, np.zeros(0, np.float32), (), ())
        for count in (40, 60)
    ]
    return [store.publish("3.1795363614", *to_bytes(model)) for model in models]


def test_versions_are_listed_and_an_earlier_one_is_served_again(inside: Any, tmp_path: Path):
    first, second = _stored(tmp_path)
    here = ("--data-dir", str(tmp_path))
    listed = inside("model", "list", *here)
    assert listed.returncode == 0
    assert f"{second} *" in listed.stdout
    back = inside("model", "rollback", "3", *here)
    assert back.returncode == 0
    assert first in back.stdout
    shown = json.loads(inside("model", "show", "3", *here, "--json").stdout)
    assert (shown["version"], shown["served"], shown["learned_from"]) == (first, True, 40)
    none = inside("model", "rollback", "3", *here)
    assert none.returncode == 2
    assert "There is no earlier version" in none.stderr
    unknown = inside("model", "show", "3", "9-x", *here)
    assert unknown.returncode == 2
    assert "no version 9-x" in unknown.stderr


def test_without_a_model_the_message_says_how_to_get_one(inside: Any, tmp_path: Path):
    done = inside("model", "list", "7", "--data-dir", str(tmp_path))
    assert done.returncode == 2
    assert "No model was learned from project 7 yet." in done.stderr
    assert "Traceback" not in done.stderr
