"""Switches the plug-in on: everything is checked and imported first, then changed; or nothing."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from goldleaf.label_studio_plugin.wrapped_functions import (
    RECEIVERS,
    USED,
    VERSIONS,
    WRAPPED,
    ContractBroken,
    Receiver,
    WrappedFunction,
    checked,
    found,
)

PACKAGE = "goldleaf.label_studio_plugin"
_on = False


def is_on() -> bool:
    """Return whether Label Studio's functions are wrapped."""
    return _on


def prepare() -> None:
    """Have Django load our routes and our middleware, which it does after all apps are loaded.

    Raises:
        ContractBroken: this Label Studio is of a version that was not tried; nothing was changed.
        ImportError: a part of goldleaf is missing; nor was anything then.
    """
    from django.conf import settings
    from label_studio import __version__ as version

    if version not in VERSIONS:
        tried = ", ".join(VERSIONS)
        raise ContractBroken(f"this is Label Studio {version}, and it was tried with {tried}")
    for each in (*WRAPPED, *RECEIVERS):
        _ours(each)
    import_module(f"{PACKAGE}.page_scripts")
    settings.ROOT_URLCONF = f"{PACKAGE}.urls"
    # Our scripts' tags are put into a page as the last thing: lengths are counted behind it.
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{PACKAGE}.page_scripts.PageScripts"]


def switch_on() -> list[Any]:
    """Wrap Label Studio's functions and hear its signals, all or none; return our routes.

    Raises:
        ContractBroken: one of them is not there or differs; nothing was wrapped.
        ImportError: a part of goldleaf is missing; nor was anything then.
    """
    global _on
    from django.db.models import signals

    from goldleaf.label_studio_plugin.page_scripts import routes

    ours = routes()
    changes = [(*checked(each), each.name, _ours(each)) for each in WRAPPED]
    models = [(found(each.model), getattr(signals, each.signal), _ours(each)) for each in RECEIVERS]
    for path in USED:
        found(path)
    for owner, stored, name, wrap in changes:
        function = getattr(stored, "__func__", stored)
        new = wrap(function)
        setattr(owner, name, new if function is stored else type(stored)(new))
    for model, signal, receiver in models:
        signal.connect(receiver, sender=model, dispatch_uid=f"goldleaf.{receiver.__name__}")
    _on = True
    return ours


def _ours(named: WrappedFunction | Receiver) -> Callable[..., Any]:
    name = named.wrapper if isinstance(named, WrappedFunction) else named.receiver
    module, _, function = name.partition(":")
    return getattr(import_module(f"{PACKAGE}.{module}"), function)
