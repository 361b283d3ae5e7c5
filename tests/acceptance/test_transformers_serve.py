"""A real model through a real server: `transformers serve` on loopback, asked by our client.

It needs packages that our own environment lacks (`make accept-serve`), and takes a minute to start.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from tiny_model import KNOWN

from goldleaf.core.records import Turn
from goldleaf.generation.endpoint import EndpointGenerator
from goldleaf.generation.endpoint_address import EndpointAddress
from goldleaf.generation.generator import Request, Sampling
from goldleaf.generation.probe import probe
from goldleaf.studio.ports import any_free_port

PYTHON = os.environ.get("GOLDLEAF_SERVE_PYTHON", "")
pytestmark = pytest.mark.skipif(not PYTHON, reason="make accept-serve: a server of its own")
START = "from transformers.cli.transformers import main; main()"


@pytest.fixture(scope="module")
def served(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of the tiny model."""
    home = tmp_path_factory.mktemp("home")
    (home / "hub").mkdir()
    port = any_free_port()
    environment = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(home), "OMP_NUM_THREADS": "1"}
    serve = ["serve", str(tiny_model), "--host", "127.0.0.1", "--port", str(port)]
    log = home / "log"
    with open(log, "wb") as output:
        process = subprocess.Popen(
            [PYTHON, "-c", START, *serve, "--device", "cpu"],
            env=os.environ | environment,
            stdout=output,
            stderr=output,
        )
    try:
        url, end = f"http://127.0.0.1:{port}", time.monotonic() + 300
        while True:
            assert process.poll() is None, log.read_text("utf-8", "replace")
            assert time.monotonic() < end, "it did not start in time"
            try:
                if httpx.get(f"{url}/health", timeout=5).status_code == 200:
                    break
            except httpx.HTTPError:
                time.sleep(0.5)
        yield f"{url}/v1"
    finally:
        process.terminate()
        process.wait(30)


def test_the_server_s_model_answers_what_it_learned(served: str, tiny_model: Path):
    with closing(EndpointGenerator(EndpointAddress(served), str(tiny_model))) as generator:
        greedy = Sampling(0.0, 60)
        requests = [Request((Turn("user", prompt),), greedy) for prompt in KNOWN]
        found = {place: a for group in generator.answer(requests) for place, a in group}
        answers = [found[place] for place in range(len(KNOWN))]
    assert [answer.outcome for answer in answers] == ["answered"] * len(KNOWN), answers
    for answer, known in zip(answers, KNOWN.values(), strict=True):
        assert known.endswith(answer.text) and answer.answer_tokens


def test_another_model_is_refused_and_what_is_ignored_is_seen(served: str, tiny_model: Path):
    with closing(EndpointGenerator(EndpointAddress(served), "another")) as generator:
        answer = generator.one(Request((Turn("user", "Hello"),)))
        assert answer.outcome in ("refused_by_server", "not_found"), answer
    with closing(EndpointGenerator(EndpointAddress(served), str(tiny_model))) as generator:
        facts = probe(generator)
    assert facts.answer.outcome in ("answered", "empty")
    assert not facts.several and not facts.structured
