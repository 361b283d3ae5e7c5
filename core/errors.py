"""Errors: what, where, what to do; and the exit codes.

    GoldleafError          1  something failed
    ├── UsageError         2  bad usage, settings or recipe
    ├── RejectedRows       3  rows were rejected under --strict
    │   └── UnreadInput    3  a file could not be read to its end
    ├── NothingUsable      4  no usable input, so nothing was written
    └── StudioUnreachable  5  Label Studio cannot be reached or will not let us in

`BadRow` is no member of the tree: one bad row is counted with its reason and never stops a run.
"""

from __future__ import annotations

from goldleaf.core.error_translation import translate_error, translate_place


class GoldleafError(Exception):
    """A mistake or fault that a person can act on; shown without a traceback.

    Args:
        what: what went wrong, one sentence.
        where: the file, address, row or key it is about.
        fix: what to do about it.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", fix: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.fix = fix

    def __str__(self) -> str:
        return self.shown("en")

    def shown(self, lang: str) -> str:
        """Return the message in `en` or `zh`, with `Where:` and `Fix:` lines where given."""
        lines = [translate_error(self.what, lang)]
        where, fix = ("位置：", "解决办法：") if lang == "zh" else ("Where: ", "Fix: ")
        if self.where:
            lines.append(f"  {where}{translate_place(self.where, lang)}")
        if self.fix:
            lines.append(f"  {fix}{translate_error(self.fix, lang)}")
        return "\n".join(lines)


class UsageError(GoldleafError):
    """Bad usage, a bad setting or a bad recipe."""

    exit_code = 2


class RejectedRows(GoldleafError):
    """Some rows were rejected and `--strict` was asked for."""

    exit_code = 3


class UnreadInput(RejectedRows):
    """The rest of a file could not be read; how many rows it held is unknown."""


class NothingUsable(GoldleafError):
    """Nothing in the input can be used."""

    exit_code = 4


class StudioUnreachable(GoldleafError):
    """Label Studio is down, too old, or refuses our token."""

    exit_code = 5


class BadRow(Exception):
    """One row or answer that cannot be read; `reason` is a stable code, `detail` is for people."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail
