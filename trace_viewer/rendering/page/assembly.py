# SPDX-License-Identifier: Apache-2.0
"""One HTML file from a template, styles and scripts: nothing to load, nothing to serve, nothing to trust.

A page's Content-Security-Policy allows its own style and script, by hash, and nothing else. All text of a
trace goes through Jinja's escaping, or is JSON that cannot end its script element.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from trace_viewer.difference import wording
from trace_viewer.model import text
from trace_viewer.model.cost_words import dollars
from trace_viewer.model.names import short_name
from trace_viewer.model.row_counts import row_word

_HERE = Path(__file__).parent


def assemble(template: str, *, styles: Sequence[str], scripts: Sequence[str], **content: object) -> str:
    """Render a page.

    Parameters
    ----------
    template
        A file of `templates/`.
    styles, scripts
        Files of `styles/` and `scripts/`, in order; all scripts share one scope.
    content
        What the template shows.
    """
    style = _joined("styles", styles)
    script = "'use strict';\n" + _joined("scripts", scripts)
    return (
        environment()
        .get_template(template)
        .render(
            style=Markup(style),  # noqa: S704 our own files
            script=Markup(script),  # noqa: S704 our own files
            style_hash=_policy_hash(style),
            script_hash=_policy_hash(script),
            **content,
        )
    )


@cache
def environment() -> Environment:
    """Return what renders the templates: everything is escaped, everything must be given."""
    found = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {
        "plain": text.plain,
        "short": short_name,
        "duration": text.duration,
        "dollars": dollars,
        "change": text.change,
        "moment": text.moment,
        "row_word": row_word,
        "times": wording.times,
        "note": wording.note,
        "full_name": wording.full_name,
        "summary": wording.summary,
        "per_row": wording.per_row,
    }
    return found


def script_json(data: object) -> Markup:
    """Return JSON that is safe between script tags: no `<`, so no end tag and no comment; ASCII only."""
    dumped = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return Markup(dumped.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704


def _joined(folder: str, names: Sequence[str]) -> str:
    return "\n".join((_HERE / folder / name).read_text(encoding="utf-8") for name in names)


def _policy_hash(source: str) -> str:
    """Return the SHA-256 by which a Content-Security-Policy allows an inline style or script."""
    return base64.b64encode(hashlib.sha256(source.encode()).digest()).decode("ascii")
