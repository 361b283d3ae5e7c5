"""Every kind there is, one of another package, and a new one: what the laws are tested on."""

import atexit
import shutil
import sys
import tempfile
from importlib import import_module
from pathlib import Path

from goldleaf.label_configs.registry import kind_of, kinds
from goldleaf.workflows.new_kind import write_kind

FOREIGN = Path(__file__).parent / "label_configs" / "foreign_kind"
"""A package of its own, as others would write it."""
_FOLDER = Path(tempfile.mkdtemp())
atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)
NEW = write_kind("newly_written", _FOLDER / "package").package
"""What `goldleaf kinds new newly_written --dir package` writes."""

sys.path += [str(FOREIGN), str(NEW)]
OTHERS = ("turn_review", "newly_written")
ALL_KINDS = {**kinds(), **{name: kind_of(name, import_module(name)) for name in OTHERS}}
