"""Fine-tuning services of OpenAI's shape: OpenAI, Azure, Together, Fireworks."""

NAME = "openai"
TITLE = "the published rules of OpenAI-compatible services"
READS = ("openai",)
NEEDS = ()
INSTALL = ""
METHODS: dict[str, tuple[str, ...]] = {"sft": ("sft",), "dpo": ("dpo",)}
