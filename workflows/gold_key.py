"""The gold questions of a project and what is expected of them, kept outside Label Studio.

Everyone who can answer tasks can read their data, so what is expected is in the data directory of
whoever leads the project, and nothing in a task says that it is a gold question.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from goldleaf.core.data_dir import DataDir
from goldleaf.core.json_values import list_or_empty, object_or_empty, objects_in

if TYPE_CHECKING:
    from goldleaf.studio.projects import Project

_START, _END = "gold-", ".secret.json"


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A gold question: the data of its task, what is expected, and its parents.

    `expected` are the right values of each control; `parents` are where the row came from, which
    the task does not say.
    """

    data: Mapping[str, Any]
    expected: Mapping[str, tuple[str, ...]]
    parents: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class GoldKey:
    """The gold questions of a project by `goldleaf.studio.task_identity.task_hash`.

    `share` of all its tasks are to be gold questions, drawn by `seed`; `asked` are those that are
    tasks already.
    """

    questions: Mapping[str, GoldQuestion] = field(default_factory=dict[str, GoldQuestion])
    share: float = 0.05
    seed: int = 0
    asked: frozenset[str] = frozenset()


def key_name(url: str, project: Project) -> str:
    """Return the name that the key of a project has in the data directory."""
    from goldleaf.studio.projects import project_key

    where = hashlib.sha256(url.rstrip("/").encode()).hexdigest()[:12]
    return f"{_START}{where}-{project_key(project)}"


def read_key(state: DataDir, name: str) -> GoldKey:
    """Return a key; one without questions where there is none.

    Raises:
        UsageError: the file is damaged, or cannot be read.
    """
    held = state.secret(name)
    questions = {
        str(given.get("identity")): GoldQuestion(
            object_or_empty(given.get("data")),
            {
                str(name): tuple(map(str, list_or_empty(values)))
                for name, values in object_or_empty(given.get("expected")).items()
            },
            tuple(objects_in(given.get("parents"))),
        )
        for given in objects_in(held.get("questions"))
    }
    asked = frozenset(map(str, list_or_empty(held.get("asked"))))
    return GoldKey(questions, float(held.get("share", 0.05)), int(held.get("seed", 0)), asked)


def keep_key(state: DataDir, name: str, key: GoldKey) -> None:
    """Store a key, readable for its owner only."""
    questions = [
        {
            "identity": identity,
            "data": dict(each.data),
            "expected": {name: list(values) for name, values in each.expected.items()},
            "parents": [dict(parent) for parent in each.parents],
        }
        for identity, each in sorted(key.questions.items())
    ]
    kept = {"share": key.share, "seed": key.seed, "asked": sorted(key.asked)}
    state.keep_secret(name, {"questions": questions, **kept})


def all_questions(state: DataDir) -> dict[str, GoldQuestion]:
    """Return the gold questions of every project that the data directory knows.

    For export files, which do not say which Label Studio they are from.
    """
    found: dict[str, GoldQuestion] = {}
    for file in sorted(state.path.glob(f"{_START}*{_END}")):
        found |= read_key(state, file.name.removesuffix(_END)).questions
    return found


def questions_of(state: DataDir, project: Mapping[str, Any]) -> dict[str, GoldQuestion]:
    """Return the gold questions of a project, by whatever address its Label Studio was called."""
    from goldleaf.studio.projects import project_key

    found: dict[str, GoldQuestion] = {}
    for file in sorted(state.path.glob(f"{_START}*-{project_key(project)}{_END}")):
        found |= read_key(state, file.name.removesuffix(_END)).questions
    return found
