"""Convert a Label Studio task with its annotations into input results, one for each annotation.

Nothing here trusts Label Studio's own `origin`: it says `manual` for pre-filled text left untouched
and `prediction` for drafts that were overruled. What was shown is compared with what came back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

from goldleaf.core.errors import BadRow
from goldleaf.core.input_results import InputResult
from goldleaf.core.json_values import is_object, list_or_empty, object_or_empty, objects_in
from goldleaf.core.record_hash import group_id
from goldleaf.core.records import DraftOutcome, Origin, Provenance, Record
from goldleaf.core.records_jsonl import from_plain
from goldleaf.core.text_comparison import same_text
from goldleaf.label_configs.adjudication import adjudicates, taken
from goldleaf.label_configs.adjudication_screen import CONTROL, OWN
from goldleaf.label_configs.answered_curation import with_what_holds
from goldleaf.label_configs.control_values import ControlValue, control_values
from goldleaf.label_configs.display_check import imported_record
from goldleaf.label_configs.kind import Kind, short_hash
from goldleaf.label_configs.regions import Values, to_values
from goldleaf.label_configs.registry import kinds
from goldleaf.label_configs.screen import Screen, parse


@dataclass(frozen=True, slots=True)
class AnnotationControls:
    """What an annotation says: of which kind, by whom, over whose draft, control by control.

    `kind` has its version; `annotator` is the pseudonym; `drafted_by` is "" where no prediction was
    shown.
    """

    kind: str
    annotator: str
    drafted_by: str
    values: tuple[ControlValue, ...]


class AnswerReader(Protocol):
    """Who knows what the answers of a project mean."""

    def records(self, task: Mapping[str, Any], annotation: Mapping[str, Any]) -> tuple[Record, ...]:
        """Return the records of one annotation that was neither skipped nor left empty.

        Raises:
            BadRow: with the reason why it has none.
        """
        ...

    def group(self, task: Mapping[str, Any]) -> str:
        """Return the `group_id` of the prompt that a task shows, "" where there is none."""
        ...

    def controls(
        self, task: Mapping[str, Any], annotation: Mapping[str, Any]
    ) -> AnnotationControls:
        """Return what such an annotation says control by control.

        Raises:
            BadRow: its result cannot be read.
        """
        ...


def plain_annotator(completed_by: Any) -> str:
    """Return `person:` and the number of an account, `unknown` for none."""
    return "unknown" if completed_by is None else f"person:{completed_by}"


def unknown_refusal(answer: str) -> bool:
    """Return False: nobody here can tell whether an answer refuses."""
    return False


@dataclass(frozen=True)
class AnsweredProject:
    """What must be known of a project to read its answers.

    `annotator` turns Label Studio's `completed_by` into a pseudonym (without it: `person:` and the
    account's number); `config` and `guide` are those the project has now. `refuses` says whether an
    answer that replaced a refusal is one, too, and keeps its tags.
    """

    kind: Kind
    config: str
    guide: str = ""
    annotator: Callable[[Any], str] = plain_annotator
    refuses: Callable[[str], bool] = unknown_refusal

    @classmethod
    def of_task(
        cls,
        task: Mapping[str, Any],
        annotator: Callable[[Any], str] = plain_annotator,
        refuses: Callable[[str], bool] = unknown_refusal,
    ) -> AnsweredProject:
        """Return the project of a task in an export file, which holds no config: from its data.

        The config is the one that the kind ships in English, so choices that a project added are
        unknown.

        Raises:
            BadRow: `bad_task`, the task was not imported by goldleaf.
        """
        ours = object_or_empty(object_or_empty(task.get("data")).get("goldleaf"))
        kind = kinds().get(str(ours.get("kind", "")).partition("/")[0])
        if kind is None:
            raise BadRow("bad_task", "this task was not imported by goldleaf")
        return cls(kind, kind.english_config, annotator=annotator, refuses=refuses)

    def records(self, task: Mapping[str, Any], annotation: Mapping[str, Any]) -> tuple[Record, ...]:
        """Return the records of an annotation, as the kind's codec makes them.

        Of a curation's verdicts they have those that an answer does not settle, of its tags and
        signals those of texts that nobody rewrote (`goldleaf.label_configs.answered_curation`).

        Raises:
            BadRow: with the reason why it has none.
        """
        settles = adjudicates(task)
        if settles:
            task, annotation = taken(task, annotation)
        data = object_or_empty(task.get("data"))
        screen, values, draft, drafted_by = self._read(task, annotation)
        state = answer_state(task, annotation)
        provenance = replace(
            state,
            annotator=self.annotator(annotation.get("completed_by")),
            kind=self.kind.id,
            config_hash=short_hash(self.config),
            guide_hash=short_hash(self.guide) if self.guide else "",
            drafted_by=drafted_by,
            origin=_origin(draft, values, screen),
            adjudicates=settles or state.adjudicates,
            draft_outcome="" if settles else _outcome(draft, values, screen),
        )
        began = self.kind.parse_annotation(draft, data) if draft else None
        answer = self.kind.parse_annotation(values, data)
        made = self.kind.codec.to_records(data, answer, provenance, began)
        return with_what_holds(made, lambda: imported_record(data), self.refuses)

    def group(self, task: Mapping[str, Any]) -> str:
        """Return the hash of the prompt that a task shows, "" where the task is not ours."""
        return _group_of_record(task)

    def controls(
        self, task: Mapping[str, Any], annotation: Mapping[str, Any]
    ) -> AnnotationControls:
        """Return what an annotation says control by control, a skipped one too.

        Raises:
            BadRow: its result cannot be read.
        """
        settles = bool(adjudicates(task) and annotation.get("result"))
        if settles:
            task, annotation = taken(task, annotation)
        data = object_or_empty(task.get("data"))
        screen, values, draft, drafted_by = self._read(task, annotation)
        if settles:  # what was taken is shown, as an own answer is
            values = {**values, CONTROL: (OWN,)}
        said = control_values(self.kind.controls, screen, values, draft, data)
        annotator = self.annotator(annotation.get("completed_by"))
        said = tuple(each for each in said if each.control != CONTROL)
        return AnnotationControls(self.kind.id, annotator, drafted_by, said)

    def _read(
        self, task: Mapping[str, Any], annotation: Mapping[str, Any]
    ) -> tuple[Screen, Values, Values | None, str]:
        """Return the screen, what an annotation says on it, and its draft with who drafted it."""
        screen = self.kind.with_retired(parse(self.config))

        def read(result: Any) -> Values:
            return to_values(result, screen)

        values = read(annotation.get("result"))
        return screen, values, *draft_of(task, annotation, read)


def read_task(
    task: Mapping[str, Any],
    project: AnswerReader | None = None,
    *,
    annotator: Callable[[Any], str] = plain_annotator,
    key: str = "",
) -> Iterator[InputResult]:
    """Yield one input result for each annotation of a task, and one for each unsubmitted draft.

    Annotations are ordered by id, as text. What cannot be read is a result with a reason, never an
    error; skipped tasks (`cancelled`), empty annotations (`empty_result`) and drafts (`draft`) are
    too. A task whose list of annotations is empty yields nothing, one without that list `bad_task`.

    Args:
        task: a task of the tasks API (`fields=all`) or of a JSON export.
        project: the project it belongs to; read from the task's own data when not given.
        annotator: for a task without a project, what turns `completed_by` into a pseudonym.
        key: the task's place in its file, which names it where its own numbers do not.
    """
    numbered = all(isinstance(task.get(name), int) for name in ("project", "id"))
    place = f"project:{_word(task.get('project', '?'))}/task:{_word(task.get('id', '?'))}"
    place = f"{place} ({key})" if key and not numbered else place
    annotations: object = task.get("annotations")
    if not isinstance(annotations, list) or not all(
        map(is_object, list_or_empty(task["annotations"]))
    ):
        yield InputResult(
            place, reason="bad_task", detail="its annotations are not a list of objects"
        )
    for annotation in sorted(objects_in(task.get("annotations")), key=lambda a: str(a.get("id"))):
        name = f"{_word(annotation.get('id'))}@{_word(annotation.get('updated_at', ''))}"
        key = f"{place}/annotation:{name}"
        known = project
        try:
            known = project or AnsweredProject.of_task(task, annotator)
            yield InputResult(key, _records(task, annotation, known))
        except BadRow as bad:
            yield InputResult(
                key,
                reason=bad.reason,
                detail=bad.detail,
                parent=answer_state(task, annotation),
                group=known.group(task) if known else _group_of_record(task),
            )
    for draft in objects_in(task.get("drafts")):
        if not draft.get("annotation"):
            name = f"{_word(draft.get('id'))}@{_word(draft.get('updated_at', ''))}"
            key = f"{place}/draft:{name}"
            yield InputResult(key, reason="draft", detail="saved but never submitted")


def _word(value: object) -> str:
    """Return a number or a date as part of a key: printable, and as short as such a thing is."""
    text = str(value)
    return text if text.isprintable() and len(text) <= 64 else ascii(text[:64])[1:-1]


def _number(value: object) -> int | None:
    """Return a number as Label Studio's database has it; anything else as None."""
    return value if type(value) is int and 0 <= value < 2**63 else None


def answer_state(task: Mapping[str, Any], annotation: Mapping[str, Any]) -> Provenance:
    """Return which state of which annotation of which task this is.

    One that is marked as ground truth in Label Studio settles its task (`adjudicates`).
    """
    project, number = _number(task.get("project")), _number(task.get("id"))
    settles = annotation.get("ground_truth") is True and None not in (project, number)
    return Provenance(
        project=project,
        task=number,
        annotation=_number(annotation.get("id")),
        updated_at=_word(annotation.get("updated_at") or ""),
        adjudicates=f"{project}/{number}" if settles else "",
    )


def _group_of_record(task: Mapping[str, Any]) -> str:
    ours = object_or_empty(object_or_empty(task.get("data")).get("goldleaf"))
    try:
        return group_id(from_plain(ours.get("record")))
    except (BadRow, TypeError, ValueError):  # not ours, or a text that no hash can be made of
        return ""


def _records(
    task: Mapping[str, Any], annotation: Mapping[str, Any], reader: AnswerReader
) -> tuple[Record, ...]:
    if annotation.get("was_cancelled"):
        raise BadRow("cancelled", "the annotator skipped this task")
    if not annotation.get("result"):
        raise BadRow("empty_result", "the annotation says nothing")
    made = reader.records(task, annotation)
    if not made:
        raise BadRow("nothing_said", "the answer holds nothing to learn from")
    return made


Read = TypeVar("Read", bound=Mapping[str, Any])


def draft_of(
    task: Mapping[str, Any], annotation: Mapping[str, Any], read: Callable[[Any], Read]
) -> tuple[Read | None, str]:
    """Return the draft an answer began from, and who drafted it.

    An empty one where there was none, None where it is known by number only or no longer fits the
    screen.

    Args:
        task: with its predictions.
        annotation: it names its prediction, or holds it.
        read: reads the `result` of a prediction; BadRow where it does not fit.
    """
    parent = annotation.get("parent_prediction")
    if parent is None:
        return read([]), ""
    found = [p for p in objects_in(task.get("predictions")) if p.get("id") == parent]
    found += [p for p in [object_or_empty(annotation.get("prediction"))] if p.get("result")]
    if not found:
        return None, ""
    drafted_by = str(found[0].get("model_version") or "")
    try:
        return read(found[0].get("result") or []), drafted_by
    except BadRow:
        return None, drafted_by


def _origin(draft: Values | None, values: Values, screen: Screen) -> Origin:
    """Compare what the controls say with the draft they began from."""
    if draft is None:
        return "unknown"
    return "edited" if changed_controls(draft, values, screen) else "accepted" if draft else "human"


def _outcome(draft: Values | None, values: Values, screen: Screen) -> DraftOutcome:
    """Return what became of a draft; "" where there was none, or it cannot be read."""
    if not draft:
        return ""
    changed = changed_controls(draft, values, screen)
    if not changed:
        return "accepted"
    texts = (screen.control(name) for name in changed)
    return "edited" if any(each and each.type == "textarea" for each in texts) else "overruled"


def changed_controls(draft: Values, values: Values, screen: Screen) -> list[str]:
    """Return the controls of a draft that an answer left otherwise than drafted.

    Choices in any order are the same, texts as `core.text_comparison.same_text` says.
    """
    return [
        name
        for name, drafted in draft.items()
        if (control := screen.control(name))
        and not _equal(drafted, values.get(name, ()), control.type)
    ]


def _equal(one: Sequence[str], other: Sequence[str], control: str) -> bool:
    if control == "choices":
        return set(one) == set(other)
    return len(one) == len(other) and all(same_text(a, b) for a, b in zip(one, other, strict=True))
