# SPDX-License-Identifier: Apache-2.0
"""X-Ray documents in; a terminal tree, one HTML page, JSON out. Works on any X-Ray trace.

Example
-------
>>> from trace_viewer import fetch_trace, render_html, render_tree
>>> trace = fetch_trace("1-6920173c-5f8a2c1f3d4e5b6a7c8d9e0f")  # doctest: +SKIP
>>> print(render_tree(trace))  # doctest: +SKIP
>>> page = render_html(trace)  # doctest: +SKIP
"""

from trace_viewer.difference.comparison import Comparison, compare
from trace_viewer.exports.otlp import to_otlp
from trace_viewer.exports.perfetto import to_perfetto
from trace_viewer.files.content import TraceFileError
from trace_viewer.files.load import SeveralTracesError, load, load_all
from trace_viewer.model.trace import Trace
from trace_viewer.model.tree import EmptyTraceError, Tree, build
from trace_viewer.rendering.page.comparison_page import render_comparison_html
from trace_viewer.rendering.page.trace_page import render_html
from trace_viewer.rendering.terminal.comparison import render_comparison
from trace_viewer.rendering.terminal.tree import render_tree
from trace_viewer.xray.fetch import TraceNotFoundError, fetch_trace, latest_trace_id
from trace_viewer.xray.session import XRayError

__all__ = [
    "Comparison",
    "EmptyTraceError",
    "SeveralTracesError",
    "Trace",
    "TraceFileError",
    "TraceNotFoundError",
    "Tree",
    "XRayError",
    "build",
    "compare",
    "fetch_trace",
    "latest_trace_id",
    "load",
    "load_all",
    "render_comparison",
    "render_comparison_html",
    "render_html",
    "render_tree",
    "to_otlp",
    "to_perfetto",
]
