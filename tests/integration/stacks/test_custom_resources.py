# SPDX-License-Identifier: Apache-2.0
"""What CloudFormation cannot do by itself: its order, and what the function behind it may do."""

from __future__ import annotations

from typing import Any

from tests.integration.stacks.conftest import Synthesized
from tests.integration.stacks.test_permissions import statements


def resource(template: Synthesized, kind: str) -> tuple[str, dict[str, Any]]:
    (found,) = [(id_, r) for id_, r in template.resources.items() if r["Type"] == kind]
    return found


def rights(template: Synthesized, sid: str) -> dict[str, Any]:
    (found,) = [statement for _, statement in statements(template) if statement.get("Sid") == sid]
    return found


def test_interfaces_go_after_what_makes_them_and_before_subnet_and_group(default: Synthesized) -> None:
    id_, release = resource(default, "Custom::NetworkInterfaces")
    subnet, group = release["Properties"]["SubnetId"]["Ref"], release["Properties"]["SecurityGroupId"]
    assert {subnet, group["Fn::GetAtt"][0]} <= set(release["DependsOn"])
    _, connection = resource(default, "AWS::Glue::Connection")
    assert connection["DependsOn"] == [id_]
    requirements = connection["Properties"]["ConnectionInput"]["PhysicalConnectionRequirements"]
    assert requirements["SubnetId"] == {"Ref": subnet}
    for job in default.of_type("AWS::Glue::Job").values():  # so a job, too, goes before
        assert {"Ref": resource(default, "AWS::Glue::Connection")[0]} in job["Connections"]["Connections"]


def test_the_right_to_delete_interfaces_ends_at_the_jobs_subnet(default: Synthesized) -> None:
    statement = rights(default, "DeleteInterfaces")
    assert statement["Action"] == "ec2:DeleteNetworkInterface"
    subnet = resource(default, "Custom::NetworkInterfaces")[1]["Properties"]["SubnetId"]
    assert statement["Condition"]["ArnEquals"]["ec2:Subnet"]["Fn::Join"][1][-1] == subnet


def test_the_rights_are_there_as_long_as_the_resource(default: Synthesized) -> None:
    (policy,) = [id_ for id_ in default.of_type("AWS::IAM::Policy") if id_.startswith("CustomResourcesRole")]
    for kind in ("Custom::NetworkInterfaces", "Custom::CapacityProviders"):
        assert policy in resource(default, kind)[1]["DependsOn"]


def test_the_cluster_is_made_without_the_service_linked_role_and_the_service_waits(
    default: Synthesized,
) -> None:
    cluster_id, cluster = resource(default, "AWS::ECS::Cluster")
    assert not {"CapacityProviders", "DefaultCapacityProviderStrategy"} & set(cluster["Properties"])
    id_, attached = resource(default, "Custom::CapacityProviders")
    assert attached["Properties"]["Cluster"] == {"Ref": cluster_id}
    assert id_ in resource(default, "AWS::ECS::Service")[1]["DependsOn"]
    assert rights(default, "AttachCapacityProviders")["Resource"] == {"Fn::GetAtt": [cluster_id, "Arn"]}
