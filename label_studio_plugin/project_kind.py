"""Which kind a project of Label Studio is of, and in which language its screen is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from goldleaf.core.errors import BadRow
from goldleaf.label_configs.kind import Kind
from goldleaf.label_configs.registry import recognise

_NOT_SHOWN = re.compile(r"<Style>.*?</Style>|<!--.*?-->", re.DOTALL)
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Screen:
    """What a labeling config of ours is: the kind, and `en` or `zh`."""

    kind: Kind
    lang: str


@lru_cache(maxsize=64)
def screen_of(config: str) -> Screen | None:
    """Return what a labeling config is of; None for one that is none of ours, or no XML.

    Every save of a project asks this, mostly about the same configs.
    """
    try:
        kind = recognise(config) if config else None
    except BadRow:
        return None
    chinese = _CHINESE.search(_NOT_SHOWN.sub("", config))
    return Screen(kind, "zh" if chinese else "en") if kind else None
