"""Loading what drafts need, before the port is open.

The loop that answers `/health` and takes webhooks makes short drafts, too. The first one loaded two
hundred modules there, 0.3 s of computing and several on a busy machine, and Label Studio gives up
after one: so it was after each start, and for each process that replaced a killed one.
"""

from __future__ import annotations

from goldleaf.backend.config_cache import kind_and_screen
from goldleaf.backend.predictions import draft_predictions
from goldleaf.backend.predictors import rules
from goldleaf.backend.predictors.predictor import Predictor
from goldleaf.label_configs.registry import kinds


def load_for_drafts(predictor: Predictor) -> None:
    """Load what a predictor that is `QUICK` needs for its first draft; for another one, nothing.

    Once a process; those that are forked later have it, too.
    """
    if not getattr(predictor, "QUICK", False):
        return
    for kind in kinds().values():
        _, screen = kind_and_screen(kind.config())
        draft_predictions(kind, screen, [{"data": {}}], rules)
