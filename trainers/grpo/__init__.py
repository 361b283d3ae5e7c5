"""Training on a model's own answers (on-policy): TRL's GRPO trainer, and others.

TRL reads the formats `rlvr` (an answer that a program checks), `rubrics` (criteria for a judge) and
`prompts` (the reward is the user's), and is asked by `goldleaf check`; verl and open-instruct read
`verl` and `open_instruct`, whose shapes are those of their documentation.
"""

NAME = "grpo"
TITLE = "TRL's GRPO trainer"
READS = ("rlvr", "rubrics", "prompts")
NEEDS = ("trl", "torch", "datasets")
INSTALL = "pip install trl"
METHODS: dict[str, tuple[str, ...]] = {
    "rlvr": ("grpo",),
    "rubrics": ("grpo",),
    "prompts": ("grpo",),
}
