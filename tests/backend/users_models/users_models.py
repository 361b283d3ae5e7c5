"""Models as a user of label-studio-ml has them, for the kind `refusal`.

Under the real package where it is installed, else under the stand-in.
"""

from __future__ import annotations

import os
import time
from typing import Any

Base: Any
try:
    from label_studio_ml.model import LabelStudioMLBase as Base  # pyright: ignore
except ImportError:
    from label_studio_ml_stand_in import StandInBase2 as Base  # pyright: ignore

THEFT = ("car", "shop")
time.sleep(float(os.environ.get("USERS_MODELS_LOAD_SECONDS", "0")))


def region(control: str, kind: str, value: dict[str, Any], to: str = "answer") -> dict[str, Any]:
    return {"from_name": control, "to_name": to, "type": kind, "value": value}


def risk(choice: str) -> dict[str, Any]:
    return region("risk", "choices", {"choices": [choice]}, "prompt")


def corrected(text: Any) -> dict[str, Any]:
    return region("corrected", "textarea", {"text": text})


class Risk(Base):
    """Says the risk, rightly, and writes an answer."""

    def predict(self, tasks: list[dict[str, Any]], context: Any = None, **kwargs: Any) -> Any:
        return [self.prediction(task) for task in tasks]

    def prediction(self, task: dict[str, Any]) -> dict[str, Any]:
        theft = any(word in task["data"]["prompt"] for word in THEFT)
        result = [risk("theft" if theft else "none"), corrected(["I will not help with that."])]
        return {"result": result, "score": 0.25, "model_version": "theirs"}


class ChoiceOnly(Risk):
    """Says the risk alone."""

    def prediction(self, task: dict[str, Any]) -> dict[str, Any]:
        whole = super().prediction(task)
        return {**whole, "result": whole["result"][:1]}


class Several(Risk):
    """A list of predictions for each task, of which the first counts."""

    def predict(self, tasks: list[dict[str, Any]], context: Any = None, **kwargs: Any) -> Any:
        return [[self.prediction(task), {"result": [risk("no such")]}] for task in tasks]


class Writes(Risk):
    """Writes into its tasks, and gives a text that is no list."""

    def prediction(self, task: dict[str, Any]) -> dict[str, Any]:
        task["data"].pop("prompt")
        return {"result": [corrected("As one text.")]}


class UnknownControl(Base):
    def predict(self, tasks: list[Any], **kwargs: Any) -> Any:
        return [{"result": [region("sentiment", "choices", {"choices": ["x"]})]} for _ in tasks]


class UnknownChoice(Base):
    def predict(self, tasks: list[Any], **kwargs: Any) -> Any:
        return [{"result": [risk("no such risk")]} for _ in tasks]


class FinalWord(Base):
    def predict(self, tasks: list[Any], **kwargs: Any) -> Any:
        said = region("decision", "choices", {"choices": ["harmful_refuse"]})
        return [{"result": [said]} for _ in tasks]


class Fails(Risk):
    """Fails on every other task, and so on every batch."""

    def prediction(self, task: dict[str, Any]) -> dict[str, Any]:
        if task["id"] % 2:
            raise ValueError(f"cannot read\ntask {task['id']}")
        return super().prediction(task)


class TooFew(Base):
    def predict(self, tasks: list[Any], **kwargs: Any) -> Any:
        return []


class Nothing(Base):
    def predict(self, tasks: list[Any], **kwargs: Any) -> Any:
        return None


class NoList(Base):
    def predict(self, tasks: list[Any], **kwargs: Any) -> Any:
        return "a text"


class CannotBeMade(Base):
    def __init__(self, *given: Any, **named: Any) -> None:
        raise RuntimeError("no weights")

    def predict(self, tasks: list[Any], **kwargs: Any) -> Any:
        raise AssertionError("it was never made")


class Learns(Risk):
    """Notes what it is given; wrong until it was given twenty answers."""

    given: list[tuple[str, Any]] = []  # noqa: RUF012

    def prediction(self, task: dict[str, Any]) -> dict[str, Any]:
        if len(self.given) < 20:
            return {"result": [risk("violence")]}
        return super().prediction(task)

    def fit(self, *given: Any, **named: Any) -> Any:
        event, data = (named["event"], named["data"]) if "event" in named else given[:2]
        self.given.append((event, data["annotation"]["id"]))
        if data["annotation"]["id"] == 3:
            raise ValueError("cannot learn from this one")


not_a_class = "text"


class Slow(Risk):
    """Takes the seconds that a task asks for, in one call that lets no thread go on."""

    def prediction(self, task: dict[str, Any]) -> dict[str, Any]:
        end = time.monotonic() + float(task["data"].get("seconds", 0))
        while time.monotonic() < end:
            sum(range(3_000_000))
        return super().prediction(task)


class Dies(Risk):
    """Ends its process on a task that says so."""

    def prediction(self, task: dict[str, Any]) -> dict[str, Any]:
        if task["data"].get("dies"):
            os._exit(7)
        return super().prediction(task)


class SaysContext(Base):
    """Drafts what the annotator has typed, and refuses to without."""

    def predict(self, tasks: list[Any], context: Any = None, **kwargs: Any) -> Any:
        (typed,) = [each["value"]["text"][0] for each in context["result"]]
        return [{"result": [corrected([f"You typed {typed}."])]} for _ in tasks]
