"""ms-swift: messages with what is learned turn by turn, a YAML file for each training."""

NAME = "swift"
TITLE = "ms-swift"
READS = ("swift",)
NEEDS = ("swift", "torch", "datasets")
INSTALL = "pip install ms-swift==4.6.0, in an environment of its own"
METHODS: dict[str, tuple[str, ...]] = {"sft": ("sft",), "dpo": ("dpo",), "kto": ("kto",)}
