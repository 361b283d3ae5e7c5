"""A kind: one folder with a screen (`config.xml`, guide) and its meaning (`codec.py`).

Its files: `config.xml` and `guide.md` (and `.zh`), `sample_tasks.json`, `codec.py` (`Codec`), and,
for the demo, `demo_answers.py` (`DemoAnswers`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from importlib import import_module
from importlib.resources import files
from importlib.resources.abc import Traversable
from importlib.util import find_spec
from types import MappingProxyType, ModuleType, UnionType
from typing import Any, Protocol, cast

from goldleaf.core.records import Provenance, Record
from goldleaf.core.translations import Translations
from goldleaf.label_configs.answers import parse_annotation, to_annotation
from goldleaf.label_configs.choice_lists import with_choices
from goldleaf.label_configs.control_types import DeclaredControl, controls
from goldleaf.label_configs.demo_script import DemoAnswers
from goldleaf.label_configs.regions import Values
from goldleaf.label_configs.safe_html import tag_titles
from goldleaf.label_configs.screen import Control, Screen, parse, pattern_of
from goldleaf.label_configs.shown_provenance import provenance_titles


class Codec(Protocol):
    """What a kind's `codec.py` offers: the class of its answers, and what they mean.

    How an answer is read from the controls of the screen and written into them follows from how the
    fields of `Answer` are declared (`control_types.py`).

    Law: every field of an answer changes what `to_records` returns.
    """

    VERSION: int
    """Raised when a stored answer could mean something else than before."""

    TITLES: Mapping[str, str]
    """What a project of this kind is called, by language."""

    SHOWS: type[Record] | UnionType
    """The records that the screen shows; `to_task` may still refuse one, with a reason."""

    Answer: type[Any]
    """Everything the screen can hold: a frozen dataclass, one field a control."""

    def to_task(self, record: Record) -> dict[str, Any]:
        """Return the task data that the screen shows for a record; BadRow if it does not fit.

        The key `goldleaf` holds the record itself and the kind with its version, for `to_records`.
        The names of `table_columns.TABLE_FIELDS` are taken: no screen may show fields called so.
        """
        ...

    def to_records(
        self, task: Mapping[str, Any], answer: Any, provenance: Provenance, draft: Any = None
    ) -> tuple[Record, ...]:
        """Return what an answer means: one or several records; BadRow with the reason.

        Args:
            task: the task's data, as `to_task` made it; anyone may have edited it since.
            answer: the annotator's `Answer`.
            provenance: of the annotation; the records' parents are made from it.
            draft: the `Answer` that was on the screen before the annotator began, None where
                nothing was drafted.
        """
        ...


@dataclass(frozen=True)
class Kind:
    """One kind of annotation, found by its folder or by an entry point."""

    name: str
    module: ModuleType
    codec: Codec

    @property
    def id(self) -> str:
        """Name and version, as stored with every answer: `preference/1`."""
        return f"{self.name}/{self.codec.VERSION}"

    @property
    def controls(self) -> Mapping[str, DeclaredControl]:
        """The declared controls by name; those of a Repeater are called `name_{{idx}}`."""
        return controls(self.codec.Answer)

    def may_draft(self, control: str) -> bool:
        """Return whether rules and models may draft a control, by its name in an annotation.

        The annotator's own word they may not. A name that the kind does not declare, as a project
        may add one, they may.
        """
        declared = self.controls.get(control) or self.controls.get(pattern_of(control))
        return declared is None or declared.draftable

    @cached_property
    def extensible(self) -> frozenset[str]:
        """The controls whose choices a project may add to or leave out."""
        return frozenset(name for name, each in self.controls.items() if each.extensible)

    @cached_property
    def dispensable(self) -> frozenset[str]:
        """The controls that a screen of this kind may lack: added later, or asked for no longer."""
        controls = self.controls.items()
        return frozenset(name for name, each in controls if each.added or each.retired)

    @cached_property
    def demo_answers(self) -> DemoAnswers | None:
        """The script that answers this kind's sample tasks in the demo, None where it has none."""
        name = f"{self.module.__name__}.demo_answers"
        return cast("DemoAnswers", import_module(name)) if find_spec(name) else None

    def parse_annotation(self, values: Values, task: Mapping[str, Any]) -> Any:
        """Return the `Answer` that the controls hold; `task` is the task's data.

        A control without a value leaves its field empty.

        Raises:
            BadRow: `ambiguous_textarea`, `ambiguous_choice`, `unknown_choice` or `bad_rating`.
        """
        return parse_annotation(self.codec.Answer, values, task)

    def to_annotation(self, answer: Any) -> Values:
        """Return what the controls hold for an answer, whole or (a draft) in part."""
        return to_annotation(answer)

    @property
    def folder(self) -> Traversable:
        """The packaged files of this kind."""
        return files(self.module)

    def config(self, lang: str = "en") -> str:
        """Return the labeling config of one language; controls and aliases are the same in all.

        Filled in are, for `<!-- screen.css -->`, the style that all screens share, with its words
        and the titles of imported tags and sources in that language, and where the folder has one
        its own `screen.css` with its `screen.words.css`; for `<!-- risks.toml -->`, the choices of
        that list in this folder.

        Raises:
            FileNotFoundError: the kind has none in that language.
        """
        room = files("goldleaf.label_configs")
        style = room.joinpath("screen.css").read_text("utf-8")
        words = Translations(lang)
        style += _text(room, "screen.words", lang, "css")
        style += tag_titles(words) + provenance_titles(words)
        if self.folder.joinpath("screen.css").is_file():
            style += self._text("screen", "en", "css") + self._text("screen.words", lang, "css")
        config = with_choices(self._text("config", lang, "xml"), self.folder, lang)
        return config.replace("<!-- screen.css -->", f"<Style>\n{style}  </Style>")

    @cached_property
    def english_config(self) -> str:
        """The English config, made once: an export file asks for it with each task."""
        return self.config()

    def guide(self, lang: str = "en") -> str:
        """Return the annotator's guide in one language, as Markdown.

        `goldleaf.label_configs.safe_html.guide_html` makes it the HTML of Label Studio's
        Instructions.
        """
        return self._text("guide", lang, "md")

    def title(self, lang: str = "en") -> str:
        """Return what a project of this kind is called, in one language."""
        return self.codec.TITLES[lang]

    def sample_tasks(self) -> list[dict[str, Any]]:
        """Return the sample rows: plain rows as a user's file would hold them."""
        return cast(
            "list[dict[str, Any]]",
            json.loads(self.folder.joinpath("sample_tasks.json").read_text("utf-8")),
        )

    @cached_property
    def screen(self) -> Screen:
        """The controls of this kind: those of its English config, and those it has retired."""
        return self.with_retired(parse(self.english_config))

    def with_retired(self, screen: Screen) -> Screen:
        """Return a screen of this kind with the controls that answers of older ones may hold.

        Choices that are offered no longer are added to theirs.
        """
        controls = dict(screen.controls)
        for name, each in self.controls.items():
            if name in controls and each.retired_choices:
                choices = dict.fromkeys((*controls[name].choices, *each.retired_choices))
                controls[name] = replace(controls[name], choices=tuple(choices))
        retired = {
            name: Control(name, "", each.type, each.choices, multiple=each.multiple)
            for name, each in self.controls.items()
            if each.retired and name not in screen.controls
        }
        return replace(screen, controls=MappingProxyType({**controls, **retired}))

    def guide_hash(self, lang: str = "en") -> str:
        """Return the `short_hash` of the guide's Markdown in one language."""
        return short_hash(self.guide(lang))

    def _text(self, stem: str, lang: str, ending: str) -> str:
        return _text(self.folder, stem, lang, ending)


@lru_cache(maxsize=16)  # each annotation names the same config and guide
def short_hash(text: str) -> str:
    """Return 16 hex digits that name a text: of its SHA-256, without white space at its ends.

    Label Studio strips that white space.
    """
    return hashlib.sha256(text.strip().encode()).hexdigest()[:16]


def _text(folder: Traversable, stem: str, lang: str, ending: str) -> str:
    name = f"{stem}.{ending}" if lang == "en" else f"{stem}.{lang}.{ending}"
    return folder.joinpath(name).read_text("utf-8")
