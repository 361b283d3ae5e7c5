"""Packages that look as if they were not there, for as long as a library is imported."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec

import pytest

from goldleaf.core.left_out import left_out


def test_what_is_left_out_is_there_again_afterwards_and_what_is_loaded_stays(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.delitem(sys.modules, "this", raising=False)
    with pytest.raises(ZeroDivisionError), left_out("this", "json"):
        assert find_spec("this") is None and import_module("json") is sys.modules["json"]
        with pytest.raises(ImportError):
            import_module("this.part")
        raise ZeroDivisionError
    assert find_spec("this") is not None and sys.modules["json"]
