# SPDX-License-Identifier: Apache-2.0
"""Print the context with which the app holds every stack that is deployed: ``python -m stacks.deployed``.

The Airflow stack is in the app only with ``-c airflow=mwaa``. Without it, ``cdk destroy --all`` removes the
main stack under it, and Amazon MWAA bills on. The stack's name is what the app takes: from ``-c``, else from
cdk.json.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from stacks.settings import Settings, airflow_stack_name

CDK_JSON = Path(__file__).resolve().parent.parent / "cdk.json"


def main(arguments: list[str]) -> int:
    """Print the context values; return the exit code, which is not 0 when AWS could not be asked."""
    parser = argparse.ArgumentParser(prog="python -m stacks.deployed", description=__doc__)
    parser.add_argument("-c", "--context", action="append", default=[], metavar="NAME=VALUE")
    pairs = parser.parse_args(arguments).context
    for pair in pairs:
        if "=" not in pair:
            print(
                f"Nothing was destroyed: the context value {pair!r} is no NAME=VALUE; "
                "give, for example, network=nat.",
                file=sys.stderr,
            )
            return 1
    given = dict(pair.split("=", 1) for pair in pairs)
    context = json.loads(CDK_JSON.read_text(encoding="utf-8")).get("context", {}) | given
    stack_name = context.get("stack_name", Settings.stack_name)
    try:
        found = is_deployed(boto3.client("cloudformation"), airflow_stack_name(stack_name))
    except (BotoCoreError, ClientError) as error:
        print(f"Nothing was destroyed: what is deployed cannot be found out. {error}", file=sys.stderr)
        return 1
    if found:
        print("-c airflow=mwaa")
    return 0


def is_deployed(cloudformation: Any, stack_name: str) -> bool:
    """Return whether a stack of this name exists, however well it is."""
    try:
        cloudformation.describe_stacks(StackName=stack_name)
    except ClientError as error:
        if "does not exist" in str(error):
            return False
        raise
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
