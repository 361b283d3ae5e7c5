"""The recipe: what the finished set must contain. Every key does something; none is ignored.

Sizes and shares speak of the rows to imitate (SFT) that are written for training; pairs and
verdicts are counted beside them and never repeated. `exporters/recipes/` shows every key.
"""

from __future__ import annotations

import hashlib
from fractions import Fraction
from typing import Annotated, Literal, TypeAlias

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from goldleaf.core import records
from goldleaf.core.errors import UsageError
from goldleaf.exporters.sizes import CORE_LEAST, CORE_STEP, billions, core_size, sft_range

Policy: TypeAlias = Literal["best_worst", "adjacent", "all"]
Mode: TypeAlias = Literal["shuffled", "soft", "staged"]
Stage: TypeAlias = Literal["general", "long_tail", "safety"]
Direction: TypeAlias = Literal["high", "low"]
MinStrength: TypeAlias = Literal["tie", "slight", "strong"]
SourceName: TypeAlias = Literal["online_log", "public", "self_instruct", "expert", "feedback"]

SOURCE_IDS: dict[SourceName, records.Source] = {
    "online_log": "S1",
    "public": "S2",
    "self_instruct": "S3",
    "expert": "S4",
    "feedback": "S5",
}
"""What a recipe calls a source, and what provenance calls it."""

NATURAL = ("chat", "writing", "question_answering", "knowledge", "commonsense")
"""S14: behaviours that are never forced into balance."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Pairs(_Part):
    """Which pairs a comparison gives."""

    policy: Policy = "best_worst"
    """`goldleaf.exporters.pairs` says what each means."""

    ties: Literal["drop"] = "drop"
    """Equal ranks make no pair."""

    min_strength: MinStrength = "slight"
    """Pairs judged weaker are left out; an unknown strength counts as slight."""

    edits: bool = True
    """Whether what a person edited or wrote is used as an answer."""

    per_prompt: int = Field(default=4, ge=1, le=10_000)
    """Most pairs of one prompt."""

    safety: float = Field(default=0.0, ge=0, lt=1)
    """Least share of pairs about refusals: safety erodes after SFT unless DPO keeps it (S18)."""

    min: int | None = Field(default=None, ge=1)
    """Fewer pairs than this are remarked on (S6)."""

    advise: int | None = Field(default=None, ge=1)
    """More pairs than this are remarked on (S6)."""


class Split(_Part):
    """What is held out."""

    test: float = Field(default=0.05, ge=0, le=0.5)
    """Share of prompts held out, by hash of the prompt, in all tables alike."""


class Share(_Part):
    """Bounds of a behaviour's rows over all rows, repeats counted; 0 and 1 are no bounds."""

    min: float = Field(default=0.0, ge=0, lt=1)
    max: float = Field(default=1.0, gt=0, le=1)

    @model_validator(mode="after")
    def _in_order(self) -> Share:
        if self.min > self.max:
            raise ValueError(f"min {self.min} is above max {self.max}")
        return self


class RefusalShare(Share):
    """Refusals and safe completions together (S12)."""

    benign_twins: float = Field(default=0.0, ge=0, le=10)
    """Harmless look-alikes answered helpfully: rows for every distinct refusal."""


class ToolShare(Share):
    """Tool calls (S13)."""

    no_tool: float = Field(default=0.0, ge=0, le=10)
    """Rows that need no tool although some are there: rows for every distinct tool call."""


class Shares(_Part):
    """Behaviours with a share of their own; any other is left as it comes."""

    refusal: RefusalShare = RefusalShare()
    tool_call: ToolShare = ToolShare()
    structured_output: Share = Share()
    multi_turn: Share = Share()
    reasoning_chain: Share = Share()
    reflection: Share = Share()

    def each(self) -> dict[str, Share]:
        """Return name -> bounds, in the order of this class."""
        return {name: getattr(self, name) for name in type(self).model_fields}

    @model_validator(mode="after")
    def _can_hold(self) -> Shares:
        least = sum(Fraction(str(share.min)) for share in self.each().values())
        if least >= 1:
            raise ValueError(f"the least shares come to {float(least)}, which leaves no room")
        return self


def _sources(names: list[SourceName]) -> list[SourceName]:
    if not names or len(set(names)) < len(names):
        raise ValueError("name at least one source, each once")
    return names


class Core(_Part):
    """The rows of high quality that everything else stands on (S8)."""

    size: Literal["auto"] | Annotated[int, Field(ge=0)] = "auto"
    """Rows; `auto` is S8's formula for `model`."""

    sources: Annotated[list[SourceName], AfterValidator(_sources)] = ["expert"]
    """Where they come from. Under a ceiling their rows are the last to go."""

    max: Annotated[int, Field(ge=1)] | None = None
    """Most rows of the core (S9)."""


class Diverse(_Part):
    """The rows that are not core: many, cleaned, of many kinds (S9)."""

    min: Annotated[int, Field(ge=1)] | None = None
    max: Annotated[int, Field(ge=1)] | None = None


Rows: TypeAlias = Literal["auto"] | Annotated[int, Field(ge=1)] | None


class Total(_Part):
    """How many SFT rows (S7); `auto` is S7's range for `model`, nothing without one."""

    min: Rows = "auto"
    max: Rows = "auto"
    advise: Annotated[int, Field(ge=1)] | None = None
    """More rows than this are remarked on (S9)."""

    make_room: bool = False
    """Whether examples may be left out, down to `min`, so that a share's floor is met. Without it
    floors are met by repeating alone, because S14 leaves natural behaviours as they come."""


class Sources(_Part):
    """What single sources may give (S14)."""

    max: float = Field(default=1.0, gt=0, le=1)
    """Most of all rows that one source may give, counted without targeted behaviours."""


class Quality(_Part):
    """Which examples are good enough (S10)."""

    min: Annotated[int, Field(ge=1, le=5)] | None = None
    """Examples whose `quality` is below are dropped."""

    unknown: Literal["keep", "drop"] = "keep"
    """What becomes of examples that nobody gave a quality."""


class Prototypes(_Part):
    """Capability prototypes (S16): each that is there stays covered, none dominates."""

    max: float = Field(default=1.0, gt=0, le=1)
    """Most of all examples that one prototype may give."""


class Hard(_Part):
    """Which examples go first where some must be left out or repeated (S17)."""

    signals: dict[str, Direction] = {}
    """Stored signals (`Tags.signals`) and whether a `high` or a `low` value means hard."""


class Order(_Part):
    """In which order SFT rows are trained on (S18)."""

    mode: Mode = "shuffled"
    """`shuffled`: none; `soft`: one file, its mix moving from stage to stage; `staged`: one file
    and one trainer configuration a stage."""

    stages: list[Stage] = ["general", "long_tail", "safety"]
    replay: float = Field(default=0.05, ge=0, lt=1)
    """Rows of earlier stages that come again, as a share of a later stage's rows."""

    @model_validator(mode="after")
    def _each_once(self) -> Order:
        if not self.stages or len(set(self.stages)) < len(self.stages):
            raise ValueError("stages: name at least one, each once")
        return self


class Repeat(_Part):
    """How often one example may be written to reach a share."""

    max: int = Field(default=4, ge=1, le=100)


class Recipe(_Part):
    """A whole recipe; `Recipe()` is the shipped `plain.yaml`, which balances nothing."""

    model: str | None = None
    """The size to train, such as `8B`: what `auto` is computed from."""

    core: Core | None = None
    diverse: Diverse = Diverse()
    total: Total = Total()
    shares: Shares = Shares()
    natural: list[str] = list(NATURAL)
    """Behaviours that no share may name; reports show their mix."""

    sources: Sources = Sources()
    quality: Quality = Quality()
    prototypes: Prototypes = Prototypes()
    hard: Hard = Hard()
    repeat: Repeat = Repeat()
    order: Order = Order()
    pairs: Pairs = Pairs()
    split: Split = Split()
    seed: int = Field(default=7, ge=0, le=2**63 - 1)

    @model_validator(mode="after")
    def _makes_sense(self) -> Recipe:
        try:
            size = billions(self.model) if self.model is not None else None
        except UsageError as error:
            raise ValueError(f"model: {error.what} {error.fix}") from None
        if size is None and self.core is not None and self.core.size == "auto":
            raise ValueError("core.size: auto needs a model")
        if strange := sorted(set(self.natural) - set(records.BEHAVIOURS)):
            raise ValueError(f"natural: no such behaviour: {', '.join(strange)}")
        for name, share in self.shares.each().items():
            if name in self.natural and share != type(share)():
                raise ValueError(f"natural: {name} has a share, so it is not left alone")
        least, most = self.rows_wanted()
        if least is not None and most is not None and least > most:
            raise ValueError(f"total: min {least} is above max {most}")
        return self

    def core_rows(self) -> int | None:
        """Return how many core rows are wanted, or None."""
        if self.core is None or self.core.size != "auto":
            return self.core.size if self.core and self.core.size != "auto" else None
        return core_size(billions(self.model or ""))

    def core_is_clamped(self) -> bool:
        """Tell whether S8's formula gave less than the least core, which was taken instead."""
        auto = self.core is not None and self.core.size == "auto"
        return auto and billions(self.model or "") < 2 ** (CORE_LEAST / CORE_STEP)

    def rows_wanted(self) -> tuple[int | None, int | None]:
        """Return the least and the most SFT rows; None is no bound."""
        least, most = sft_range(billions(self.model)) if self.model else (None, None)
        given = self.total
        return (
            least if given.min == "auto" else given.min,
            most if given.max == "auto" else given.max,
        )

    def text(self) -> str:
        """Return the recipe as YAML with every key spelled out: as it goes into the manifest."""
        return yaml.safe_dump(self.model_dump(), sort_keys=True)

    def sha256(self) -> str:
        """Return the hash of `text`."""
        return hashlib.sha256(self.text().encode()).hexdigest()
