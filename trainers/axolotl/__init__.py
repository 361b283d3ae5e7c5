"""axolotl: it reads TRL's rows, with a YAML file of its own for each training."""

NAME = "axolotl"
TITLE = "axolotl"
READS = ("trl",)
NEEDS = ("axolotl", "trl", "datasets")
INSTALL = "pip install axolotl==0.21.0 (Python 3.12), in an environment of its own"
METHODS: dict[str, tuple[str, ...]] = {
    "sft": ("sft",),
    "sft_tools": ("sft",),
    "dpo": ("dpo",),
    "stepwise": ("prm",),
}
"""By whole names of tables: it would lose the calls of a pair, and has no place for the rest."""
