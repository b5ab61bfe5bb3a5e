# SPDX-License-Identifier: Apache-2.0
"""The further examples of docs/trace-your-own-job.md, run as they stand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.docs.collecting import EXAMPLES, Receiver, is_shown, run_example
from tests.integration.docs.programs import Programs


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        yield server
        server.shutdown()


def test_a_shell_job_writes_to_xray_itself(receiver: Receiver) -> None:
    keys = [f"part-{number}" for number in range(20)]
    printed = run_example(
        "shell_job.py",
        "places",
        *keys,
        AWS_ENDPOINT_URL=receiver.url,
        AWS_ACCESS_KEY_ID="id",
        AWS_SECRET_ACCESS_KEY="secret",
        AWS_REGION="eu-west-1",
        AWS_DEFAULT_REGION="eu-west-1",
    )

    assert printed.strip() == str(7 * len(keys))
    by_name = {document["name"]: document for document in receiver.documents}
    assert by_name.keys() == {"inventory", "Measure", "S3"}
    assert by_name["Measure"]["parent_id"] == by_name["inventory"]["id"]
    assert by_name["S3"]["parent_id"] == by_name["Measure"]["id"]
    assert by_name["S3"]["aws"]["operation"] == "HeadObject"
    assert by_name["S3"]["metadata"]["default"]["aws.calls"] == len(keys)


def test_functions_are_traced_in_their_workers(programs: Programs) -> None:
    assert "Python in_euro: partition 0" in programs.functions.spans
    assert [row["euro"] for row in programs.rows("euro")] == [1.0, 2.5, 1.5]


@pytest.mark.parametrize("name", ["shell_job.py", "functions_job.py"])
def test_the_page_shows_it(name: str) -> None:
    assert is_shown(name)


def test_a_shell_job_takes_three_lines() -> None:
    text = (EXAMPLES / "shell_job.py").read_text()
    assert sum("# added" in line for line in text.splitlines()) == 3
