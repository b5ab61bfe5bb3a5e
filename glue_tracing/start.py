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
# What a field's name ends with, a constant of the context, how an expression begins, an example of one
_LANGUAGES: Final = {
    "JSONata": ("", "{{% $states.context.{} %}}", "{%", "{% $states.input.trace_header %}"),
    "JSONPath": (".$", "$$.{}", "$", "$.trace_header"),
}
# Of an input that has none, the empty text, which is no header
_HEADER: Final = (
    "{% $exists($states.context.Execution.Input.trace_header) "
    "? $states.context.Execution.Input.trace_header : '' %}"
)


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
    if query_language not in _LANGUAGES:
        raise ValueError(f"The query language {query_language!r} is not known; give JSONata or JSONPath.")
    suffix, context, begin, example = _LANGUAGES[query_language]
    header = trace_header or (_HEADER if query_language == "JSONata" else None)
    if header is not None and not header.startswith(begin):
        raise ValueError(
            f"The trace header {header!r} is no {query_language}; give, for example, {example!r}."
        )
    fields = {name: context.format(path) for name, path in _CONTEXT.items()}
    if header is not None:
        fields["trace_header"] = header
    return {f"--{name}{suffix}": value for name, value in fields.items()}
