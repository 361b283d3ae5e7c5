"""Runs what TRL's command runs, for several files of settings in one process.

    python run_trl_scripts.py MODEL FOUND.json trl/sft.yaml trl/dpo.yaml ...

Each file stands for `trl METHOD --config FILE --model_name_or_path MODEL ...`, run in the file's
folder; METHOD is in its first line. Written to FOUND.json: file -> steps taken, and the texts of
the rows in the order in which they were learned. The model is made if it is missing: random
weights, and a chat template that TRL ships.
"""

import json
import os
import sys
from importlib import import_module
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

import tiny_trainer
import transformers

OVERRIDES = {
    "max_steps": "2",
    "per_device_train_batch_size": "4",
    "per_device_eval_batch_size": "4",
    "use_cpu": "true",
    "bf16": "false",
    "dtype": "float32",
    "gradient_checkpointing": "false",
    "report_to": "none",
    "disable_tqdm": "true",
    "save_strategy": "no",
}
"""What a user's machine and patience would set; nothing of it is in our files."""


def command(config, model):
    """Return the arguments behind `trl`, as a person types them."""
    method = Path(config).read_text("utf-8").split("trl ", 1)[1].split()[0]
    settings = {"config": str(config), "model_name_or_path": str(model), **OVERRIDES}
    return [method, *(part for name, value in settings.items() for part in (f"--{name}", value))]


def make_model(folder):
    tiny_trainer.model("Qwen3ForCausalLM").save_pretrained(folder)
    tiny_trainer.tokenizer().save_pretrained(folder)


def main(model_folder, target, *configs):
    if not Path(model_folder).exists():
        make_model(model_folder)
    seen = {}
    step = transformers.Trainer.training_step

    def watched(self, model, inputs, num_items_in_batch=None):
        ids = inputs.get("input_ids", inputs.get("prompt_ids"))
        texts = self.processing_class.batch_decode(ids) if ids is not None else []
        seen.setdefault("rows", []).extend(texts)
        seen["steps"] = seen.get("steps", 0) + 1
        return step(self, model, inputs, num_items_in_batch)

    transformers.Trainer.training_step = watched
    found = {}
    started = Path.cwd()
    for config in configs:
        seen.clear()
        folder, name = Path(config).parts
        os.chdir(started / folder)
        method, *arguments = command(name, model_folder)
        script = import_module(f"trl.scripts.{method}")
        script.main(*script.make_parser(prog=f"trl {method}").parse_args_and_config(arguments))
        found[config] = dict(seen)
    Path(target).write_text(json.dumps(found), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
