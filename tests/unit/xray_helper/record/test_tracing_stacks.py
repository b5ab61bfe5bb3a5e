# SPDX-License-Identifier: Apache-2.0
"""Stacks that the collector reads to the end, and never panics over (read in its source, 0.156.0)."""

from __future__ import annotations

from traceback import TracebackException
from typing import Any

import pytest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider

from xray_helper.record.failures import record_failure
from xray_helper.record.stacks import DURING_HANDLING, harmless, stack_text
from xray_helper.translate.segments import segment_document

_FRAME = '  File "a.py", line 3, in f\n    g()'


def _chain(headline: str, frame: str = _FRAME) -> str:
    return f"{frame}\n{headline}\n\n{DURING_HANDLING}\n\n{_FRAME}\nE: m"


def _raised(code: str) -> BaseException:
    """Run code whose file does not exist, and return what it raises."""
    try:
        exec(compile(code, "job.py", "exec"), {})  # noqa: S102 - the code of this test
    except BaseException as error:
        return error
    raise AssertionError("The code raised nothing.")


def _stack(code: str) -> list[str]:
    """Write the stack, without the frame of this test."""
    text = stack_text(TracebackException.from_exception(_raised(code)))
    lines = text.split("\n")
    own = [place for place, line in enumerate(lines) if __file__ in line]
    return [line for place, line in enumerate(lines) if place not in own and place - 1 not in own]


def test_the_text_of_the_last_exception_is_left_to_the_event() -> None:
    assert _stack("1 / 0") == [
        "Traceback (most recent call last):",
        '  File "job.py", line 1, in <module>',
        "    ...",
        "ZeroDivisionError: ",
    ]


@pytest.mark.parametrize("how", ["raise OSError('disk')", "raise OSError('disk') from error"])
def test_two_exceptions_are_apart_however_they_are_chained(how: str) -> None:
    code = f"try:\n  {{}}['price']\nexcept KeyError as error:\n  {how}"
    assert _stack(code) == [
        "Traceback (most recent call last):",
        '  File "job.py", line 2, in <module>',
        "    ...",
        "KeyError: 'price'",
        "",
        DURING_HANDLING,
        "",
        "Traceback (most recent call last):",
        '  File "job.py", line 4, in <module>',
        "    ...",
        "OSError: ",
    ]


def test_what_was_suppressed_stays_away() -> None:
    code = "try:\n  {}['price']\nexcept KeyError:\n  raise OSError('disk') from None"
    assert DURING_HANDLING not in _stack(code)


def test_lines_of_a_text_are_no_lines_of_the_stack() -> None:
    text = f'worker:\n  File "udf.py", line 1, in h\n{DURING_HANDLING}'
    code = f"try:\n  raise ValueError({text!r})\nexcept ValueError:\n  raise OSError('disk')"
    assert _stack(code)[3:6] == [
        "ValueError: worker:",
        '>   File "udf.py", line 1, in h',
        f"> {DURING_HANDLING}",
    ]


def test_a_deep_recursion_keeps_the_innermost_frames() -> None:
    code = "def f(depth):\n  return f(depth - 1) if depth else 1 / 0\nf(500)"
    assert [line for line in _stack(code) if line.startswith("  File")] == [
        '  File "job.py", line 2, in f'
    ] * 32


def test_an_exception_without_a_text_or_with_a_broken_one() -> None:
    code = "class Broken(Exception):\n  def __str__(self):\n    return 1 / 0\n"
    code += "try:\n  raise KeyboardInterrupt\nexcept BaseException:\n  raise Broken"
    lines = _stack(code)
    assert lines[3] == "KeyboardInterrupt: "
    assert lines[-1].endswith("Broken: ")


def test_a_failure_becomes_the_cause_with_every_exception_of_the_chain() -> None:
    provider = TracerProvider(resource=Resource({"telemetry.sdk.language": "python"}))
    span: Any = provider.get_tracer("test").start_span("Convert Currency")
    code = "try:\n  raise ValueError('a\\n  b:')\nexcept ValueError as error:\n"
    code += "  raise OSError('disk') from error"
    record_failure(span, _raised(code), timestamp_ns=1)
    span.end()
    last, first = segment_document(span)["cause"]["exceptions"]
    assert (last["type"], last["message"], last["cause"]) == ("OSError", "disk", first["id"])
    assert (first["type"], first["message"]) == ("ValueError", "a\n  b:")
    assert first["stack"] == [{"path": "job.py", "line": 2, "label": "<module>"}]
    assert last["stack"][0] == {"path": "job.py", "line": 4, "label": "<module>"}


@pytest.mark.parametrize(
    "stack",
    [
        _chain("ValueError: bad"),
        _chain("ValueError\nrows: 5"),
        _chain("KeyboardInterrupt"),
        _chain("E: m", '  File "a.py", line 3, in <module>\n    x = "~"'),
        f"no frame\n{DURING_HANDLING}\nx",
    ],
)
def test_a_stack_that_the_collector_can_read_stays_as_it_is(stack: str) -> None:
    assert harmless(stack) == stack


@pytest.mark.parametrize(
    "stack",
    [
        _chain("ValueError\nrows:"),
        _chain("ValueError: first\nrows:", '  File "<string>", line 1, in f'),
        f'  File "a.py", line 1, in f\n{DURING_HANDLING}\nx\nE: m\n',
        f'  File "a.py", line 1, in f\n\n{DURING_HANDLING}',
    ],
    ids=["note with a colon", "no line of code", "no headline", "headline too near"],
)
def test_a_headline_that_the_collector_cannot_read_ends_its_chain(stack: str) -> None:
    assert harmless(stack) == stack.replace(DURING_HANDLING, f"> {DURING_HANDLING}")


@pytest.mark.parametrize("line", ["  File x, a, b", '  File ",b", line 3', "  File "])
def test_a_line_that_only_begins_like_a_frame_is_quoted(line: str) -> None:
    assert harmless(f"E: m\n{line}\nend") == f"E: m\n> {line}\nend"


def test_marks_are_taken_out() -> None:
    marked = _chain("E: m", '  File "a.py", line 3, in f\n    x = 1 / 0\n        ~~^~~')
    assert harmless(marked) == marked.replace("        ~~^~~\n", "")
