# SPDX-License-Identifier: Apache-2.0
"""The table of roles in docs/airflow.md says what the template grants."""

from __future__ import annotations

from tests.integration.stacks.conftest import Synthesized
from tests.integration.stacks.grants import readable, roles
from tests.integration.stacks.role_table import page_with, table
from with_airflow.tests.integration.role_table import BEGIN, PAGE


def test_the_table_in_the_page_is_that_of_the_template(stack: Synthesized) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == page_with(page, table(stack.template), BEGIN), (
        "docs/airflow.md shows other rights than the template: "
        "run python -m with_airflow.tests.integration.role_table"
    )


def test_every_role_has_rights_and_is_listed(stack: Synthesized) -> None:
    listed = set(roles(stack.template))
    assert listed == {"AirflowRole", "CatalogRole", "CustomS3AutoDeleteObjects", "DagsRole", "ReportRole"}
    assert all(f"**{role}**" in PAGE.read_text(encoding="utf-8") for role in listed)


def test_what_is_of_the_main_stack_is_named_so() -> None:
    output = "PublishOutputFnGetAttKey961B73FDArn43BC6B29"
    assert readable({"Fn::GetStackOutput": {"StackName": "Main", "OutputName": output}}) == "Main.Key"
    given = {"StackName": "Main", "OutputName": "BucketName"}
    assert readable({"Fn::GetStackOutput": given}) == "Main.BucketName"
