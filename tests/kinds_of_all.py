"""Every kind there is, and one of another package: what the laws of kinds are tested on."""

import sys
from importlib import import_module
from pathlib import Path

from goldleaf.label_configs.registry import kind_of, kinds

FOREIGN = Path(__file__).parent / "label_configs" / "foreign_kind"
"""A package of its own, as others would write it."""

sys.path.append(str(FOREIGN))
ALL_KINDS = {**kinds(), "turn_review": kind_of("turn_review", import_module("turn_review"))}
