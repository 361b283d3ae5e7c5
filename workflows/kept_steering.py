"""What is kept of a steering in the data directory between two passes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from goldleaf.core.errors import UsageError

if TYPE_CHECKING:
    from goldleaf.core.settings import Settings
    from goldleaf.recipes.recipe import Recipe
    from goldleaf.studio.projects import Project
    from goldleaf.studio.steered_queue import QueueState


@dataclass(slots=True)
class KeptSteering:
    """A steering between two passes: `queue` is what was changed in the project."""

    file: Path
    project: int
    recipe: str
    also: tuple[str, ...]
    hard: bool
    queue: QueueState

    def write(self) -> None:
        """Store it in its file, mode 0600."""
        from goldleaf.core.files import write_atomically

        plain = {
            **{"project": self.project, "recipe": self.recipe, "also": list(self.also)},
            **{"hard": self.hard, "queue": self.queue.plain()},
        }
        self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(self.file, json.dumps(plain, indent=1).encode(), mode=0o600)

    @staticmethod
    def read(file: Path) -> KeptSteering | None:
        """Return the steering of a file, None without one; UsageError if it is damaged."""
        from goldleaf.studio.steered_queue import QueueState

        try:
            plain = json.loads(file.read_bytes())
            queue = QueueState.from_plain(plain["queue"])
            also = tuple(map(str, plain["also"]))
            return KeptSteering(
                file, int(plain["project"]), plain["recipe"], also, plain["hard"], queue
            )
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            fix = "delete it, set the project's sampling in Label Studio, and steer anew"
            raise UsageError("This file is damaged.", where=str(file), fix=fix) from error


def steering_folder(settings: Settings, url: str) -> Path:
    """Return the folder of the steerings of one Label Studio."""
    import hashlib

    where = hashlib.sha256(url.rstrip("/").encode()).hexdigest()[:12]
    return settings.state.path / "steering" / where


def steering_file(settings: Settings, url: str, described: Project) -> Path:
    """Return the file of a project's steering; it may not exist."""
    from goldleaf.studio.projects import project_key

    return steering_folder(settings, url) / f"{project_key(described)}.json"


def recipe_of(kept: KeptSteering) -> Recipe:
    """Return the recipe of a steering; UsageError if this version does not read it any more."""
    import yaml

    from goldleaf.recipes.recipe import Recipe

    try:
        return Recipe.model_validate(yaml.safe_load(kept.recipe))
    except ValueError as error:
        fix = f"end it with goldleaf steer {kept.project} --stop, then steer by a recipe anew"
        raise UsageError(
            "The recipe kept here is no longer valid.", where=str(kept.file), fix=fix
        ) from error
