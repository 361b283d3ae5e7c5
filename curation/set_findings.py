"""Screens that see the whole set: run in order, some of them in other processes meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import polars as pl

from goldleaf.core.errors import GoldleafError
from goldleaf.curation.engines.local import Local
from goldleaf.curation.engines.process_pool import ProcessPool
from goldleaf.curation.set_screens.registry import set_screens
from goldleaf.curation.set_screens.set_screen import SetFindings, SetInputs, SetScreen


def set_findings(
    inputs: SetInputs,
    screens: Sequence[str],
    progress: Callable[[str, float], None] = lambda stage, done: None,
    pool: ProcessPool | None = None,
) -> list[SetFindings]:
    """Return what screens find, in the order of their names.

    Those that read other screens' signals come last.

    Args:
        inputs: what they read; the signals are added.
        screens: of records and verdicts (`core/verdicts.toml`): a set screen that decides none of
            them does not run.
        progress: called with a screen's name and how many records it has done.
        pool: calls screens that need no other process (`ALONE`), while the others run here.

    Raises:
        GoldleafError: a screen fails.
    """
    wanted = {
        name: screen
        for name, screen in sorted(set_screens().items())
        if not set(screens).isdisjoint(screen.SCREENS)
    }
    last = [name for name, screen in wanted.items() if getattr(screen, "READS_SIGNALS", False)]
    calls = {
        name: pool.submit(_found, name, replace(inputs, engine=Local(), here=Local()))
        for name, screen in wanted.items()
        if pool is not None and name not in last and getattr(screen, "ALONE", False)
    }
    found: dict[str, SetFindings] = {}
    for name in wanted:
        if name not in calls and name not in last:
            progress(name, 0)
            found[name] = _found(name, replace(inputs, report=partial(progress, name)))
    for name, call in calls.items():
        progress(name, 0)
        found[name] = _found(name, inputs) if call.cancel() else call.result()
    found = dict(sorted(found.items()))
    for name in last:
        progress(name, 0)
        report = partial(progress, name)
        its_inputs = replace(inputs, report=report, signals=signals_of(list(found.values())))
        found[name] = _found(name, its_inputs)
    return list(found.values())


def signals_of(found: Sequence[SetFindings]) -> pl.DataFrame:
    """Return the signals of some screens (`SIGNALS`)."""
    return pl.concat([SetFindings().signals, *(each.signals for each in found)])


def _found(name: str, inputs: SetInputs) -> SetFindings:
    """Return what a screen finds; its failure is an error that names it."""
    screen: SetScreen = set_screens()[name]
    try:
        return screen.run(inputs)
    except GoldleafError:
        raise
    except Exception as error:
        fix = "leave it out of the profile, or report this"
        what = f"The screen {name} failed: {type(error).__name__}: {error}"
        raise GoldleafError(what, fix=fix) from error
