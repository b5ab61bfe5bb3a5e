# SPDX-License-Identifier: Apache-2.0
"""Types without a service behind them here: kept as plain records, so that a template with them deploys."""

from __future__ import annotations

from typing import Any

from local_cloud.emulator import core, provisioners
from local_cloud.services.cloudformation.registry import (
    Created,
    Properties,
    ResourceType,
    physical_name,
    register,
)

# Type and how its ARN ends; the Ref of all these is a name, except for those that end in ":arn"
_TYPES = {
    "AWS::ApplicationAutoScaling::ScalableTarget": "autoscaling:{region}:{account}:scalable-target/{name}",
    "AWS::ApplicationAutoScaling::ScalingPolicy": "autoscaling:{region}:{account}:scalingPolicy:{name}",
    "AWS::Budgets::Budget": "budgets::{account}:budget/{name}",
    "AWS::CloudWatch::AnomalyDetector": "cloudwatch:{region}:{account}:anomaly-detector/{name}",
    "AWS::CloudWatch::CompositeAlarm": "cloudwatch:{region}:{account}:alarm:{name}",
    "AWS::CloudWatch::InsightRule": "cloudwatch:{region}:{account}:insight-rule/{name}",
    "AWS::ECS::ClusterCapacityProviderAssociations": "ecs:{region}:{account}:cluster/{name}",
    "AWS::XRay::Group": "xray:{region}:{account}:group/{name}",
    "AWS::XRay::ResourcePolicy": "xray:{region}:{account}:resource-policy/{name}",
    "AWS::XRay::SamplingRule": "xray:{region}:{account}:sampling-rule/{name}",
    "AWS::XRay::TransactionSearchConfig": "xray:{region}:{account}:transaction-search/{name}",
}
_REF_IS_ARN = {"AWS::XRay::Group"}
_NAMES = ("Name", "GroupName", "RuleName", "PolicyName", "AlarmName")

#: Physical id -> (type, properties) of every plain record, for lists of what is left.
records: dict[str, tuple[str, dict[str, Any]]] = {}


def install() -> None:
    """Register every type that has no handler yet (another module may know one better)."""
    for name, arn in _TYPES.items():
        if name not in provisioners()._RESOURCE_HANDLERS:
            register(name, _record_type(name, arn))


def _record_type(type_name: str, arn_pattern: str) -> ResourceType:
    def create(logical_id: str, properties: Properties, stack_name: str) -> Created:
        given = next((str(properties[key]) for key in _NAMES if properties.get(key)), None)
        name = given or physical_name(stack_name, logical_id)
        responses = core("responses")
        scope = {"region": responses.get_region(), "account": responses.get_account_id()}
        arn = "arn:aws:" + arn_pattern.format(name=name, **scope)
        physical_id = arn if type_name in _REF_IS_ARN else name
        records[physical_id] = (type_name, properties)
        return physical_id, {"Arn": arn, "Id": name, f"{type_name.rsplit('::')[-1]}ARN": arn}

    def delete(physical_id: str, properties: Properties) -> None:
        records.pop(physical_id, None)

    return ResourceType(create=create, delete=delete)
