# SPDX-License-Identifier: Apache-2.0
"""What the state of Step Functions that starts a job gives it."""

from __future__ import annotations

from typing import Final, Literal

QueryLanguage = Literal["JSONata", "JSONPath"]

# Constants of the context object, which every execution has: a run without them does not exist.
# https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
_CONTEXT: Final = {
    "execution_id": "Execution.Id",
    "execution_start": "Execution.StartTime",
    "step_name": "State.Name",
}


def arguments(query_language: QueryLanguage, trace_header: str | None) -> dict[str, str]:
    """Return the fields; see `GlueTracing.arguments`.

    Raises
    ------
    ValueError
        There is no such language, or the header is no expression of it.

    Examples
    --------
    >>> arguments("JSONPath", None)["--step_name.$"]
    '$$.State.Name'
    >>> arguments("JSONata", None)["--step_name"]
    '{% $states.context.State.Name %}'
    """
    if query_language == "JSONata":
        fields = {f"--{name}": f"{{% $states.context.{path} %}}" for name, path in _CONTEXT.items()}
        header = {"--trace_header": trace_header}
        is_expression = (trace_header or "{%").startswith("{%")
    elif query_language == "JSONPath":
        fields = {f"--{name}.$": f"$$.{path}" for name, path in _CONTEXT.items()}
        header = {"--trace_header.$": trace_header}
        is_expression = (trace_header or "$").startswith("$")
    else:
        raise ValueError(f"The query language {query_language!r} is not known; give JSONata or JSONPath.")
    if not is_expression:
        raise ValueError(
            f"The trace header {trace_header!r} is no {query_language}; give, for example, "
            + ("'{% $states.input.trace_header %}'." if query_language == "JSONata" else "'$.trace_header'.")
        )
    return fields | {name: value for name, value in header.items() if value is not None}
