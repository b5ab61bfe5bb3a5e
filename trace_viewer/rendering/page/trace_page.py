# SPDX-License-Identifier: Apache-2.0
"""A trace as one HTML file: nothing to load, nothing to serve, nothing to trust."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from trace_viewer.exports.otlp import to_otlp
from trace_viewer.exports.perfetto import to_perfetto
from trace_viewer.model import text
from trace_viewer.model.outline import facts, failed_step, short_name
from trace_viewer.model.row_counts import ROW_COUNTS
from trace_viewer.model.trace import Trace
from trace_viewer.rendering.page.map import layout as map_layout
from trace_viewer.rendering.page.map.build import build_map
from trace_viewer.rendering.page.timeline import page_data
from trace_viewer.rendering.terminal.tree import render_tree
from trace_viewer.xray.progress import Progress, said

PAGE = Path(__file__).parent
SCRIPTS = ("base", "rows", "view", "timeline", "minimap", "panel", "search", "keys", "exports", "start")
"""Files of scripts/, in the order in which they run; all of them share one scope."""


def render_html(trace: Trace, *, going: Sequence[Progress] = ()) -> str:
    """Render a trace as a self-contained page.

    The page loads nothing: its Content-Security-Policy allows its own style and script, by hash, and nothing
    else. All text of the trace goes through Jinja's escaping, or is JSON that cannot end its script element.

    Parameters
    ----------
    going
        Jobs that run, to be shown with a bar each.

    Raises
    ------
    EmptyTraceError
        If the trace has nothing to show.
    """
    tree = trace.tree
    style = (PAGE / "styles" / "page.css").read_text(encoding="utf-8")
    script = "'use strict';\n" + "\n".join(
        (PAGE / "scripts" / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS
    )
    service_map = build_map(tree)
    return (
        page_environment()
        .get_template("page.html.j2")
        .render(
            trace=trace,
            tree=tree,
            failure=tree.failure,
            failed_step=failed_step(tree.failure) if tree.failure else [],
            facts=facts(tree),
            going=[(one, said(one)) for one in going],
            layout=map_layout.place(service_map),
            geometry=map_layout,
            row_words=ROW_COUNTS,
            plain_tree=render_tree(trace, width=100),
            data=_json(page_data(tree)),
            exports={name: _packed(data) for name, data in _exports(trace).items()},
            style=Markup(style),  # noqa: S704 our own file
            script=Markup(script),  # noqa: S704 our own files
            style_hash=policy_hash(style),
            script_hash=policy_hash(script),
        )
    )


def page_environment() -> Environment:
    """Return what renders the templates: everything is escaped, everything must be given."""
    environment = Environment(
        loader=FileSystemLoader(PAGE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "plain": text.plain,
        "short": short_name,
        "duration": text.duration,
        "moment": text.moment,
    }
    return environment


def _exports(trace: Trace) -> Mapping[str, Any]:
    return {"trace": trace.to_json(), "otlp": to_otlp(trace), "perfetto": to_perfetto(trace)}


def _json(data: object) -> Markup:
    """Return JSON that is safe between script tags: no `<`, so no end tag and no comment; ASCII only."""
    dumped = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return Markup(dumped.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704


def _packed(data: object) -> str:
    """Return JSON as base64 of gzip: an export costs the page a twentieth of its size."""
    dumped = json.dumps(data, separators=(",", ":")).encode()
    return base64.b64encode(gzip.compress(dumped, compresslevel=9, mtime=0)).decode("ascii")


def policy_hash(source: str) -> str:
    """Return the SHA-256 by which a Content-Security-Policy allows an inline style or script."""
    return base64.b64encode(hashlib.sha256(source.encode()).digest()).decode("ascii")
