"""What a scripted annotator answers to a task of each kind, and what a screen holds then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from xml.etree.ElementTree import fromstring

from goldleaf.label_configs.kind import Kind
from goldleaf.label_configs.regions import to_values
from goldleaf.label_configs.screen import INDEX

EDITED = 4
"""Every fourth stored answer edits a text, where its screen has one to edit."""


def on_screen(kind: Kind, data: Mapping[str, Any], answer: Any) -> Any:
    """Return an answer with what the boxes hold that nobody touched: the texts of the task."""
    values = dict(kind.to_annotation(answer))
    for box in fromstring(kind.config()).iter("TextArea"):
        name, bound = box.attrib["name"], box.get("value", "").removeprefix("$")
        if not bound:
            continue
        head, _, rest = bound.partition("[")
        texts = {name: data.get(bound)}
        if rest:
            inner = rest.partition("].")[2]
            elements = enumerate(data[head])
            texts = {name.replace(INDEX, str(at)): each[inner] for at, each in elements}
        for control, text in texts.items():
            if text and control not in values and is_shown(kind, control, values):
                values[control] = (str(text),)
    return kind.parse_annotation(values, data)


def is_shown(kind: Kind, name: str, values: Mapping[str, Any]) -> bool:
    """Return whether a control is shown beside these values."""
    control = kind.screen.control(name)
    place = name.rpartition("_")[2]
    return control is not None and all(
        set(values.get(other.replace(INDEX, place), ())) & set(choices)
        for other, choices in control.visible_when
    )


def decided(kind: Kind, data: Mapping[str, Any], draft: Any, place: int = 1) -> Any:
    """Return what a script answers; `place` 0 of `EDITED` edits a text."""
    return DECIDED[kind.name](data, draft, place % EDITED == 0)


def _instruction(data: Mapping[str, Any], draft: Any, better: bool) -> Any:
    verdict = "unusable" if set(draft.noticed) & {"empty", "refuses"} else "good"
    if better and verdict == "good":
        return replace(draft, verdict="fixed", answer=f"{data['answer']}\n\nDone.")
    return replace(draft, verdict=verdict)


def _dialogue(data: Mapping[str, Any], draft: Any, better: bool) -> Any:
    turns = list(draft.turns)
    if better and turns:
        last = data["turns"][len(turns) - 1]["text"]
        turns[-1] = replace(turns[-1], edit=f"{last} Anything else?")
    pairs = tuple(replace(pair, better="b") for pair in draft.pairs)
    return replace(draft, verdict="usable", turns=tuple(turns), pairs=pairs)


def _refusal(data: Mapping[str, Any], draft: Any, better: bool) -> Any:
    did, risk = draft.did or "comply", draft.risk or "none"
    corrected = "Here is how it is done." if better and did != "comply" else ""
    return replace(draft, decision="benign_comply", did=did, risk=risk, corrected=corrected)


def _preference(data: Mapping[str, Any], draft: Any, better: bool) -> Any:
    a, b = data["answer_a"], data["answer_b"]
    if a.strip() == b.strip():
        return replace(draft, decision="tie")
    if len(a) < len(b):
        return replace(draft, decision="b", edit_b=f"{b} So it is." if better else "")
    return replace(draft, decision="a")


def _ranking(data: Mapping[str, Any], draft: Any, better: bool) -> Any:
    texts = [each["text"] for each in data["answers"]]
    order = sorted(set(map(len, texts)), reverse=True)
    ranks = [str(order.index(len(text)) + 1) for text in texts]
    answers = zip(draft.answers, ranks, strict=True)
    return replace(draft, answers=tuple(replace(one, rank=rank) for one, rank in answers))


def _reasoning(data: Mapping[str, Any], draft: Any, better: bool) -> Any:
    steps = list(draft.steps)
    if data["goldleaf"]["record"].get("good") is True:
        return replace(draft, decision="right")
    steps[-1] = replace(steps[-1], verdict="bad")
    return replace(draft, decision="wrong", steps=tuple(steps))


def _tool_use(data: Mapping[str, Any], draft: Any, better: bool) -> Any:
    if not data["output"].strip():
        return replace(draft, decision="cannot", output="None of these tools can do that.")
    return replace(draft, decision=output_is(data["output"]))


DECIDED = {
    "dialogue": _dialogue,
    "instruction": _instruction,
    "preference": _preference,
    "ranking": _ranking,
    "reasoning": _reasoning,
    "refusal": _refusal,
    "tool_use": _tool_use,
}


def output_is(text: str) -> str:
    """Return which output of the tool screen a text is."""
    if text.lstrip().startswith(("{", "[")):
        return "call"
    return "structured" if text.lstrip().upper().startswith(("SELECT", "WITH")) else "no_tool"


def blank(kind: Kind, data: Mapping[str, Any], task: Mapping[str, Any]) -> Any:
    """Return the draft of a task as an answer, nothing where it has none."""
    drafts = task["predictions"]
    values = dict(to_values(drafts[0]["result"], kind.screen)) if drafts else {}
    return kind.parse_annotation(values, data)
