"""The models that the backend learned: kept versions, which is served, back to an earlier one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from goldleaf.core.errors import UsageError
from goldleaf.core.notebook import Section, Shown
from goldleaf.core.settings import Settings, load
from goldleaf.workflows.label_studio_connection import open_studio

if TYPE_CHECKING:
    from goldleaf.backend.draft_scores import DraftScores
    from goldleaf.core.translations import Translations


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedVersion:
    """A version of a project's model.

    Attributes:
        project: the project's number in Label Studio.
        key: `<id>.<created>`, the name of its folder.
        version: as in the version of the drafts, after the `+`.
        served: whether drafts are of this one.
        learned_from: how many answers.
        controls: control -> choice -> how it did on unseen rows: `rows`, `judged`, and of these
            shown `of`, `right`.
    """

    project: int
    key: str
    version: str
    served: bool
    learned_from: int
    controls: Mapping[str, Mapping[str, Mapping[str, Any]]]


def list_models(
    project: int | None = None, *, settings: Settings | None = None
) -> list[LearnedVersion]:
    """Return the kept versions of all projects, or of one, the oldest first.

    Raises:
        UsageError: nothing was learned yet, in that project or in any.
    """
    from goldleaf.backend.training.model_store import ModelStore

    settings = settings or load()
    store = ModelStore(settings.state.models)
    keys = [place.name for place in store.folder.glob("*.*") if place.is_dir()]
    found: list[LearnedVersion] = []
    for key in sorted(keys, key=lambda each: tuple(map(int, each.split(".")))):
        number = int(key.partition(".")[0])
        if project is not None and number != project:
            continue
        found += [
            LearnedVersion(
                project=number,
                key=key,
                version=each.version,
                served=each.served,
                learned_from=int(each.header["count"]),
                controls=_controls(each.header),
            )
            for each in store.versions(key)
        ]
    if not found:
        fix = "answer 25 tasks with the backend running (goldleaf up or goldleaf serve)"
        if project is None:
            raise UsageError("No model was learned yet.", where=str(store.folder), fix=fix)
        what = f"No model was learned from project {project} yet."
        raise UsageError(what, where=str(store.folder), fix=fix)
    return found


def show_model(
    project: int, version: str = "", *, settings: Settings | None = None
) -> LearnedVersion:
    """Return one version of a project's model, by default the served one.

    Raises:
        UsageError: nothing was learned yet, or there is no such version.
    """
    found = list_models(project, settings=settings)
    chosen = [each for each in found if (each.version == version if version else each.served)]
    if not chosen:
        names = ", ".join(each.version for each in found)
        raise UsageError(
            f"There is no version {version} of this model; kept are: {names}.",
            fix="run goldleaf model list",
        )
    return chosen[-1]


def roll_back(project: int, version: str = "", *, settings: Settings | None = None) -> str:
    """Serve an earlier version of a project's model again and return which.

    A running backend takes it with its next request; Label Studio's stored drafts of the version
    left stay, and are replaced as tasks are opened.

    Raises:
        UsageError: nothing was learned yet, no such version, or none before the served one.
    """
    from goldleaf.backend.training.model_store import ModelStore

    settings = settings or load()
    key = list_models(project, settings=settings)[-1].key
    return ModelStore(settings.state.models).roll_back(key, version)


def _controls(header: Mapping[str, Any]) -> dict[str, dict[str, Mapping[str, Any]]]:
    found: dict[str, dict[str, Mapping[str, Any]]] = {}
    for head in header["heads"]:
        found.setdefault(head["control"], {}).update(head["figures"])
    return found


@dataclass(frozen=True, slots=True)
class DraftReport(Shown):
    """What became of a project's drafts.

    Attributes:
        title: of the project.
        scores: counts by control and model version, seconds, and the calibration curves.
    """

    title: str
    scores: DraftScores

    def plain(self) -> dict[str, Any]:
        """Return it as `--json` prints it."""
        return self.scores.plain()

    def page(self, lang: str = "en") -> str:
        """Return it as a page of HTML, without scripts or network access."""
        from goldleaf.backend.draft_report.draft_page import draft_page

        return draft_page(self.scores, self.title, lang)

    def sections(self, words: Translations) -> Iterator[Section]:
        """Return it as sections of text, for a terminal or notebook."""
        from goldleaf.backend.draft_report.draft_page import draft_sections

        return draft_sections(self.scores, words)


def report_drafts(project: int, *, settings: Settings | None = None) -> DraftReport:
    """Return what became of a project's drafts, from its submitted annotations.

    Raises:
        UsageError: there is no such project, goldleaf does not know its screen, or it has no
            annotations yet.
    """
    from goldleaf.backend.draft_scores import draft_scores
    from goldleaf.label_configs.screen import parse
    from goldleaf.studio.annotation_stream import stream_tasks
    from goldleaf.studio.projects import get_project, project_kind

    with open_studio(settings or load()) as studio:
        described = get_project(studio, project)
        kind = project_kind(studio, project, described)
        tasks = stream_tasks(studio, project, only_submitted=True)
        found = draft_scores(tasks, kind, parse(described["label_config"]))
    if not found.answers + found.unreadable:
        raise UsageError(
            f"Project {project} has no annotations yet.", fix="answer some of its tasks first"
        )
    return DraftReport(described["title"] or "", found)
