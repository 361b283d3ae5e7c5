"""Start Label Studio and the backend on this machine and link them, for `up` and `demo`."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from goldleaf.core.data_dir import DataDir
from goldleaf.core.errors import GoldleafError, UsageError
from goldleaf.core.files import write_atomically
from goldleaf.core.settings import Settings
from goldleaf.core.translations import LANGUAGES, Translations

if TYPE_CHECKING:
    from goldleaf.backend.predictors.predictor import Predictor
    from goldleaf.backend.server import RunningBackend
    from goldleaf.label_configs.kind import Kind
    from goldleaf.studio.backend_link import Link
    from goldleaf.studio.embedded_label_studio import EmbeddedStudio
    from goldleaf.studio.local_backend import KnownBackend


@dataclass(frozen=True)
class LocalStack:
    """A Label Studio and a backend that run on this machine."""

    studio: EmbeddedStudio
    backend: RunningBackend
    known: KnownBackend

    def attach(self, project: int) -> Link:
        """Link the backend to a project, and prove it with a draft and a delivered event.

        Raises:
            GoldleafError: it cannot be linked; as `connect_backend`.
        """
        from goldleaf.studio.backend_link import connect_known

        return connect_known(self.studio.studio, project, self.known)

    def moved(self) -> list[int]:
        """Return the ids of projects that are still linked to an earlier address of the backend.

        `attach` links one anew.
        """
        from goldleaf.studio.backend_link import linked_elsewhere
        from goldleaf.studio.projects import list_projects

        studio = self.studio.studio
        numbers = [int(project["id"]) for project in list_projects(studio)]
        return [number for number in numbers if linked_elsewhere(studio, number, self.known)]

    def wait(self) -> None:
        """Wait for Ctrl-C (KeyboardInterrupt), or for Label Studio to end.

        Raises:
            GoldleafError: Label Studio ended by itself.
        """
        self.studio.wait_end()

    def project_of(self, kind_name: str, lang: str) -> int:
        """Return the number of the project we made for a kind, in whichever language, or make it.

        Ours is one of that kind with the kind's own title; `lang` is the language of a new one.
        """
        from goldleaf.label_configs.registry import kind_named

        kind = kind_named(kind_name)
        return self._project_titled(kind, {each: kind.title(each) for each in LANGUAGES}, lang)

    def sample_project_of(self, kind_name: str, lang: str) -> int:
        """Return the number of the project for a kind's sample tasks, or make it.

        They have one of their own, so that they are in no queue and in no export of answers.
        """
        from goldleaf.label_configs.registry import kind_named

        kind = kind_named(kind_name)
        return self._project_titled(kind, sample_titles(kind), lang)

    def _project_titled(self, kind: Kind, titles: dict[str, str], lang: str) -> int:
        from goldleaf.core.errors import BadRow
        from goldleaf.label_configs.registry import recognise
        from goldleaf.studio.projects import create_project, list_projects

        studio = self.studio.studio
        for project in list_projects(studio):
            with suppress(BadRow):  # a labeling config that was broken is not the one we look for
                ours = recognise(project["label_config"]) is kind
                if ours and project["title"] in titles.values():
                    return int(project["id"])
        return create_project(studio, kind, title=titles[lang], lang=lang)

    def import_samples(self, kind: Kind, project: int, folder: Path) -> int:
        """Import a kind's sample rows the way a user's own file goes in; return how many.

        Those that were there already are counted, too.

        They are written to `folder`, so that the records' provenance names a file that is there.
        """
        from goldleaf.sources.read_file import read_file
        from goldleaf.studio.task_import import import_tasks

        lines = [json.dumps(row, ensure_ascii=False) for row in kind.sample_tasks()]
        file = folder / f"{kind.name}.jsonl"
        write_atomically(file, ("\n".join(lines) + "\n").encode())
        intake = read_file(file, "feedback", licence="Apache-2.0", consent="written for goldleaf")
        tasks: list[dict[str, Any]] = []
        for reading in intake:
            if reading.reason:
                raise GoldleafError(f"A sample row is bad: {reading.reason}", where=reading.key)
            tasks += [kind.codec.to_task(record) for record in reading.records]
        outcome = import_tasks(self.studio.studio, project, tasks)
        return outcome.created + outcome.already_there


def sample_titles(kind: Kind) -> dict[str, str]:
    """Return what the project of a kind's samples is called in each language.

    A kind's title that would make it longer than Label Studio allows is cut.
    """
    from goldleaf.studio.projects import LONGEST_TITLE

    found = {}
    for lang in LANGUAGES:
        words, title = Translations(lang), kind.title(lang)
        beyond = len(words("up.samples", title=title)) - LONGEST_TITLE
        short = f"{title[: -beyond - 1].rstrip()}…" if beyond > 0 else title
        found[lang] = words("up.samples", title=short)
    return found


@contextmanager
def running(
    data: DataDir,
    *,
    port: int | None = None,
    backend_port: int | None = None,
    poll_interval: float | None = None,
    predictor: str | Predictor = "auto",
    waiting: Callable[[], AbstractContextManager[Callable[[float], None] | None]] = nullcontext,
) -> Generator[LocalStack]:
    """Start Label Studio and the backend, and end both however the block ends.

    The backend keeps its port and its password from run to run, because the links that Label
    Studio stores name them.

    Args:
        data: the data directory.
        port: Label Studio's port; the one of the last time, or a free one, by default.
        backend_port: the backend's port; likewise.
        poll_interval: that of the settings, in seconds.
        predictor: who drafts, or its name as for `open_predictor`.
        waiting: entered while Label Studio starts; what it yields is called with seconds.

    Raises:
        UsageError: Label Studio is not installed, a port that was named is taken, or the data
            directory is in use.
        GoldleafError: Label Studio ended or never answered.
    """
    from goldleaf.backend.credentials import Credentials
    from goldleaf.backend.server import RunningBackend
    from goldleaf.backend.training.retraining_schedule import RetrainingSchedule
    from goldleaf.studio.client import Studio
    from goldleaf.studio.embedded_label_studio import EmbeddedStudio
    from goldleaf.studio.local_backend import KnownBackend, instance_of, keep_backend
    from goldleaf.studio.ports import is_free, port_taken
    from goldleaf.workflows.team import team

    if backend_port and (backend_port == port or not is_free(backend_port)):
        raise port_taken(backend_port, "--backend-port")
    data.create()
    kept = data.secret("backend")
    wanted = backend_port or kept.get("port") or 0
    # Neither listens yet when the other one's port is chosen.
    studio = EmbeddedStudio(data, port=port, not_port=wanted)

    def served(port: int) -> RunningBackend:
        """Start the backend; it learns from Label Studio as soon as that is there."""
        return RunningBackend(
            data.events,
            port=port,
            predictor=predictor,
            credentials=credentials,
            models=data.models,
            instance=instance_of(data),
            studio=lambda: Studio(studio.url, studio.token),
            schedule=RetrainingSchedule(look=poll_interval) if poll_interval else None,
            team_page=team_page,
        ).start()

    def team_page(lang: str) -> str:
        """Make the lead's page; Label Studio is there when somebody asks for it, or an error."""
        settings = Settings(data_dir=data.path)
        with Studio(studio.url, studio.token) as opened:
            return team(settings=settings, studio=opened).page(lang)

    credentials = Credentials(
        kept.get("user") or "goldleaf",
        kept.get("password") or secrets.token_urlsafe(24),
        kept.get("webhook_secret") or secrets.token_urlsafe(24),
    )
    try:
        # Label Studio takes the longest, and the backend loads what it drafts with meanwhile.
        studio.launch()
        try:
            backend = served(0 if wanted == studio.port else wanted)
        except UsageError:
            if backend_port:
                raise
            backend = served(0)
        try:
            data.keep_secret(
                "backend",
                {
                    "user": credentials.user,
                    "password": credentials.password,
                    "webhook_secret": credentials.webhook_secret,
                    "port": backend.port,
                },
            )
            known = keep_backend(
                data,
                KnownBackend(
                    backend.url, credentials.user, credentials.password, credentials.webhook_secret
                ),
            )
            try:
                with waiting() as step:
                    studio.start(step)
                yield LocalStack(studio, backend, known)
            finally:
                backend.stop_learning()
                studio.stop()
        finally:
            backend.stop()
    finally:
        studio.stop()
