"""Reinforcement learning on answers that a program checks (RLVR): TRL's GRPO trainer, and others.

TRL reads the format `rlvr` and is asked by `goldleaf check`; verl and open-instruct read `verl` and
`open_instruct`, whose shapes are those of their documentation.
"""

NAME = "grpo"
TITLE = "TRL's GRPO trainer"
READS = ("rlvr",)
NEEDS = ("trl", "torch", "datasets")
INSTALL = "pip install trl"
METHODS: dict[str, tuple[str, ...]] = {"rlvr": ("grpo",)}
