"""Pages without scripts or network access, from Jinja templates: reports that a browser opens.

Self-contained: no script, no font, no picture from elsewhere; the page's policy (CSP) lets a
browser load nothing at all, and allows only the styles that are on it. Texts out of data are
escaped by the template and never interpreted.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, cast

from goldleaf.core.escape_invisible import escape_invisible

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

_STYLE = re.compile("<style>(.*?)</style>", re.DOTALL)
_POLICY = "@@policy@@"


def render_page(
    package: str,
    template: str,
    context: Mapping[str, Any],
    filters: Mapping[str, Callable[..., Any]],
) -> str:
    """Return a page of HTML.

    Args:
        package: the package with the template, such as `goldleaf.exporters.report`.
        template: its file name there; it gets `css` (the pages' common style) and `policy`, and the
            filters `number` (with separators), `visible` (hidden characters shown) and `coded`
            (the same, and backticks as code).
        context: the template's variables; one that it uses and that is not here is an error of
            Jinja.
        filters: its own filters by name.
    """
    css = files("goldleaf.core").joinpath("page.css").read_text("utf-8")
    environment = _environment(package)
    cast("dict[str, Any]", environment.filters).update(filters)
    page = environment.get_template(template).render(css=css, policy=_POLICY, **context)
    # A browser hashes a style as it is on the page, so the policy is written last.
    styles = " ".join(dict.fromkeys(_hash(style) for style in _STYLE.findall(page)))
    policy = f"default-src 'none'; style-src {styles}; base-uri 'none'; form-action 'none'"
    return page.replace(_POLICY, policy, 1)


def render_part(package: str, template: str, context: Mapping[str, Any]) -> str:
    """Return a part of a page as HTML, for a template that writes it with `| safe`.

    Arguments as for `render_page`; the part has no style of its own but those of charts.
    """
    return _environment(package).get_template(template).render(context)


@cache
def _environment(package: str) -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader(package, ""),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=True,
    )
    common: dict[str, Callable[..., Any]] = {
        "number": "{:,}".format,
        "visible": escape_invisible,
        "coded": _coded,
    }
    cast("dict[str, Any]", environment.filters).update(common)
    return environment


def _coded(text: str) -> Markup:
    """Return a text with what stands between backticks as code, all of it escaped."""
    from markupsafe import Markup

    parts = text.split("`")
    form = "".join("<code>{}</code>" if place % 2 else "{}" for place in range(len(parts)))
    return Markup(form).format(*map(escape_invisible, parts))


def _hash(style: str) -> str:
    digest = hashlib.sha256(style.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
