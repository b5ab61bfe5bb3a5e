# SPDX-License-Identifier: Apache-2.0
"""Filter expressions of CloudWatch Logs Insights."""

from __future__ import annotations

import pytest

from local_cloud.insights.expression import compile_expression
from local_cloud.insights.fields import Record, parse_into
from local_cloud.insights.tokens import SyntaxFault

LINE = Record(
    {
        "@message": '{"level": "ERROR", "rows": 17, "caller": "d.t r+1"}',
        "@logStream": "dag_id=d/run_id=r_1/x.log",
    }
)
TEXT = Record({"@message": "ERROR in a.b (1)", "@logStream": "s"})


@pytest.mark.parametrize(
    ("expression", "of_line", "of_text"),
    [
        ("@message like 'a.b'", False, True),  # a text is no pattern
        ("@message like /a.b/", False, True),
        ("@message like /(?i)error/", True, True),
        ("level = 'ERROR'", True, False),  # a field of the JSON; the other line has none
        ("level != 'INFO'", True, False),
        ("rows >= 17", True, False),
        ("rows > 17 or @message like 'a.b'", False, True),
        ("level = 'ERROR' and not rows = 17", False, False),
        ("not (level = 'ERROR')", False, True),
        ("@message not like 'a.b'", True, False),
        ("strcontains(@logStream, concat('/run_id=', replace('r:1', ':', '_'), '/'))", True, False),
        ("ispresent(level)", True, False),
        ("@message like '\"d.t r+1\"'", True, False),
    ],
)
def test_what_an_expression_lets_through(expression: str, of_line: bool, of_text: bool) -> None:
    test = compile_expression(expression)
    assert (test(LINE), test(TEXT)) == (of_line, of_text)


def test_a_parsed_field_is_there_for_the_filters_behind_it() -> None:
    record = Record({"@message": "m", "@logStream": "dag_id=d/run_id=r_1/x.log"})
    stage = parse_into("@logStream", r"^dag_id=(?<dag>[^\/]+)\/run_id=(?<run>[^\/]+)\/")
    assert stage(record)
    assert compile_expression("concat(dag, ' ', run) = 'd r_1'")(record)
    other = Record({"@message": "m", "@logStream": "something else"})
    assert stage(other)  # parse leaves no line out
    assert not compile_expression("concat(dag, ' ', run) = 'd r_1'")(other)


@pytest.mark.parametrize(
    "expression", ["level =", "level ~ 'a'", "level like 3", "fly(level)", "(level = 'a'"]
)
def test_what_is_not_understood_is_said(expression: str) -> None:
    with pytest.raises(SyntaxFault):
        compile_expression(expression)
