"""The process of a local model: loads it once, answers batches, ends with its parent.

    python -P -m goldleaf.generation.local_worker

Reads frames on standard input: settings first, then batches; writes one frame for each on what was
standard output (libraries that print do so on standard error). Nothing is downloaded, no code of
the model's folder is run, and no pickle is loaded.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
from collections.abc import Mapping
from importlib import import_module
from typing import Any, BinaryIO

from goldleaf.core.json_values import one_or_many
from goldleaf.core.left_out import left_out
from goldleaf.generation.frames import read_frame, write_frame
from goldleaf.generation.held_to_schema import Schemas, installed
from goldleaf.generation.token_scores import AT_ONCE, mean_logprobs

torch: Any = None
SMALL = 1_000_000
"""Parameters of a model in which several threads hinder each other."""


def main() -> None:
    """Entry point of the worker."""
    global torch
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    orders: queue.Queue[dict[str, Any] | None] = queue.Queue()
    threading.Thread(target=_read, args=(sys.stdin.buffer, orders), daemon=True).start()
    settings = orders.get()
    if settings is None:
        return
    os.environ |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
    os.environ |= {"TOKENIZERS_PARALLELISM": "false", "HF_HUB_DISABLE_TELEMETRY": "1"}
    torch = import_module("torch")
    try:
        # transformers loads them for models that see; half a second. What peft needs is its affair.
        with left_out(*(() if settings["adapter"] else ("scipy", "sklearn"))):
            model = LoadedModel(settings)
    except Refused as why:
        write_frame(output, {"error": why.code, "detail": str(why)})
        return
    except Exception as error:  # a broken model fails in many ways; each is the user's to see
        code = "memory" if _is_memory(error) else "broken"
        write_frame(output, {"error": code, "detail": _short(error)})
        return
    write_frame(output, {"ready": model.facts})
    while order := orders.get():
        if "scored" in order:
            write_frame(output, {"answers": model.score(order["scored"])})
        else:
            write_frame(output, {"answers": model.answer(order["batch"])})


def _read(pipe: BinaryIO, orders: queue.Queue[dict[str, Any] | None]) -> None:
    """Hand on what the parent sends; end at once, in the middle of a batch too, if it is gone."""
    while True:
        order = read_frame(pipe)
        if order is None:
            os._exit(0)
        orders.put(order)


class Refused(Exception):
    """A model that is not loaded; `code` says why."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(detail)
        self.code = code


class LoadedModel:
    """A model and its tokenizer.

    Args:
        settings: `path`, `adapter`, `dtype`, `device`, `threads`, as `local.LocalGenerator` says.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        transformers: Any = import_module("transformers")
        transformers.logging.set_verbosity_error()
        if settings["threads"]:
            torch.set_num_threads(settings["threads"])
        self.device = _device(settings["device"])
        closed = {"local_files_only": True, "trust_remote_code": False}
        path = settings["path"]
        try:
            config = transformers.AutoConfig.from_pretrained(path, **closed)
            self.tokenizer = transformers.AutoTokenizer.from_pretrained(path, **closed)
        except (ValueError, ImportError) as error:
            if "trust_remote_code" in str(error) or "execute" in str(error):
                raise Refused("own_code", _short(error)) from None
            raise
        if not self.tokenizer.chat_template:
            raise Refused("no_chat_template")
        model = transformers.AutoModelForCausalLM.from_pretrained(
            path, config=config, use_safetensors=True, dtype=_dtype(settings["dtype"]), **closed
        )
        if settings["adapter"]:
            peft: Any = import_module("peft")
            model = peft.PeftModel.from_pretrained(
                model, settings["adapter"], use_safetensors=True, local_files_only=True
            )
        self.model = model.to(self.device).eval()
        self.context = int(getattr(config, "max_position_embeddings", 0) or 0)
        self.tokenizer.padding_side = "left"
        if self.tokenizer.pad_token_id is None:
            self.tokenizer.pad_token = self.tokenizer.eos_token
        self._schemas: Schemas | None = None
        parameters = sum(each.numel() for each in self.model.parameters())
        if not settings["threads"] and parameters < SMALL:
            torch.set_num_threads(1)
        self.facts = {
            "context": self.context,
            "device": str(self.device),
            "dtype": str(next(self.model.parameters()).dtype).removeprefix("torch."),
            "parameters": parameters,
        }

    def answer(self, batch: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return one answer for each request of a batch, in its order.

        A request has `messages`, `temperature`, `max_tokens`, `seed` and perhaps `schema`; an
        answer `outcome` and, where the model wrote something, `text`, `cut`, `prompt_tokens`,
        `answer_tokens`.
        """
        answers: list[dict[str, Any]] = [{} for _ in batch]
        prompts: dict[int, list[int]] = {}
        for place, request in enumerate(batch):
            found = self._prompt(request)
            if isinstance(found, dict):
                answers[place] = found
            else:
                prompts[place] = found
        if prompts:
            try:
                written = self._written([batch[place] for place in prompts], [*prompts.values()])
            except Exception as error:
                if not _is_memory(error):
                    raise
                detail = "out of memory; answers may be shorter (--max-tokens) or fewer at once"
                written = [{"outcome": "worker_died", "detail": detail} for _ in prompts]
            for place, answer in zip(prompts, written, strict=True):
                answers[place] = answer
        return answers

    def score(self, batch: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return how likely each given answer is, in the order of the batch.

        A request has `messages` and `answer`; a score `outcome` and, where there is one, `logprob`
        (mean of its tokens) and `tokens`.
        """
        scores: list[dict[str, Any]] = [{} for _ in batch]
        prompts: dict[int, list[int]] = {}
        answers: dict[int, list[int]] = {}
        for place, request in enumerate(batch):
            encoded = self.tokenizer(request["answer"], add_special_tokens=False)
            answer = list(encoded["input_ids"])
            prompt = self._prompt({**request, "max_tokens": len(answer)})
            if isinstance(prompt, dict):
                scores[place] = prompt
            elif not answer:
                scores[place] = {"outcome": "empty", "detail": "there is no answer to score"}
            else:
                prompts[place], answers[place] = prompt, answer
        places = list(prompts)
        for start in range(0, len(places), AT_ONCE):
            some = places[start : start + AT_ONCE]
            try:
                found = mean_logprobs(
                    *(torch, self.model, [prompts[place] for place in some]),
                    *([answers[place] for place in some], self.tokenizer.pad_token_id),
                )
            except Exception as error:
                if not _is_memory(error):
                    raise
                for place in some:
                    scores[place] = {"outcome": "worker_died", "detail": "out of memory"}
                continue
            for place, logprob in zip(some, found, strict=True):
                tokens = len(answers[place])
                scores[place] = {"outcome": "answered", "logprob": logprob, "tokens": tokens}
        return scores

    def _prompt(self, request: Mapping[str, Any]) -> list[int] | dict[str, Any]:
        """Return the tokens of a conversation, or an answer that says why there are none."""
        try:
            ids = self.tokenizer.apply_chat_template(
                request["messages"], add_generation_prompt=True, tokenize=True, return_dict=False
            )
        except Exception as error:  # a template raises what it likes
            return {"outcome": "refused_by_template", "detail": _short(error)}
        if self.context and len(ids) + request["max_tokens"] > self.context:
            detail = (
                f"{len(ids)} tokens and an answer of up to {request['max_tokens']}; the model "
                f"takes {self.context}"
            )
            return {"outcome": "too_long", "detail": detail, "prompt_tokens": len(ids)}
        return list(ids)

    def _written(
        self, requests: list[dict[str, Any]], prompts: list[list[int]]
    ) -> list[dict[str, Any]]:
        """Return what the model writes after each prompt."""
        width = max(map(len, prompts))
        pad = self.tokenizer.pad_token_id
        rows = [[pad] * (width - len(ids)) + ids for ids in prompts]
        shown = [[0] * (width - len(ids)) + [1] * len(ids) for ids in prompts]
        ends = self._ends()
        with torch.inference_mode():
            output = self.model.generate(
                input_ids=torch.tensor(rows, device=self.device),
                attention_mask=torch.tensor(shown, device=self.device),
                max_new_tokens=max(request["max_tokens"] for request in requests),
                do_sample=False,
                num_beams=1,
                pad_token_id=pad,
                eos_token_id=ends or None,
                logits_processor=[*self._held(requests), _Draw(requests, torch)],
            )
        return [
            self._read(ids[width:], len(prompt), request["max_tokens"], ends)
            for ids, prompt, request in zip(output.tolist(), prompts, requests, strict=True)
        ]

    def _held(self, requests: list[dict[str, Any]]) -> list[Any]:
        """Return what holds the rows to their schemas: nothing where none has one."""
        schemas = [request.get("schema") for request in requests]
        if not any(schemas) or not installed():
            return []
        if self._schemas is None:
            self._schemas = Schemas(self.tokenizer, self._ends())
        return self._schemas.held(schemas)

    def _ends(self) -> list[int]:
        """Return the tokens that end an answer: the model's own and the tokenizer's."""
        given = self.model.generation_config.eos_token_id
        found = [*one_or_many(given), self.tokenizer.eos_token_id]
        return sorted({token for token in found if isinstance(token, int)})

    def _read(self, ids: list[int], prompt: int, most: int, ends: list[int]) -> dict[str, Any]:
        ids = ids[:most]
        end = next((place for place, token in enumerate(ids) if token in ends), None)
        written = ids if end is None else ids[:end]
        return {
            "outcome": "answered",
            "text": self.tokenizer.decode(written, skip_special_tokens=True),
            "cut": end is None,
            "prompt_tokens": prompt,
            "answer_tokens": len(written) + (end is not None),
        }


class _Draw:
    """Draws each row of a batch with its own temperature and seed, whatever the rows beside it.

    Adding Gumbel noise to the logits and taking the largest is drawing from their softmax; with a
    generator for each row, an answer does not depend on who else is in the batch.
    """

    def __init__(self, requests: list[dict[str, Any]], torch: Any) -> None:
        self._torch = torch
        self._temperatures = [float(request["temperature"]) for request in requests]
        self._seeds = [
            torch.Generator(device="cpu").manual_seed(int(request["seed"])) for request in requests
        ]

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        """Return the scores of the next token, one row a request, drawn."""
        scores = scores.float()
        for row, (temperature, seed) in enumerate(
            zip(self._temperatures, self._seeds, strict=True)
        ):
            if temperature > 0:
                noise = self._torch.empty(scores.shape[-1], dtype=self._torch.float32)
                noise.exponential_(generator=seed)
                scores[row] = scores[row] / temperature - noise.log().to(scores.device)
        return scores


def _device(asked: str) -> Any:
    if asked == "auto":
        asked = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.zeros(1, device=asked)
    except Exception as error:
        raise Refused("no_device", _short(error)) from None
    return torch.device(asked)


def _dtype(asked: str) -> Any:
    return asked if asked == "auto" else getattr(torch, asked)


def _is_memory(error: Exception) -> bool:
    return isinstance(error, MemoryError | torch.cuda.OutOfMemoryError) or (
        isinstance(error, RuntimeError) and "alloc" in str(error) and "memory" in str(error)
    )


def _short(error: Exception) -> str:
    """Return the kind and the first line of an error."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else ''}"[:300]


if __name__ == "__main__":
    main()
