"""TRL's PRM trainer, of older releases: verdicts on the steps of an answer."""

NAME = "prm"
TITLE = "TRL's PRM trainer"
READS = ("trl", "parquet")
NEEDS = ("trl.experimental.prm", "torch", "datasets")
INSTALL = "pip install trl==0.29.1, in an environment of its own"
METHODS: dict[str, tuple[str, ...]] = {"stepwise": ("prm",)}
