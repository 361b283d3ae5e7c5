"""The parts of a recipe, one class a mapping; `recipes/` shows every key."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    model_validator,
)

from goldleaf.core import records

Policy: TypeAlias = Literal["best_worst", "adjacent", "all"]
Mode: TypeAlias = Literal["shuffled", "soft", "staged"]
Stage: TypeAlias = Literal["general", "long_tail", "safety"]
STAGES: tuple[Stage, ...] = get_args(Stage)
Direction: TypeAlias = Literal["high", "low", "ignore"]
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


MOST_ROWS = 1_000_000_000
"""More rows than any recipe may speak of; S6 ends at two million."""

FINEST = 6
"""Decimals of a share or ratio: finer ones mean nothing, and rows are counted in 64 bits."""


def _not_finer(number: float) -> float:
    if round(number, FINEST) != number:
        raise ValueError(f"{number} is finer than a millionth")
    return number


Fine: TypeAlias = Annotated[float, AfterValidator(_not_finer)]
RowCount: TypeAlias = Annotated[int, Field(ge=1, le=MOST_ROWS)]


class RecipeSection(BaseModel):
    """A mapping of the recipe: unknown keys are refused, and nothing changes later."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True
    )


def in_order(low: str, least: int | None, high: str, most: int | None) -> None:
    """Check that a lower bound is not above its upper bound; None is no bound.

    Raises:
        ValueError: it is; `low` and `high` are the names of the bounds in the message.
    """
    if least is not None and most is not None and least > most:
        raise ValueError(f"{low} {least} is above {high} {most}")


class Pairs(RecipeSection):
    """Which pairs are made from a comparison."""

    policy: Policy = "best_worst"
    """Each is described in `goldleaf.exporters.ingest.pairs`."""

    ties: Literal["drop"] = "drop"
    """Equal ranks make no pair."""

    min_strength: MinStrength = "slight"
    """Pairs judged weaker are left out; an unknown strength counts as slight."""

    edits: bool = True
    """Whether what a person edited or wrote is used as an answer."""

    edits_as_sft: bool = True
    """Whether an edited or own answer of a comparison is an SFT row, too."""

    per_prompt: int = Field(default=4, ge=1, le=10_000)
    """Most pairs of one prompt."""

    safety: Fine = Field(default=0.0, ge=0, lt=1)
    """Least share of pairs about refusals: safety erodes after SFT unless DPO keeps it (S18)."""

    min: RowCount | None = None
    """Fewer pairs than this are remarked on (S6)."""

    advise: RowCount | None = None
    """More pairs than this are remarked on (S6)."""

    @model_validator(mode="after")
    def _in_order(self) -> Pairs:
        in_order("min", self.min, "advise", self.advise)
        return self


ConflictPolicy: TypeAlias = Literal["majority", "model", "adjudicate", "soft", "drop"]


class KindConflicts(RecipeSection):
    """What happens to a task that annotators answer differently, in projects of one kind."""

    policy: ConflictPolicy | None = None
    """As `conflicts.policy`, which counts where it is not set."""

    min_agreement: Annotated[Fine, Field(ge=0, le=1)] | None = None
    """As `conflicts.min_agreement`, which counts where it is not set."""


class Conflicts(RecipeSection):
    """What happens to a task that annotators answer differently; no two rows contradict, ever."""

    policy: ConflictPolicy = "majority"
    """`majority`: what more than half say; `model`: the likeliest decision (Dawid and Skene), from
    three people with 100 tasks in common, else the majority; `adjudicate`: an adjudicator decides,
    until then nothing is exported; `soft`: what most say, a draw where votes are even, and how many
    agree beside each pair; `drop`: nothing of the task is exported."""

    min_agreement: Annotated[Fine, Field(ge=0, le=1)] | None = None
    """The least share of people (`model`: the probability) behind an answer; below, the task waits
    for an adjudicator (`adjudicate`; without a number every contradiction does) or is left out."""

    kinds: dict[str, KindConflicts] = {}
    """The same for one kind of annotation, by its name (`preference`)."""

    def of_kind(self, kind: str) -> tuple[ConflictPolicy, float | None]:
        """Return policy and least agreement for a kind, by its name without version."""
        own = self.kinds.get(kind, KindConflicts())
        least = self.min_agreement if own.min_agreement is None else own.min_agreement
        return own.policy or self.policy, least

    @property
    def is_soft(self) -> bool:
        """Whether pairs have `n_annotators`, `agreement` and `soft_label`."""
        return "soft" in {self.policy, *(own.policy for own in self.kinds.values())}


class Review(RecipeSection):
    """What a person should look at first, left out until then; `false` exports it all the same."""

    refusals: bool = True
    """Answers settled as a refusal that decline nowhere, unless a second annotator agrees."""

    structured_output: bool = True
    """Answers that are meant to be JSON and cannot be parsed."""

    cycles: bool = True
    """Pairs of one prompt in a circle: a over b, b over c, c over a."""


class Split(RecipeSection):
    """Which rows are held out for testing."""

    test: float = Field(default=0.05, ge=0, le=0.5)
    """Share of prompts held out, by hash of the prompt, in all tables alike."""


def _sources(names: list[SourceName]) -> list[SourceName]:
    if not names or len(set(names)) < len(names):
        raise ValueError("name at least one source, each once")
    return names


class Core(RecipeSection):
    """The rows of high quality that the set is built on (S8)."""

    size: Literal["auto"] | Annotated[int, Field(ge=0, le=MOST_ROWS)] = "auto"
    """Rows; `auto` is S8's formula for `model`."""

    sources: Annotated[list[SourceName], AfterValidator(_sources)] = ["expert"]
    """Where they come from. Under a ceiling their rows are the last to go."""

    max: RowCount | None = None
    """Most rows of the core (S9)."""

    @model_validator(mode="after")
    def _in_order(self) -> Core:
        in_order("size", None if self.size == "auto" else self.size, "max", self.max)
        return self


class Diverse(RecipeSection):
    """The rows that are not core: many, cleaned, of many kinds (S9)."""

    min: RowCount | None = None
    """Fewer rows than this are a shortfall."""

    max: RowCount | None = None
    """Most rows that are not core; the rest is left out."""

    @model_validator(mode="after")
    def _in_order(self) -> Diverse:
        in_order("min", self.min, "max", self.max)
        return self


Rows: TypeAlias = Literal["auto"] | RowCount | None


class Total(RecipeSection):
    """How many SFT rows (S7); `auto` is S7's range for `model`, nothing without one."""

    min: Rows = "auto"
    """Fewer rows than this are a shortfall; null is no bound."""

    max: Rows = "auto"
    """Most rows; beyond, all kinds are thinned alike. Null is no bound."""

    advise: RowCount | None = None
    """More rows than this are remarked on (S9)."""

    make_room: bool = False
    """Whether examples may be left out, down to `min`, so that a share's floor is met. Without it
    floors are met by repeating alone, because S14 leaves natural behaviours as they come."""


class Sources(RecipeSection):
    """The largest share of one source (S14)."""

    max: Fine = Field(default=1.0, gt=0, le=1)
    """Largest share of all rows from one source, counted without targeted behaviours."""


class Quality(RecipeSection):
    """Which examples are good enough (S10)."""

    min: Annotated[int, Field(ge=1, le=5)] | None = None
    """Examples whose `quality` is below are dropped."""

    unknown: Literal["keep", "drop"] = "keep"
    """Whether examples without a quality are kept."""


Thinking: TypeAlias = Literal["keep", "drop", "both"]


class Texts(RecipeSection):
    """Whether special tokens, hidden characters and reasoning are kept."""

    special_tokens: Literal["drop", "keep"] = "drop"
    """Special tokens of chat templates, such as `<|im_end|>` or `[INST]`, in a turn, call or tool:
    a tokenizer obeys them, also where they are part of the text."""

    hidden_characters: Literal["drop", "keep"] = "keep"
    """Control characters, zero width characters, overrides of direction, tags."""

    thinking: Thinking = "keep"
    """Reasoning apart from the answer: kept, dropped, or (of SFT rows) both, as a row with it and a
    twin without it, of one group. Each twin counts as a row in shares."""


class Prototypes(RecipeSection):
    """Capability prototypes (S16): each that is there stays covered, none dominates."""

    max: Fine = Field(default=1.0, gt=0, le=1)
    """Largest share of all examples with one prototype."""


class Hard(RecipeSection):
    """Which examples go first where some must be left out or repeated (S17)."""

    signals: dict[str, Direction] = {}
    """Stored signals (`Tags.signals`) and whether a `high` or a `low` value means hard; `ignore`
    leaves out one that an extended recipe names. Signals that no example has change nothing."""

    @property
    def used(self) -> dict[str, Literal["high", "low"]]:
        """The signals that are not ignored, by name."""
        return {name: way for name, way in sorted(self.signals.items()) if way != "ignore"}


class Order(RecipeSection):
    """In which order SFT rows are trained on (S18)."""

    mode: Mode = "shuffled"
    """`shuffled`: none; `soft`: one file, its mix moving from stage to stage; `staged`: one file
    and one trainer configuration a stage."""

    stages: list[Stage] = ["general", "long_tail", "safety"]
    """Which stages there are, in their order."""

    replay: Fine = Field(default=0.05, ge=0, lt=1)
    """Rows of earlier stages that come again, as a share of a later stage's rows."""

    @model_validator(mode="after")
    def _each_once(self) -> Order:
        if not self.stages or len(set(self.stages)) < len(self.stages):
            raise ValueError("stages: name at least one, each once")
        return self


class Repeat(RecipeSection):
    """How often one example may be written to reach a share."""

    max: int = Field(default=4, ge=1, le=100)
    """Most rows of one example, the first included."""
