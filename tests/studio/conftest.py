"""A project of its own for each test, comparisons to fill it, a stand-in for the ML backend."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from stand_in_backend import StandInBackend

from goldleaf.core.records import Candidate, Comparison, Turn
from goldleaf.label_configs.registry import kind_named
from goldleaf.label_configs.safe_html import guide_html
from goldleaf.studio.embedded_label_studio import EmbeddedStudio
from goldleaf.studio.projects import create_configured

Data = dict[str, Any]


@pytest.fixture
def project(label_studio: EmbeddedStudio) -> Iterator[int]:
    """A preference project without tabs, which take most of the time; deleted afterwards."""
    kind = kind_named("preference")
    config, guide = kind.config(), guide_html(kind.guide("en"))
    made = create_configured(label_studio.studio, kind.title("en"), config, guide)
    yield made
    label_studio.studio.delete(f"/api/projects/{made}/")


@pytest.fixture
def comparisons() -> Callable[..., list[Data]]:
    """Make task data of `count` comparisons, numbered from `start`."""

    def make(count: int, start: int = 0) -> list[Data]:
        kind = kind_named("preference")
        return [
            kind.codec.to_task(
                Comparison(
                    context=(Turn("user", f"Name {number} rivers of Asia. 亚洲"),),
                    candidates=(
                        Candidate((Turn("assistant", f"Here are {number}: Amur, Ob."),)),
                        Candidate((Turn("assistant", f"{number}? I know only the Lena."),)),
                    ),
                )
            )
            for number in range(start, start + count)
        ]

    return make


@pytest.fixture
def stand_in() -> Iterator[Callable[..., StandInBackend]]:
    """Start stand-in backends; all are closed afterwards."""
    started: list[StandInBackend] = []

    def start(**options: str) -> StandInBackend:
        started.append(StandInBackend(**options))
        return started[-1]

    yield start
    for backend in started:
        backend.close()
