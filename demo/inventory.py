# SPDX-License-Identifier: Apache-2.0
"""What the account has, by plain AWS list calls: two snapshots differ by what a deployment left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType
from typing import Any, NamedTuple

import boto3
import jmespath


class Listing(NamedTuple):
    """One kind of resource: the call that lists it and where the answer names each one (JMESPath)."""

    kind: str
    service: str
    operation: str
    names: str
    arguments: Mapping[str, Any] = MappingProxyType({})


LISTINGS = (
    Listing("s3 bucket", "s3", "list_buckets", "Buckets[].Name"),
    Listing("log group", "logs", "describe_log_groups", "logGroups[].logGroupName"),
    Listing("saved query", "logs", "describe_query_definitions", "queryDefinitions[].name"),
    Listing("lambda function", "lambda", "list_functions", "Functions[].FunctionName"),
    Listing("state machine", "stepfunctions", "list_state_machines", "stateMachines[].name"),
    Listing("glue job", "glue", "get_jobs", "Jobs[].Name"),
    Listing("glue connection", "glue", "get_connections", "ConnectionList[].Name"),
    Listing(
        "glue security configuration", "glue", "get_security_configurations", "SecurityConfigurations[].Name"
    ),
    Listing("sqs queue", "sqs", "list_queues", "QueueUrls[]"),
    Listing("sns topic", "sns", "list_topics", "Topics[].TopicArn"),
    # A service's own role stays: the account's next deployment uses it.
    Listing("iam role", "iam", "list_roles", "Roles[?!starts_with(Path, '/aws-service-role/')].RoleName"),
    Listing("iam policy", "iam", "list_policies", "Policies[].PolicyName", {"Scope": "Local"}),
    Listing("vpc", "ec2", "describe_vpcs", "Vpcs[].VpcId"),
    Listing("subnet", "ec2", "describe_subnets", "Subnets[].SubnetId"),
    Listing(
        "network interface",
        "ec2",
        "describe_network_interfaces",
        "NetworkInterfaces[].join(' in ', [NetworkInterfaceId, SubnetId])",
    ),
    Listing("security group", "ec2", "describe_security_groups", "SecurityGroups[].GroupId"),
    Listing("internet gateway", "ec2", "describe_internet_gateways", "InternetGateways[].InternetGatewayId"),
    Listing("nat gateway", "ec2", "describe_nat_gateways", "NatGateways[?State!='deleted'].NatGatewayId"),
    Listing("elastic ip", "ec2", "describe_addresses", "Addresses[].PublicIp"),
    Listing("vpc endpoint", "ec2", "describe_vpc_endpoints", "VpcEndpoints[?State!='deleted'].VpcEndpointId"),
    Listing("flow log", "ec2", "describe_flow_logs", "FlowLogs[].FlowLogId"),
    Listing("ecs cluster", "ecs", "list_clusters", "clusterArns[]"),
    Listing(
        "ecs task definition", "ecs", "list_task_definitions", "taskDefinitionArns[]", {"status": "ACTIVE"}
    ),
    Listing("cloud map namespace", "servicediscovery", "list_namespaces", "Namespaces[].Name"),
    Listing("cloud map service", "servicediscovery", "list_services", "Services[].Id"),
    Listing("hosted zone", "route53", "list_hosted_zones", "HostedZones[].Name"),
    Listing("glue crawler", "glue", "get_crawlers", "Crawlers[].Name"),
    Listing("glue database", "glue", "get_databases", "DatabaseList[].Name"),
    Listing("alarm", "cloudwatch", "describe_alarms", "MetricAlarms[].AlarmName"),
    Listing("dashboard", "cloudwatch", "list_dashboards", "DashboardEntries[].DashboardName"),
    Listing("kms alias", "kms", "list_aliases", "Aliases[].AliasName"),
    Listing("event rule", "events", "list_rules", "Rules[].Name"),
    Listing("stack", "cloudformation", "describe_stacks", "Stacks[].StackName"),
)


def _names(listing: Listing) -> set[str]:
    client = boto3.client(listing.service)
    if client.can_paginate(listing.operation):
        pages = client.get_paginator(listing.operation).paginate(**listing.arguments)
    else:
        pages = [getattr(client, listing.operation)(**listing.arguments)]
    found = (jmespath.search(listing.names, page) or [] for page in pages)
    return {f"{listing.kind} {name}" for names in found for name in names}


def take(further: Iterable[Listing] = ()) -> set[str]:
    """Return every resource of the listed kinds, and of further ones, as ``<kind> <name>``."""
    boto3.setup_default_session()  # clients are made from threads below: one session, made here
    with ThreadPoolExecutor(max_workers=8) as pool:
        return set().union(*pool.map(_names, (*LISTINGS, *further)))
