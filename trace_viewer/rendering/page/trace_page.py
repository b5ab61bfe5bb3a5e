# SPDX-License-Identifier: Apache-2.0
"""A trace as one HTML file."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Sequence

from trace_viewer.exports.otlp import to_otlp
from trace_viewer.exports.perfetto import to_perfetto
from trace_viewer.model.cost_words import cost_fact
from trace_viewer.model.critical import longest, waited
from trace_viewer.model.failures import also_to_show, user_place
from trace_viewer.model.outline import facts, title
from trace_viewer.model.progress import Progress, describe
from trace_viewer.model.trace import Trace
from trace_viewer.rendering.page.assembly import assemble, script_json
from trace_viewer.rendering.page.map import layout
from trace_viewer.rendering.page.map.build import build_map
from trace_viewer.rendering.page.timeline import page_data
from trace_viewer.rendering.terminal.tree import render_tree

SCRIPTS = [
    *("dom.js", "theme.js", "base.js", "rows.js", "view.js", "timeline.js", "minimap.js", "stage.js"),
    *("links.js", "panel.js", "search.js", "keys.js", "exports.js", "splitter.js", "start.js"),
]
STYLES = ("page.css", "findings.css")


def render_html(trace: Trace, *, running: Sequence[Progress] = (), live: bool = False) -> str:
    """Render a trace as a self-contained page.

    Parameters
    ----------
    running
        Jobs that run, to be shown with a bar each.
    live
        The page is served, and asks for what is new until the run is over.

    Raises
    ------
    EmptyTraceError
        If the trace has nothing to show.
    """
    tree = trace.tree
    exports = {"trace": trace.to_json(), "otlp": to_otlp(trace), "perfetto": to_perfetto(trace)}
    return assemble(
        "page.html.j2",
        styles=STYLES,
        scripts=[*SCRIPTS, "live.js"] if live else SCRIPTS,
        live=live,
        title=title(tree),
        longest=longest(tree),
        waited=waited(tree),
        place=user_place(tree.failure) if tree.failure else "",
        trace=trace,
        tree=tree,
        failure=tree.failure,
        also=also_to_show(tree.failure.node) if tree.failure else [],
        facts=facts(tree) | cost_fact(trace.cost),
        findings=trace.findings,
        running=[(job, describe(job)) for job in running],
        layout=layout.place(build_map(tree)),
        geometry=layout,
        plain_tree=render_tree(trace, width=100),
        data=script_json(page_data(tree, trace.id)),
        exports={name: _packed(data) for name, data in exports.items()},
    )


def _packed(data: object) -> str:
    """Return JSON as base64 of gzip: an export costs the page a twentieth of its size."""
    dumped = json.dumps(data, separators=(",", ":")).encode()
    return base64.b64encode(gzip.compress(dumped, compresslevel=6, mtime=0)).decode("ascii")
