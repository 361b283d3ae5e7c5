"""TRL: SFT, DPO, KTO and Reward trainers, and its command `trl sft --config FILE`."""

NAME = "trl"
TITLE = "TRL"
READS = ("trl", "parquet")
NEEDS = ("trl", "torch", "datasets")
INSTALL = "pip install trl"
METHODS: dict[str, tuple[str, ...]] = {"sft": ("sft",), "dpo": ("dpo", "reward"), "kto": ("kto",)}
