"""A reading: which control or task field holds what, so that an answer becomes records.

    prompt: $question
    answers: [$first, $second]
    choice: better
    better: {First: 1, Second: 2, Same: tie, Neither: bad}
    note: remarks

The shipped readings (`templates/`) and a user's `reading.yaml` have the same shape.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias, cast

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from goldleaf.adoption.reading_errors import reading_error, yaml_error
from goldleaf.core.errors import UsageError
from goldleaf.core.files import read_small

MAX_BYTES = 64 * 1024
_FIELD = re.compile(r"\$[^\s$]+\Z")


def _source(text: str) -> str:
    if not text.strip() or (text.startswith("$") and not _FIELD.match(text)):
        raise ValueError("a name of the labeling config, or a task field as $field, is needed")
    return text


Source: TypeAlias = Annotated[str, AfterValidator(_source)]
"""Where a text is read from: the name of an object or control, or `$field` of the task's data."""
Meaning: TypeAlias = int | Literal["tie", "bad"]


class Reading(BaseModel):
    """Where the parts of an answer are; what is not named is left unsaid."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True
    )

    prompt: Source | list[Source] | None = None
    """What was asked: a text, paragraphs, or messages; several texts are joined."""
    system: Source | None = None
    """The system prompt."""
    turns: Source | None = None
    """A conversation: messages of the task, or a Chat."""
    roles: dict[str, Literal["system", "user", "assistant", "tool"]] = Field(default_factory=dict)
    """What speakers of the conversation are, by the names that the data gives them."""
    tools: Source | None = None
    """The tools that were declared, as a list or its JSON text."""
    answers: Source | list[Source] | None = None
    """The answers shown: one source each, or one list of texts or of items with `id` and `body`."""
    choice: str | None = None
    """A Pairwise, or Choices of which one answer is chosen."""
    better: dict[str, Meaning] = Field(default_factory=dict)
    """Of Choices: what each choice says; the number of the better answer, `tie`, or `bad`."""
    strong: list[str] = Field(default_factory=list)
    """The choices that say that it is much better."""
    slight: list[str] = Field(default_factory=list)
    """The choices that say that it is slightly better."""
    rank: str | None = None
    """A Ranker."""
    buckets: list[str] = Field(default_factory=list)
    """Its buckets, best first; items of one bucket are tied, those in no bucket not ranked."""
    bad_buckets: list[str] = Field(default_factory=list)
    """The buckets of answers that nobody may learn."""
    edited: str | None = None
    """A TextArea: the answer as written, or as edited from the one shown."""
    assisted: bool = False
    """A model fills that TextArea while the annotator works: who wrote the text is unknown."""
    verdict: str | None = None
    """Choices or a Rating of the one answer shown."""
    good: list[str | int] = Field(default_factory=list)
    """The choices or stars that say good; of a Rating by default those above the middle."""
    bad: list[str | int] = Field(default_factory=list)
    """The choices or stars that say bad; of a Rating by default those below the middle."""
    faults: dict[str, list[str]] = Field(default_factory=dict)
    """Controls that ask for a fault, and which of their choices say that it is there."""
    reasons: list[str] = Field(default_factory=list)
    """Controls whose choices are reasons as they are."""
    note: str | None = None
    """A TextArea of remarks."""

    @model_validator(mode="after")
    def _fits_together(self) -> Reading:
        asked = [self.choice, self.rank, self.edited, self.verdict, *self.faults]
        if not any(asked) and self.turns is None:
            raise ValueError(
                "nothing is read: name a choice, rank, edited, verdict, faults or turns"
            )
        if self.prompt is None and self.turns is None:
            raise ValueError("what was asked is not named: give prompt or turns")
        if self.choice and self.rank:
            raise ValueError("choice and rank exclude each other")
        for key, needs in (("better", "choice"), ("strong", "choice"), ("slight", "choice")):
            if getattr(self, key) and not self.choice:
                raise ValueError(f"{key} needs {needs}")
        for key in ("buckets", "bad_buckets"):
            if getattr(self, key) and not self.rank:
                raise ValueError(f"{key} needs rank")
        for key in ("good", "bad"):
            if getattr(self, key) and not self.verdict:
                raise ValueError(f"{key} needs verdict")
        return self

    @property
    def sources(self) -> dict[str, str]:
        """Path of a key -> the source that it names."""
        found = {"system": self.system, "turns": self.turns, "tools": self.tools}
        for key, value in (("prompt", self.prompt), ("answers", self.answers)):
            if isinstance(value, list):
                found |= {f"{key}.{place}": each for place, each in enumerate(value)}
            else:
                found[key] = value
        return {path: source for path, source in found.items() if source}

    @property
    def controls(self) -> dict[str, str]:
        """Path of a key -> the control that it names."""
        named = {key: getattr(self, key) for key in ("choice", "rank", "edited", "verdict", "note")}
        named |= {f"faults.{name}": name for name in self.faults}
        named |= {f"reasons.{place}": name for place, name in enumerate(self.reasons)}
        return {path: name for path, name in named.items() if name}

    @property
    def used(self) -> frozenset[str]:
        """Every name of the config that it reads, controls and objects alike."""
        sources = (name for name in self.sources.values() if not name.startswith("$"))
        return frozenset((*self.controls.values(), *sources))

    @property
    def kept(self) -> dict[str, Any]:
        """The keys that say something, in their order, as YAML would have them."""
        return self.model_dump(exclude_defaults=True)


def load_reading(path: Path) -> Reading:
    """Read a reading from a YAML file.

    Raises:
        UsageError: the file cannot be read, or what `parse_reading` raises.
    """
    return parse_reading(read_small(path, MAX_BYTES), str(path))


def parse_reading(content: bytes, where: str) -> Reading:
    """Read a reading from the bytes of a YAML text.

    Raises:
        UsageError: not YAML, anchors, a key twice, an unknown key or an invalid value; the message
            names the path of every key that is wrong.
    """
    if len(content) > MAX_BYTES:
        raise UsageError("This reading is too large.", where=where, fix="a reading has few lines")
    try:
        plain = yaml.load(content, Loader=YamlLoader)
    except yaml.YAMLError as error:
        raise yaml_error(error, where) from None
    if not isinstance(plain, dict):
        raise UsageError(
            "A reading is a mapping of keys.", where=where, fix="run goldleaf project map for one"
        )
    try:
        return Reading.model_validate(plain)
    except ValidationError as error:
        known = {name: field.description or "" for name, field in Reading.model_fields.items()}
        raise reading_error(error, where, list(known)) from None


class YamlLoader(yaml.SafeLoader):
    """YAML without anchors and without a key twice.

    Choices are often called Yes and No, which stay texts; only `true` and `false` are booleans.
    """

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Refuse an anchor; they can unfold to more than any reading needs."""
        event = cast("Any", self).peek_event()
        if getattr(event, "anchor", None):
            mark = event.start_mark
            raise yaml.MarkedYAMLError(problem="anchors are not read", problem_mark=mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Refuse a key that is given twice, of which PyYAML keeps the last."""
        build = cast("Any", self).construct_object
        keys = [build(key, deep=True) for key, _ in node.value]
        for place, key in enumerate(keys):
            if key in keys[:place]:
                mark = node.value[place][0].start_mark
                raise yaml.MarkedYAMLError(problem=f"{key} is given twice", problem_mark=mark)
        return super().construct_mapping(node, deep)


YamlLoader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:bool"]
    for letter, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
cast("Any", YamlLoader).add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"(?:true|false)\Z"), ["t", "f"]
)
