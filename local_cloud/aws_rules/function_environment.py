# SPDX-License-Identifier: Apache-2.0
"""A function whose variables are encrypted with a customer key needs ``kms:Decrypt`` on it, for itself.

Lambda decrypts with the execution role, by way of Lambda and with the function's ARN as encryption context: a
right that is bound to another service does not count. Reported for every invocation by
https://github.com/aws/serverless-application-model/issues/1989 and
https://github.com/cattle-ops/terraform-aws-gitlab-runner/pull/1253. Lambda may also hold a grant, where
whoever created the function could give one; nobody can rely on it, so none is assumed here.
Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local_cloud.emulator import core, service, wrap

ERROR = "KMSAccessDeniedException"


def install() -> None:
    """Look at each invocation before it runs."""
    wrap(service("lambda_svc"), "_execute_function_dispatch", _invoke)


def _invoke(original: Any, function: Any, config: Mapping[str, Any], *rest: Any) -> Any:
    key, variables = config.get("KMSKeyArn"), (config.get("Environment") or {}).get("Variables")
    if not key or not variables or _may_decrypt(str(key), config):
        return original(function, config, *rest)
    return {
        "body": {"errorType": ERROR, "errorMessage": _message(str(key), config)},
        "error": True,
        "log": "",
    }


def _session(config: Mapping[str, Any]) -> str:
    account, role = core("responses").get_account_id(), str(config["Role"]).rpartition("/")[2]
    return f"arn:aws:sts::{account}:assumed-role/{role}/{config['FunctionName']}"


def _may_decrypt(key: str, config: Mapping[str, Any]) -> bool:
    iam, responses = core("iam_evaluator"), core("responses")
    account, region = responses.get_account_id(), responses.get_region()
    context = iam.EvalContext(
        principal_arn=_session(config),
        principal_type="AssumedRole",
        principal_account=account,
        action="kms:Decrypt",
        resource_arn=key,
        region=region,
        secure_transport=True,
        service_context={
            "kms:viaservice": f"lambda.{region}.amazonaws.com",
            "kms:encryptioncontext:aws:lambda:functionarn": config["FunctionArn"],
        },
    )
    policies = iam._gather_role_policies(str(config["Role"]).rpartition("/")[2], account)
    return bool(iam.evaluate(context, policies).decision == "Allow")


def _message(key: str, config: Mapping[str, Any]) -> str:
    return (
        "Lambda was unable to decrypt the environment variables because KMS access was denied. Please check "
        "the function's KMS key settings. KMS Exception: AccessDeniedException KMS Message: User: "
        f"{_session(config)} is not authorized to perform: kms:Decrypt on resource: {key} because no "
        "identity-based policy allows the kms:Decrypt action"
    )
