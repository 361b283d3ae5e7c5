"""LLaMA-Factory: sharegpt and Alpaca rows, `dataset_info.json`, a YAML file for each training."""

NAME = "llamafactory"
TITLE = "LLaMA-Factory"
READS = ("llamafactory", "alpaca")
NEEDS = ("llamafactory", "torch", "datasets", "omegaconf", "peft")
INSTALL = "pip install llamafactory==0.9.5, in an environment of its own"
METHODS: dict[str, tuple[str, ...]] = {"sft": ("sft",), "dpo": ("dpo", "reward"), "kto": ("kto",)}
