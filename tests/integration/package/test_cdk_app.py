# SPDX-License-Identifier: Apache-2.0
"""docs/add-to-your-cdk-app.md, word for word: an app outside of this repository, with the wheel alone.

The real CDK CLI deploys it into the local cloud of the wheel.
"""

from __future__ import annotations

import re
import shutil

import pytest

from local_cloud.environment import default_glue_home
from tests.integration.docs.blocks import scripts
from tests.integration.docs.collecting import EXAMPLES, code_of
from tests.integration.package.conftest import ROOT, Install

PAGE = "docs/add-to-your-cdk-app.md"
CDK_JSON = '{"app": "python3 cdk_app.py", "requireApproval": "never"}'
BOOTSTRAP = """
account=$(aws sts get-caller-identity --query Account --output text)
(cd bootstrap && npx cdk bootstrap aws://$account/us-east-1 --no-notices --ci)
"""
# What a person does between two commands of the page
UNTIL_IT_ENDS = """python - <<'END'
import time, boto3
glue, deadline = boto3.client("glue"), time.monotonic() + 120
def run(): return glue.get_job_runs(JobName="sales")["JobRuns"][0]
while (state := run()["JobRunState"]) in ("WAITING", "STARTING", "RUNNING"):
    assert time.monotonic() < deadline, state
    time.sleep(0.2)
assert state == "SUCCEEDED", run()
END
"""
WHAT_IS_LEFT = """python - <<'END'
import boto3
stacks = boto3.client("cloudformation").describe_stacks()["Stacks"]
print("left:", [stack["StackName"] for stack in stacks], boto3.client("glue").get_jobs()["Jobs"])
END
"""


@pytest.mark.skipif(not (ROOT / "node_modules" / ".bin" / "cdk").exists(), reason="the CDK CLI is not here")
def test_an_app_of_30_lines_is_traced_by_two_more(install: Install) -> None:
    # Given an empty environment with the wheel, and the page's app and script
    user = install("[cdk,local,viewer]")
    for name in ("cdk_app.py", "sales_job.py"):
        shutil.copyfile(EXAMPLES / name, user.folder / name)
    (user.folder / "cdk.json").write_text(CDK_JSON)
    (user.folder / "bootstrap").mkdir()  # no app to synthesize there
    (user.folder / "node_modules").symlink_to(ROOT / "node_modules")
    # When the page's commands are typed, one after the other
    commands = scripts()[PAGE].strip().splitlines()
    typed = [BOOTSTRAP]
    for command in commands:
        typed += [command, UNTIL_IT_ENDS if "start-job-run" in command else ""]
    script = "\n".join(["set -eux", *typed, WHAT_IS_LEFT])
    done = user.run(
        "glue-xray",
        "local",
        "run",
        "--",
        "bash",
        "-c",
        script,
        LOCAL_CLOUD_GLUE_HOME=str(default_glue_home()),
    )
    # Then the trace has the script's lines with Spark's work below, and nothing stays
    shown = done.stdout
    assert re.search(r"\bsales\b", shown), shown
    assert re.search(r"sales\.py:16 count", shown), shown
    assert "Spark SQL" in shown, shown
    assert "left: ['CDKToolkit'] []" in shown, shown


def test_two_lines_are_added() -> None:
    lines = code_of(EXAMPLES / "cdk_app.py").splitlines()
    assert sum("# added" in line for line in lines) == 2
    assert len([line for line in lines if line.strip()]) == 25 + 2


@pytest.mark.parametrize("name", ["cdk_app.py", "sales_job.py"])
def test_the_page_shows_it(name: str) -> None:
    assert f"```python\n{code_of(EXAMPLES / name)}\n```" in (ROOT / PAGE).read_text()
