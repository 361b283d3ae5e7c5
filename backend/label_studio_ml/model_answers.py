"""What a model of label-studio-ml answers, as one prediction a task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import object_or_empty
from goldleaf.label_configs.regions import to_values
from goldleaf.label_configs.screen import Screen


def predictions_of(answer: Any, count: int) -> list[Mapping[str, Any]]:
    """Return one prediction a task, `{}` where there is none.

    Args:
        answer: what `predict` returned: a list of dicts, of lists of dicts (of several for a task
            the first counts) or of `PredictionValue`s; a `ModelResponse` of them; None for nothing.
        count: how many tasks were asked for.

    Raises:
        ValueError: it is of another shape or of another length.
    """
    if answer is None:
        return [{} for _ in range(count)]
    plain = _plain(answer)
    if isinstance(plain, Mapping):
        plain = cast("Mapping[str, Any]", plain).get("predictions")
    if not isinstance(plain, Sequence) or isinstance(plain, str | bytes):
        raise ValueError(f"predict returned {type(answer).__name__}, not a list of predictions")
    listed = cast("Sequence[Any]", plain)
    if len(listed) != count:
        raise ValueError(f"predict returned {len(listed)} predictions for {count} tasks")
    return [_first(each) for each in listed]


def _first(given: Any) -> Mapping[str, Any]:
    plain = _plain(given)
    if isinstance(plain, Sequence) and not isinstance(plain, str | bytes):
        plain = _plain(plain[0]) if plain else {}
    return object_or_empty(plain)


def _plain(value: Any) -> Any:
    """Return a pydantic object as plain data, anything else as it is."""
    return value.model_dump() if hasattr(value, "model_dump") else value


def values_of(prediction: Mapping[str, Any], screen: Screen) -> dict[str, tuple[str, ...]]:
    """Return what a prediction says of each control; {} for one that says nothing.

    Raises:
        BadRow: `unknown_control`, `unknown_choice`, `type_mismatch` or `bad_region`.
    """
    result = prediction.get("result")
    if result is None:
        return {}
    if not isinstance(result, list):
        raise BadRow("bad_region", "the result must be a list of regions")
    return to_values([_plain_region(each) for each in cast("list[Any]", result)], screen)


def _plain_region(region: Any) -> Any:
    """Return a `Region` of label-studio-sdk as its JSON, anything else as it is."""
    return region._dict() if hasattr(region, "_dict") else _plain(region)
