# SPDX-License-Identifier: Apache-2.0
"""Jobs of other people's apps, traced: what becomes of their templates."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, cast

import aws_cdk as cdk
import aws_cdk.assertions as assertions
import aws_cdk.aws_ec2 as ec2
import aws_cdk.aws_glue as glue
import aws_cdk.aws_iam as iam
import aws_cdk.aws_logs as logs
import aws_cdk.aws_ssm as ssm
import aws_cdk.aws_stepfunctions as sfn
import aws_cdk.aws_stepfunctions_tasks as tasks
import pytest
from constructs import Construct

from glue_tracing import Collector, GlueTracing, TraceGlueJobs

Template = dict[str, Any]
SCRIPT = "s3://theirs/orders.py"
SWITCHES = ("--traces", "--metrics", "--log_correlation", "--metrics_run_id")
INSTRUMENTED = {*SWITCHES, "--job_name", "--worker_type", "--number_of_workers", "--extra-py-files"}
XRAY = {
    "xray:BatchGetTraces",
    "xray:ListRetrievedTraces",
    "xray:PutTraceSegments",
    "xray:StartTraceRetrieval",
}
WORKFLOW = "glue:GetWorkflowRun"


@pytest.fixture
def stack() -> cdk.Stack:
    return cdk.Stack(cdk.App(), "Theirs", env=cdk.Environment(account="123456789012", region="eu-west-1"))


def job(scope: Construct, id_: Any = "Orders", **properties: Any) -> glue.CfnJob:
    """A job as people write it, with a role of the app unless another is given."""
    command: dict[str, str] = properties.pop("command", {})
    role = properties.pop("role", None)
    if role is None:
        role = iam.Role(scope, f"{id_}Role", assumed_by=iam.ServicePrincipal("glue.amazonaws.com")).role_arn
    return glue.CfnJob(
        scope,
        id_,
        role=role,
        command=glue.CfnJob.JobCommandProperty(
            **{"name": "glueetl", "python_version": "3", "script_location": SCRIPT, **command}
        ),
        **{"glue_version": "5.1", "worker_type": "G.1X", "number_of_workers": 2, **properties},
    )


def template(stack: cdk.Stack) -> Template:
    return dict(assertions.Template.from_stack(stack).to_json())


def of_type(found: Template, kind: str) -> list[dict[str, Any]]:
    return [resource["Properties"] for resource in found["Resources"].values() if resource["Type"] == kind]


def the_job(stack: cdk.Stack) -> dict[str, Any]:
    [found] = of_type(template(stack), "AWS::Glue::Job")
    return found


def text(value: Any) -> str:
    """A value of a template as one text, intrinsic functions as JSON between its pieces."""
    match value:
        case {"Fn::Join": [between, pieces]}:
            return str(between).join(text(piece) for piece in pieces)
        case {"Fn::Sub": pattern}:
            return str(pattern)
    return value if isinstance(value, str) else json.dumps(value)


def given_to_runner(job: dict[str, Any]) -> str:
    """The runner's argument, without the quotes of a shell."""
    return text(job["NonOverridableArguments"]["--glue_xray"]).replace("'", "")


def rights(stack: cdk.Stack) -> dict[str, set[str]]:
    """Sid -> actions, of all policies."""
    return {
        statement["Sid"]: {
            *([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
        }
        for policy in of_type(template(stack), "AWS::IAM::Policy")
        for statement in policy["PolicyDocument"]["Statement"]
        if "Sid" in statement
    }


def said(stack: cdk.Stack, level: str, pattern: str = ".*") -> list[str]:
    annotations = assertions.Annotations.from_stack(stack)
    find = {"warning": annotations.find_warning, "info": annotations.find_info}[level]
    return [str(entry.entry.data) for entry in find("*", assertions.Match.string_like_regexp(pattern))]


def test_a_job_is_run_by_the_runner_and_keeps_what_is_its_own(stack: cdk.Stack) -> None:
    traced = job(stack, name="orders", default_arguments={"--day": "1"}, number_of_workers=10)
    GlueTracing(stack, "Tracing").trace(traced)
    found = the_job(stack)
    assert text(found["Command"]["ScriptLocation"]).endswith(".py")
    assert found["Command"]["ScriptLocation"] != SCRIPT
    assert (found["Command"]["Name"], found["Command"]["PythonVersion"]) == ("glueetl", "3")
    assert found["DefaultArguments"] == {"--day": "1"}
    before, _, library = given_to_runner(found).partition(" --library=")
    assert before == (
        f"{SCRIPT} --job_name=orders --traces=on --metrics=off --log_correlation=off --metrics_run_id=off "
        "--worker_type=G.1X --number_of_workers=10"
    )
    assert library.endswith(".zip")
    kept = {"Command", "DefaultArguments", "GlueVersion", "NumberOfWorkers", "Role", "WorkerType", "Name"}
    assert set(found) == kept | {"NonOverridableArguments"}


def test_without_a_collector_nothing_idles_and_rights_are_those_of_xray(stack: cdk.Stack) -> None:
    GlueTracing(stack, "Tracing").trace(job(stack))
    kinds = {resource["Type"] for resource in template(stack)["Resources"].values()}
    assert kinds == {"AWS::Glue::Job", "AWS::IAM::Role", "AWS::IAM::Policy"}
    assert rights(stack) == {"ReadTracing": {"s3:GetObject"}, "XRay": XRAY, "WorkflowRun": {WORKFLOW}}
    assert not said(stack, "warning")


def test_an_l2_job_is_traced(stack: cdk.Stack) -> None:
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("glue.amazonaws.com"))
    code = glue.Code.from_asset(__file__)
    GlueTracing(stack, "Tracing").trace(glue.PySparkEtlJob(stack, "Orders", role=role, script=code))
    found = the_job(stack)
    assert " --job_name=Orders " in given_to_runner(found)
    assert "s3://cdk-hnb659fds-assets-" in given_to_runner(found)
    assert " --script_name=Orders.py" in given_to_runner(found)  # on S3 it is a hash
    assert {"ReadTracing", "XRay"} <= rights(stack).keys()
    assert found["DefaultArguments"]["--job-language"] == "python"  # what the construct says


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("s3://theirs/own.zip", "s3://theirs/own.zip,s3://"),
        (cdk.Fn.import_value("Own"), '{"Fn::ImportValue": "Own"},s3://'),
        ("", "s3://"),
    ],
    ids=["text", "token", "empty"],
)
@pytest.mark.parametrize("place", ["default_arguments", "non_overridable_arguments"])
def test_packages_of_its_own_stay_in_front(stack: cdk.Stack, place: str, given: str, expected: str) -> None:
    traced = job(stack, **{place: {"--extra-py-files": given}})
    GlueTracing(stack, "Tracing").trace(traced, script="instrumented")
    found = the_job(stack)
    key = {"default_arguments": "DefaultArguments", "non_overridable_arguments": "NonOverridableArguments"}[
        place
    ]
    assert text(found[key]["--extra-py-files"]).startswith(expected)
    assert (
        sum(
            "--extra-py-files" in found.get(name, {})
            for name in ("DefaultArguments", "NonOverridableArguments")
        )
        == 1
    )


@pytest.mark.parametrize(
    "arguments", [{"--day": cdk.Fn.ref("Day")}, cdk.Token.as_any({"--day": "1"})], ids=["inside", "all"]
)
def test_arguments_may_be_tokens(stack: cdk.Stack, arguments: object) -> None:
    tracing = GlueTracing(stack, "Tracing")
    tracing.trace(job(stack, default_arguments=arguments), script="instrumented")
    assert set(the_job(stack)["DefaultArguments"]) == {"--day", *INSTRUMENTED}


def test_arguments_that_only_the_deployment_knows_leave_the_job_as_it_is(stack: cdk.Stack) -> None:
    arguments = cdk.Token.as_any({"Fn::If": ["Daily", {"--day": "1"}, {"Ref": "AWS::NoValue"}]})
    GlueTracing(stack, "Tracing").trace(job(stack, default_arguments=arguments))
    assert the_job(stack)["Command"]["ScriptLocation"] == SCRIPT
    [warning] = said(stack, "warning")
    assert "Theirs/Orders is not traced: its arguments are known at deployment only" in warning


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({"glue_version": "3.0"}, "Glue 4.0 or newer"),
        ({"command": {"name": "pythonshell", "python_version": "3.6"}}, "change the job to '3.9'"),
        ({"command": {"name": "pythonshell", "python_version": "3"}}, "change the job to '3.9'"),
        ({"command": {"name": "pythonshell"}}, "change the job to '3.9'"),
        ({"glue_version": None}, "Glue 4.0 or newer"),
        ({"default_arguments": {"--job-language": "scala"}}, "it runs no Python"),
        ({"command": {"name": "glueray"}}, "it runs no Python"),
        ({"command": {"script_location": None}}, "no script location"),
    ],
)
def test_what_cannot_be_traced_stays_as_it_is(properties: dict[str, Any], reason: str) -> None:
    app = cdk.App()
    untraced, traced = (cdk.Stack(app, name) for name in ("Before", "After"))
    for one in (untraced, traced):
        job(one, **properties)
    GlueTracing(traced, "Tracing").trace(traced.node.find_child("Orders"))
    assert template(traced)["Resources"] == template(untraced)["Resources"]
    assert reason in said(traced, "warning")[0]


def test_what_is_no_job_is_an_error_of_one_sentence(stack: cdk.Stack) -> None:
    with pytest.raises(
        ValueError, match=r"^Theirs/Group is no Glue job; give a CfnJob, or a construct around one\.$"
    ):
        GlueTracing(stack, "Tracing").trace(logs.LogGroup(stack, "Group"))


def test_a_shell_job_gets_the_library_of_its_python_from_the_runner(stack: cdk.Stack) -> None:
    shell = {"command": {"name": "pythonshell", "python_version": "3.9"}, "glue_version": None}
    traced = job(stack, **shell, worker_type=None, number_of_workers=None, max_capacity=0.0625)
    GlueTracing(stack, "Tracing").trace(traced)
    found = the_job(stack)
    assert found["Command"]["PythonVersion"] == "3.9"
    assert set(found["NonOverridableArguments"]) == {"--glue_xray"}
    assert " --library=s3://" in given_to_runner(found)
    assert "worker" not in given_to_runner(found)


def test_an_instrumented_script_stays_and_gets_arguments(stack: cdk.Stack) -> None:
    group = logs.LogGroup(stack, "Group", log_group_name="/theirs/orders")
    tracing = GlueTracing(
        stack, "Tracing", settings={"spans_uri": "s3://theirs/spans/"}, log_correlation=True
    )
    traced = job(stack, default_arguments={"--traces": "off"})
    tracing.trace(traced, name="orders", script="instrumented", log_groups=[group])
    found = the_job(stack)
    assert found["Command"]["ScriptLocation"] == SCRIPT
    arguments = found["DefaultArguments"]
    assert arguments.pop("--log_groups")["Ref"].startswith("Group")
    assert text(arguments.pop("--extra-py-files")).endswith(".zip")
    assert arguments == {
        "--job_name": "orders",
        "--traces": "off",  # the job's own word
        "--metrics": "off",
        "--log_correlation": "on",
        "--metrics_run_id": "off",
        "--spans_uri": "s3://theirs/spans/",
        "--worker_type": "G.1X",
        "--number_of_workers": "2",
    }


def imported(stack: cdk.Stack) -> str:
    return iam.Role.from_role_arn(stack, "R", "arn:aws:iam::123456789012:role/theirs").role_arn


@pytest.mark.parametrize("role", ["theirs", "arn:aws:iam::123456789012:role/theirs", imported])
def test_a_role_by_name_is_told_what_it_lacks(
    stack: cdk.Stack, role: str | Callable[[cdk.Stack], str]
) -> None:
    GlueTracing(stack, "Tracing").trace(job(stack, role=role if isinstance(role, str) else role(stack)))
    [warning] = said(stack, "warning")
    assert "Theirs/Orders has a role that this app does not change; it needs these rights: [{" in warning
    statements = json.loads(warning[warning.index("[{") : warning.rindex("}]") + 2])
    assert [statement["Sid"] for statement in statements] == ["ReadTracing", "XRay", "WorkflowRun"]


@pytest.mark.parametrize("mutable", [True, False])
def test_an_imported_role_of_an_l2_job_is_granted_or_told(stack: cdk.Stack, mutable: bool) -> None:
    role = iam.Role.from_role_arn(stack, "R", "arn:aws:iam::123456789012:role/theirs", mutable=mutable)
    made = glue.PySparkEtlJob(stack, "Orders", role=role, script=glue.Code.from_asset(__file__))
    GlueTracing(stack, "Tracing").trace(made)
    assert ("XRay" in rights(stack)) is mutable
    assert len(said(stack, "warning", ".*needs these rights.*")) == (not mutable)


def test_a_role_without_a_construct_around_it_is_granted(stack: cdk.Stack) -> None:
    role = iam.CfnRole(stack, "Plain", assume_role_policy_document={})
    tracing = GlueTracing(stack, "Tracing")
    for id_ in ("A", "B"):
        tracing.trace(job(stack, id_, role=role.attr_arn))
    policies = of_type(template(stack), "AWS::IAM::Policy")
    assert policies and all(policy["Roles"] == [{"Ref": "Plain"}] for policy in policies)


def test_an_aspect_traces_every_job_of_every_stack_once(stack: cdk.Stack) -> None:
    app = stack.node.root
    other = cdk.Stack(cast("cdk.App", app), "Other")
    first, second, by_hand = job(stack), job(other, "Second"), job(stack, "Third")
    tracing = GlueTracing(stack, "Tracing")
    tracing.trace(by_hand, script="instrumented")
    cdk.Aspects.of(app).add(TraceGlueJobs(tracing))
    cdk.Tags.of(app).add("team", "theirs")
    found = {
        text(properties.get("NonOverridableArguments", {}).get("--glue_xray", SCRIPT)): properties
        for one in (stack, other)
        for properties in of_type(template(one), "AWS::Glue::Job")
    }
    assert len(found) == 3
    assert found[SCRIPT]["Command"]["ScriptLocation"] == SCRIPT  # traced by hand
    assert len({text(properties["Command"]["ScriptLocation"]) for properties in found.values()}) == 3 - (
        first.stack.region == second.stack.region
    )
    assert not template(other).get("Parameters", {}).keys() - {"BootstrapVersion"}
    assert {"ReadTracing", "XRay"} <= rights(other).keys()


def test_two_aspects_do_not_wrap_a_job_twice(stack: cdk.Stack) -> None:
    job(stack)
    for id_ in ("One", "Two"):
        cdk.Aspects.of(stack).add(TraceGlueJobs(GlueTracing(stack, id_)))
    assert given_to_runner(the_job(stack)).startswith(SCRIPT)


def parameter(stack: cdk.Stack) -> str:
    return ssm.StringParameter.value_for_string_parameter(stack, "/collector/endpoint")


ENDPOINTS: dict[str, Callable[[cdk.Stack], str]] = {
    "a zone of one's own": lambda stack: "http://collector.theirs.example:4318",
    "a parameter": parameter,
    "an output": lambda stack: cdk.Fn.get_stack_output("OtelSolutionStack", "CollectorEndpoint"),
    "an export": lambda stack: cdk.Fn.import_value("CollectorEndpoint"),
}


@pytest.mark.parametrize("name", ENDPOINTS)
def test_any_endpoint_is_one(stack: cdk.Stack, name: str) -> None:
    endpoint = ENDPOINTS[name](stack)
    GlueTracing(stack, "Tracing", endpoint=endpoint).trace(job(stack))
    value = given_to_runner(the_job(stack))
    assert f" --otlp_endpoint={text(stack.resolve(endpoint))} " in value.replace("'", "")
    assert " --metrics=on " in value
    assert len(said(stack, "info", ".*Theirs/Orders runs in no VPC.*")) == 1


def test_xrays_own_endpoint_needs_a_right_more(stack: cdk.Stack) -> None:
    GlueTracing(stack, "Tracing", endpoint="xray").trace(job(stack))
    assert rights(stack)["XRay"] == XRAY | {"xray:PutSpans", "xray:PutSpansForIndexing"}
    assert " --metrics=off " in given_to_runner(the_job(stack))
    assert not said(stack, "info")


def test_names_of_statements_are_unique_in_a_role_that_jobs_share(stack: cdk.Stack) -> None:
    role = iam.Role(stack, "Shared", assumed_by=iam.ServicePrincipal("glue.amazonaws.com"))
    shell = {"command": {"name": "pythonshell", "python_version": "3.9"}, "glue_version": None}
    to_xray = GlueTracing(stack, "ToXRay", endpoint="xray")
    tracing = GlueTracing(stack, "Tracing")
    to_xray.trace(job(stack, "A", role=role.role_arn))
    tracing.trace(job(stack, "B", role=role.role_arn), workflow="nightly")
    tracing.trace(job(stack, "C", role=role.role_arn, **shell))
    [policy] = of_type(template(stack), "AWS::IAM::Policy")
    statements = policy["PolicyDocument"]["Statement"]
    names = [statement["Sid"] for statement in statements]
    assert len(set(names)) == len(names)
    assert len({json.dumps({**one, "Sid": ""}) for one in statements}) == len(statements)


def test_the_start_of_a_workflows_run_may_be_asked_for(stack: cdk.Stack) -> None:
    tracing = GlueTracing(stack, "Tracing")
    for name, workflow in {"Any": "*", "One": "nightly", "None": None}.items():
        tracing.trace(job(stack, name), workflow=workflow)
    found = {
        text(statement["Resource"])
        for policy in of_type(template(stack), "AWS::IAM::Policy")
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Action"] == WORKFLOW
    }
    assert {arn.rpartition(":")[2] for arn in found} == {"workflow/*", "workflow/nightly"}


def test_a_collector_and_an_endpoint_exclude_each_other(stack: cdk.Stack) -> None:
    with pytest.raises(ValueError, match="leave one out"):
        GlueTracing(stack, "Tracing", collector=Collector(stack, "Collector"), endpoint="xray")


def test_a_collector_brings_its_network_and_the_jobs_into_it(stack: cdk.Stack) -> None:
    GlueTracing(stack, "Tracing", collector=Collector(stack, "Collector")).trace(job(stack))
    found = template(stack)
    [connection] = [id_ for id_, one in found["Resources"].items() if one["Type"] == "AWS::Glue::Connection"]
    assert the_job(stack)["Connections"] == {"Connections": [{"Ref": connection}]}
    assert "--otlp_endpoint=http://collector.theirs.internal:4318" in given_to_runner(the_job(stack))
    assert {"ReadConnection", "MakeInterface", "DropInterface", "DescribeNetwork"} <= rights(stack).keys()
    services = [text(one["ServiceName"]) for one in of_type(found, "AWS::EC2::VPCEndpoint")]
    assert sorted(name.rpartition(".")[2] for name in services) == ["s3", "xray"]
    assert of_type(found, "Custom::NetworkInterfaces") and of_type(found, "AWS::ECS::Service")


@pytest.mark.parametrize(
    ("kinds", "public", "information"),
    [
        (["PUBLIC", "PRIVATE_WITH_EGRESS"], "DISABLED", 0),
        (["PUBLIC", "PRIVATE_ISOLATED"], "ENABLED", 1),
        (["PRIVATE_ISOLATED"], "DISABLED", 2),
    ],
)
def test_an_existing_vpc_gets_groups_and_no_routes(
    stack: cdk.Stack, kinds: list[str], public: str, information: int
) -> None:
    theirs = cdk.Stack(
        cast("cdk.App", stack.node.root),
        "Network",
        env=cdk.Environment(account="123456789012", region="eu-west-1"),
    )
    subnets = [
        ec2.SubnetConfiguration(name=kind.title().replace("_", ""), subnet_type=getattr(ec2.SubnetType, kind))
        for kind in kinds
    ]
    vpc = ec2.Vpc(theirs, "Vpc", subnet_configuration=subnets)
    GlueTracing(stack, "Tracing", collector=Collector(stack, "Collector", vpc=vpc)).trace(job(stack))
    found = template(stack)
    kinds_there = {resource["Type"] for resource in found["Resources"].values()}
    assert not kinds_there & {"AWS::EC2::VPC", "AWS::EC2::Subnet", "AWS::EC2::VPCEndpoint", "AWS::EC2::Route"}
    assert len(of_type(found, "AWS::EC2::SecurityGroup")) == 2
    [service] = of_type(found, "AWS::ECS::Service")
    assert service["NetworkConfiguration"]["AwsvpcConfiguration"]["AssignPublicIp"] == public
    assert len(said(stack, "info")) == information


def test_a_vpc_without_private_subnets_is_refused(stack: cdk.Stack) -> None:
    subnets = [ec2.SubnetConfiguration(name="Public", subnet_type=ec2.SubnetType.PUBLIC)]
    vpc = ec2.Vpc(stack, "Vpc", subnet_configuration=subnets)
    with pytest.raises(
        ValueError, match=r"has no private subnet, and Glue gives jobs no public address; give"
    ):
        Collector(stack, "Collector", vpc=vpc)


@pytest.mark.parametrize("with_collector", [True, False])
def test_a_job_in_a_vpc_is_told_what_it_must_reach(stack: cdk.Stack, with_collector: bool) -> None:
    collector = Collector(stack, "Collector") if with_collector else None
    connections = glue.CfnJob.ConnectionsListProperty(connections=["theirs"])
    GlueTracing(stack, "Tracing", collector=collector).trace(job(stack, connections=connections))
    assert the_job(stack)["Connections"] == {"Connections": ["theirs"]}
    [information] = said(stack, "info")
    assert "com.amazonaws.eu-west-1.s3" in information and "com.amazonaws.eu-west-1.xray" in information
    assert ("collector.theirs.internal" in information) is with_collector
    assert "ReadConnection" not in rights(stack)


def test_the_state_that_starts_a_job_takes_the_arguments_in_both_languages(stack: cdk.Stack) -> None:
    tracing = GlueTracing(stack, "Tracing")
    traced = job(stack, name="orders")
    tracing.trace(traced)
    path = tasks.GlueStartJobRun(
        stack,
        "Path",
        glue_job_name="orders",
        arguments=sfn.TaskInput.from_object(tracing.arguments("JSONPath")),
    )
    ata = tasks.GlueStartJobRun.jsonata(
        stack, "Ata", glue_job_name="orders", arguments=sfn.TaskInput.from_object(tracing.arguments())
    )
    states = [stack.resolve(state.to_state_json()) for state in (path, ata)]
    assert states[0]["Parameters"]["Arguments"] == {
        "--execution_id.$": "$$.Execution.Id",
        "--execution_start.$": "$$.Execution.StartTime",
        "--step_name.$": "$$.State.Name",
    }
    assert states[1]["Arguments"]["Arguments"] == {
        "--execution_id": "{% $states.context.Execution.Id %}",
        "--execution_start": "{% $states.context.Execution.StartTime %}",
        "--step_name": "{% $states.context.State.Name %}",
        "--trace_header": "{% $exists($states.context.Execution.Input.trace_header) "
        "? $states.context.Execution.Input.trace_header : '' %}",
    }


@pytest.mark.parametrize(
    ("language", "header", "key"),
    [("JSONata", "{% $states.input.h %}", "--trace_header"), ("JSONPath", "$.h", "--trace_header.$")],
)
def test_a_callers_header_is_passed_on(stack: cdk.Stack, language: Any, header: str, key: str) -> None:
    tracing = GlueTracing(stack, "Tracing")
    assert tracing.arguments(language, trace_header=header)[key] == header
    with pytest.raises(ValueError, match=f"is no {language}; give, for example"):
        tracing.arguments(language, trace_header="Root=1-1")


def test_an_unknown_language_is_one_sentence(stack: cdk.Stack) -> None:
    with pytest.raises(ValueError, match=r"'jsonata' is not known; give JSONata or JSONPath\."):
        GlueTracing(stack, "Tracing").arguments("jsonata")  # type: ignore[arg-type]
