# SPDX-License-Identifier: Apache-2.0
"""What each role of a template may do: its own policies, and the resources' policies that name it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Template = dict[str, Any]

_LOGICAL_HASH = re.compile(r"[0-9A-F]{8}$")
_ASSET = re.compile(r"[0-9a-f]{64}")
# What CDK calls an output that another stack reads: the kind of reference, the resource, the attribute
_PUBLISHED = re.compile(r"PublishOutput(?:Ref|FnGetAtt)(\w+?[0-9A-F]{8})(?:Arn|GroupId)?[0-9A-F]{8}")
_PSEUDO = {"AWS::Partition": "aws", "AWS::Region": "REGION", "AWS::AccountId": "ACCOUNT"}
_DOCUMENT = {  # where a resource keeps the policy that says who may use it
    "AWS::S3::BucketPolicy": "PolicyDocument",
    "AWS::SQS::QueuePolicy": "PolicyDocument",
    "AWS::KMS::Key": "KeyPolicy",
    "AWS::EC2::VPCEndpoint": "PolicyDocument",
}


@dataclass(frozen=True)
class Grant:
    """One Allow statement for one role, in words that a person can read."""

    role: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    condition: str
    policy: str


def roles(template: Template) -> dict[str, str]:
    """Role -> the service that may assume it, and when."""
    return {
        name(id_): ", ".join(
            " when ".join(filter(None, [readable(service), _condition(statement.get("Condition", {}))]))
            for statement in resource["Properties"]["AssumeRolePolicyDocument"]["Statement"]
            for service in as_list(statement["Principal"]["Service"])
        )
        for id_, resource in template["Resources"].items()
        if resource["Type"] == "AWS::IAM::Role"
    }


def grants(template: Template) -> list[Grant]:
    """Every Allow statement of every role, in the order of the template."""
    return [
        Grant(
            role=role,
            actions=tuple(sorted(as_list(statement["Action"]))),
            resources=tuple(sorted(readable(resource) for resource in as_list(statement["Resource"]))),
            condition=_condition(statement.get("Condition", {})),
            policy=policy,
        )
        for role, policy, statement in _statements(template)
        if statement["Effect"] == "Allow"
    ]


def _statements(template: Template) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(role, policy, statement) of all policies."""
    for id_, resource in template["Resources"].items():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::IAM::Policy":
            for role in properties["Roles"]:
                for statement in properties["PolicyDocument"]["Statement"]:
                    yield name(role["Ref"]), "the role's own", statement
        elif resource["Type"] == "AWS::IAM::Role":
            for policy in properties.get("Policies", []):
                for statement in policy["PolicyDocument"]["Statement"]:
                    yield name(id_), "the role's own", statement
        elif resource["Type"] in _DOCUMENT:
            document = properties.get(_DOCUMENT[resource["Type"]], {})
            for statement in document.get("Statement", []):
                for role in _named_roles(statement, template):
                    yield role, name(id_), statement


def _named_roles(statement: dict[str, Any], template: Template) -> list[str]:
    principal = statement.get("Principal", {})
    named = as_list(principal.get("AWS", [])) if isinstance(principal, dict) else []
    ids = [arn["Fn::GetAtt"][0] for arn in named if isinstance(arn, dict) and "Fn::GetAtt" in arn]
    return [name(id_) for id_ in ids if template["Resources"][id_]["Type"] == "AWS::IAM::Role"]


def name(logical_id: str) -> str:
    """The logical id as we gave it, without what CDK adds."""
    return _LOGICAL_HASH.sub("", logical_id).removesuffix("CustomResourceProviderRole")


def readable(value: Any) -> str:
    """A value of a template as text: pseudo parameters in capitals, references as names.

    Asset keys are shown as ``ASSET``: a changed script is no changed permission.
    """
    if isinstance(value, str):
        return _ASSET.sub("ASSET", value)
    if "Ref" in value:
        return _PSEUDO.get(value["Ref"], name(value["Ref"]))
    if "Fn::GetAtt" in value:
        return name(value["Fn::GetAtt"][0])
    if "Fn::GetStackOutput" in value:
        output = value["Fn::GetStackOutput"]
        published = _PUBLISHED.sub(r"\1", output["OutputName"])
        return f"{output['StackName']}.{name(published)}"
    if "Fn::Sub" in value:
        return re.sub(r"\$\{([\w:]+)\}", lambda found: _PSEUDO[found[1]], value["Fn::Sub"])
    return (
        "".join(readable(part) for part in value["Fn::Join"][1])
        .removeprefix("arn:aws:")
        .removeprefix("s3:::")
    )


def as_list(value: Any) -> list[Any]:
    """A policy's value, which may stand alone, as a list."""
    return value if isinstance(value, list) else [value]


def _condition(conditions: dict[str, dict[str, Any]]) -> str:
    return "; ".join(
        f"{key} {operator} {value}"
        for operator, keys in conditions.items()
        for key, given in keys.items()
        for value in [" or ".join(readable(one) for one in as_list(given))]
    )
