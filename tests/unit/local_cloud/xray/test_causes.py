# SPDX-License-Identifier: Apache-2.0
"""From a failed invocation to the cause that a segment shows."""

from __future__ import annotations

from local_cloud.xray.segments.causes import MAX_MESSAGE_CHARS, lambda_cause

_BODY = {"errorMessage": "no such bucket", "errorType": "Runtime.HandlerError"}
_LOG = """loading
Traceback (most recent call last):
  File "/var/task/handler.py", line 12, in handler
    start(event)
  File "/var/task/start.py", line 30, in start
    raise botocore.exceptions.ClientError("no such bucket")
botocore.exceptions.ClientError: no such bucket
"""


def test_the_type_and_the_frames_come_from_the_traceback() -> None:
    (exception,) = lambda_cause({"body": _BODY, "log": _LOG})["exceptions"]
    assert (exception["type"], exception["message"]) == ("botocore.exceptions.ClientError", "no such bucket")
    assert exception["stack"] == [
        {"path": "/var/task/start.py", "line": 30, "label": "start"},
        {"path": "/var/task/handler.py", "line": 12, "label": "handler"},
    ]


def test_the_last_of_chained_tracebacks_counts() -> None:
    log = _LOG + "\nDuring handling of the above exception, another exception occurred:\n\n"
    log += 'Traceback (most recent call last):\n  File "/var/task/a.py", line 1, in f\n    g()\n'
    log += "ValueError: bad\nline 2\n"
    (exception,) = lambda_cause({"body": {"errorMessage": "bad"}, "log": log})["exceptions"]
    assert exception["type"] == "ValueError"
    assert [frame["label"] for frame in exception["stack"]] == ["f"]


def test_without_a_traceback_the_report_is_all_there_is() -> None:
    (exception,) = lambda_cause({"body": _BODY})["exceptions"]
    assert (exception["type"], exception["message"]) == ("Runtime.HandlerError", "no such bucket")
    assert "stack" not in exception


def test_a_body_that_is_no_report() -> None:
    (exception,) = lambda_cause({"body": "text"})["exceptions"]
    assert (exception["type"], exception["message"]) == ("Unknown", "text")


def test_a_message_is_cut_so_that_the_segment_stays_small() -> None:
    (exception,) = lambda_cause({"body": {"errorMessage": "x" * 100_000}})["exceptions"]
    assert exception["message"] == "x" * MAX_MESSAGE_CHARS
