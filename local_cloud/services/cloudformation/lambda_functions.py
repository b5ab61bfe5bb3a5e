# SPDX-License-Identifier: Apache-2.0
"""What ministack drops of a Lambda function: the key of its variables."""

from __future__ import annotations

from local_cloud.emulator import service
from local_cloud.services.cloudformation.registry import Created, Properties, extend


def install() -> None:
    """Extend ``AWS::Lambda::Function``."""
    extend("AWS::Lambda::Function", _with_key)


def _with_key(created: Created, properties: Properties) -> Created:
    """Store the key under the API's name for it; a template that drops it means Lambda's own."""
    config = service("lambda_svc")._functions[created[0]]["config"]
    config["KMSKeyArn"] = properties.get("KmsKeyArn", "")
    return created
