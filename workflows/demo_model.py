"""The demo's own model: made and asked while Label Studio starts, kept in the data directory.

It takes the way that everybody's model takes: `generate` writes two answers to each prompt, import
makes tasks of them, the scripted annotator chooses.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import threading
from concurrent.futures import Future
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from goldleaf.core.settings import Settings

if TYPE_CHECKING:
    from goldleaf.workflows.generation_run import Generated

KNOWN = {
    "What is gold leaf?": (
        "Gold beaten into a sheet so thin that light shines through it.",
        "A kind of metal.",
        "Gold leaf is gold, hammered very thin.",
    ),
    "How do I store paint safely?": (
        "Close the tin well and keep it cool and dry.",
        "Put it anywhere.",
        "In its tin, away from heat.",
    ),
    "金箔是什么？": ("金箔是捶打得很薄的金片。", "一种东西。", "把金子捶薄，就是金箔。"),
    "怎样保存油漆？": ("盖紧盖子，放在阴凉干燥处。", "随便放。", "密封好，远离火源。"),
}
"""Prompts, and the answers that the model draws from."""
LONGEST = 80
"""Tokens of an answer; a Chinese character takes three."""
SECONDS = 600
"""For which the model may be in the making."""
ANSWERING = 30
"""Seconds that answers under way are waited for where the demo ends early."""


class DemoModel:
    """The model and its answers, made beside the block; a process of its own makes the model.

    Args:
        settings: of the demo; the model is kept in their data directory.
        out: the file of records of preference that its answers become.
    """

    def __init__(self, settings: Settings, out: Path) -> None:
        self._known = json.dumps(
            [[prompt, answer] for prompt, answers in KNOWN.items() for answer in answers]
        )
        version = hashlib.sha256(self._known.encode()).hexdigest()[:8]
        self.folder = settings.state.path / f"demo-model-{version}"
        self.out = out
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._made: Future[Generated | None] = Future()
        self._thread = threading.Thread(target=self._make, name="demo-model", daemon=True)

    @staticmethod
    def is_possible() -> bool:
        """Return whether torch and transformers are installed."""
        return all(find_spec(name) for name in ("torch", "transformers"))

    def __enter__(self) -> DemoModel:
        """Begin to make the model, unless it is there, and to have it answer; returns at once."""
        if self.is_possible():
            if not self._whole():
                self._build()
            self._thread.start()
        return self

    def made(self) -> Generated | None:
        """Wait for the answers and return what was made; None where there is no model.

        Raises:
            GoldleafError: the model cannot be loaded, or a file cannot be written.
        """
        return self._made.result() if self._thread.ident else None

    def __exit__(self, *error: object) -> None:
        """End the process that makes the model, and wait for answers that are under way."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        if self._thread.ident:
            self._thread.join(ANSWERING)

    def _build(self) -> None:
        self._settings.state.create()
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "goldleaf.generation.tiny_model", str(self.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.write(self._known.encode())
            self._process.stdin.close()

    def _make(self) -> None:
        try:
            if self._process is not None:
                with suppress(subprocess.TimeoutExpired):
                    if self._process.wait(SECONDS) == 0:
                        (self.folder / "whole").touch()
            self._made.set_result(self._generate() if self._whole() else None)
        except BaseException as error:  # whatever it is, it belongs to whoever asks
            self._made.set_exception(error)

    def _generate(self) -> Generated:
        """Have the model answer its prompts twice, the way that everybody's model does."""
        from goldleaf.core.files import write_atomically
        from goldleaf.workflows.generate import generate
        from goldleaf.workflows.generation_run import GenerationPlan
        from goldleaf.workflows.open_generators import ModelChoice

        prompts = self.out.with_name("prompts.txt")
        write_atomically(prompts, "".join(f"{prompt}\n" for prompt in KNOWN).encode())
        plan = GenerationPlan("preference", max_tokens=LONGEST)
        licence = {"licence": "Apache-2.0"}
        models = ModelChoice([self.folder])
        _, made = generate(
            prompts, self.out, None, models, plan, settings=self._settings, options=licence
        )
        assert made is not None
        return made

    def _whole(self) -> bool:
        return (self.folder / "whole").exists()
