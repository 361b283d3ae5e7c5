"""The shipped readings of Label Studio's own templates, and which of them a project has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, cast

import yaml
from pydantic import ValidationError

from goldleaf.adoption.config import ConfigTag, ProjectConfig, parse_config
from goldleaf.adoption.names import problems_of
from goldleaf.adoption.reading import Reading, YamlLoader
from goldleaf.core.errors import BadRow, GoldleafError
from goldleaf.core.plugins import load_entry_points, register

ENTRY_POINTS = "goldleaf.readings"
"""Another package offers a template here: a module whose `TEMPLATE` is the YAML of such a file."""
VERSION = 1
"""Raised when a shipped reading gives an answer another meaning than before."""


@dataclass(frozen=True, slots=True)
class Template:
    """A template of Label Studio, or of its ML backends: how it is recognised, how it is read.

    Attributes:
        name: that of its file.
        title: what it is called, by language.
        controls: the controls that it is recognised by, with their tags.
        objects: its objects, and the task field that each shows: used where no config is known.
        alone: a project with further controls is not of this template.
        reading: what its answers mean.
        id: name and version, as stored with every answer: `label_studio_human_preference/1`.
    """

    name: str
    title: Mapping[str, str]
    controls: Mapping[str, str]
    objects: Mapping[str, str]
    alone: bool
    reading: Reading
    id: str = ""

    def fits(self, config: ProjectConfig) -> bool:
        """Return whether a config has all its controls and objects; further ones do no harm."""
        given = {tag.name: tag.tag for tag in config.controls}
        if self.alone and set(given) != set(self.controls):
            return False
        if not set(self.objects) <= set(config.tags):
            return False
        return self.controls.items() <= given.items() and not problems_of(self.reading, config)


@cache
def templates() -> dict[str, Template]:
    """Return every template by name: the shipped ones, then those of other packages.

    Raises:
        GoldleafError: two have one name, or another package's cannot be loaded.
    """
    found: dict[str, Template] = {}
    folder = files("goldleaf.adoption").joinpath("templates")
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".yaml"):
            name = file.name.removesuffix(".yaml")
            text, known_as = file.read_text("utf-8"), f"label_studio_{name}/{VERSION}"
            register(found, name, _template(name, text, known_as), file.name)
    for point, module in load_entry_points(ENTRY_POINTS, "TEMPLATE"):
        known_as = f"{point.name}/{getattr(module, 'VERSION', 1)}"
        unit = _template(point.name, str(module.TEMPLATE), known_as)
        register(found, point.name, unit, point.value)
    return found


def _template(name: str, text: str, known_as: str) -> Template:
    """Return a template from its YAML; what is wrong with it is an error that names it."""
    try:
        plain = cast("dict[str, Any]", yaml.load(text, Loader=YamlLoader))
        reading = Reading.model_validate(plain["reading"])
        return Template(
            name,
            plain["title"],
            plain["controls"],
            plain.get("objects", {}),
            plain.get("alone", False),
            reading,
            known_as,
        )
    except (yaml.YAMLError, ValidationError, KeyError, TypeError) as error:
        raise GoldleafError(
            f"The template {name!r} cannot be read: {error}",
            where=f"entry point {ENTRY_POINTS}",
            fix="update or uninstall its package",
        ) from error


def recognise_template(config: str) -> Template | None:
    """Return the template of a labeling config, the one with most controls; None for none.

    Raises:
        BadRow: the config is no readable XML.
    """
    parsed = parse_config(config)
    return _largest(template for template in templates().values() if template.fits(parsed))


def recognised(config: str) -> Template | None:
    """Return the template of a labeling config; None also where it cannot be read."""
    try:
        return recognise_template(config)
    except BadRow:
        return None


def recognise_observed(observed: ProjectConfig, fields: Iterable[str]) -> Template | None:
    """Return the template of a file of answers, by the controls used and the fields of its tasks.

    A control that nobody set is not in the file: one of the template's is enough, if no control
    there is of another template, and every field that its objects show is there.
    """
    known = set(fields)
    fitting = [
        template
        for template in templates().values()
        if {field.removeprefix("$") for field in template.objects.values()} <= known
        and _observed_fit(template, observed)
    ]
    most = max((len(_shared(each, observed)) for each in fitting), default=0)
    best = [each for each in fitting if len(_shared(each, observed)) == most]
    return min(best, key=lambda each: len(each.controls)) if best else None


def recognise_min(keys: Iterable[str]) -> Template | None:
    """Return the template of a JSON-MIN file, by the names of its columns alone.

    A template whose control is called like a field of its task cannot be told there.
    """
    known = set(keys)
    fitting: list[tuple[int, Template]] = []
    for template in templates().values():
        fields = {field.removeprefix("$") for field in template.objects.values()}
        shared = known & set(template.controls)
        if fields and fields <= known and shared and fields.isdisjoint(template.controls):
            fitting.append((len(shared) + len(fields), template))
    most = max((count for count, _ in fitting), default=0)
    best = [template for count, template in fitting if count == most]
    return best[0] if len(best) == 1 else None


def with_objects(template: Template, observed: ProjectConfig) -> ProjectConfig:
    """Return what a file shows of its config, with the template's objects and controls."""
    objects = {
        name: ConfigTag(name, "Text", shows=field) for name, field in template.objects.items()
    }
    controls = {
        name: ConfigTag(name, tag, to_names=("?",), open_choices=True)
        for name, tag in template.controls.items()
    }
    return ProjectConfig({**objects, **controls, **observed.tags})


def _shared(template: Template, observed: ProjectConfig) -> set[str]:
    return {
        name
        for name, tag in template.controls.items()
        if (seen := observed.tags.get(name)) and seen.tag == tag
    }


def _observed_fit(template: Template, observed: ProjectConfig) -> bool:
    shared = _shared(template, observed)
    clash = any(
        (seen := observed.tags.get(name)) is not None and seen.tag != tag
        for name, tag in template.controls.items()
    )
    deciding = {template.reading.choice, template.reading.rank, template.reading.edited}
    deciding |= {template.reading.verdict, template.reading.turns, *template.reading.faults}
    if template.alone and set(observed.tags) != set(template.controls):
        return False
    return not clash and bool(shared & deciding)


def _largest(fitting: Iterable[Template]) -> Template | None:
    return max(fitting, key=lambda each: len(each.controls), default=None)
