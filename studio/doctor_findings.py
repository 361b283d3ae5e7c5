"""One finding of `goldleaf doctor`, worded in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass

from goldleaf.core.error_translation import translate_error
from goldleaf.core.errors import GoldleafError
from goldleaf.core.translations import Translations


@dataclass(frozen=True, slots=True)
class Check:
    """One finding.

    Attributes:
        name: what was looked at, the same in every run and language.
        ok: whether it is as it should be.
        found: what is there.
        fix: what to do, empty where all is well.
        project: which project it is about; None where it is about Label Studio.
    """

    name: str
    ok: bool
    found: str
    fix: str = ""
    project: int | None = None


@dataclass(frozen=True, slots=True)
class Finder:
    """Makes findings of texts in `locales/`, section `doctor`.

    `found` and `fix` of its methods are keys of that section, `values` fill their placeholders.

    Args:
        words: the language.
        attach: the command that links the project's backend anew; fixes may name it.
        project: which project is looked at.
    """

    words: Translations
    attach: str = ""
    project: int | None = None

    def good(self, name: str, found: str, **values: object) -> Check:
        """Return a finding that all is well with `name`; `found` is the key of its text."""
        return Check(name, True, self.words(f"doctor.{found}", **values), project=self.project)

    def bad(self, name: str, found: str, fix: str, text: str = "", **values: object) -> Check:
        """Return a fault of `name`: what was found and its fix, by the keys of their texts.

        `text` is what was found where that needs no wording, and goes before `found`.
        """
        values = {"attach": self.attach, "project": self.project, **values}
        what = text or self.words(f"doctor.{found}", **values)
        return Check(name, False, what, self.words(f"doctor.{fix}", **values), self.project)

    def none(self, name: str, wrong: list[str], fix: str = "attach_fix") -> Check:
        """Return a good finding on `name` if `wrong` is empty, else a fault that lists it."""
        if wrong:
            return self.bad(name, "", fix, ", ".join(wrong))
        return self.good(name, "none")

    def failed(self, name: str, error: GoldleafError) -> Check:
        """Return an error as a fault of `name`, with its fix, in the language of the findings."""
        lang = self.words.lang
        what, fix = translate_error(error.what, lang), translate_error(error.fix, lang)
        return Check(name, False, what, fix, self.project)
