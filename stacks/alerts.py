# SPDX-License-Identifier: Apache-2.0
"""Who is told: an SNS topic for alarms, and a message for each failed run that says where to look."""

from __future__ import annotations

import aws_cdk as cdk
import aws_cdk.aws_events as events
import aws_cdk.aws_events_targets as targets
import aws_cdk.aws_iam as iam
import aws_cdk.aws_kms as kms
import aws_cdk.aws_sns as sns
import aws_cdk.aws_sns_subscriptions as subscriptions
import aws_cdk.aws_stepfunctions as sfn
from constructs import Construct

from glue_tracing.xray import run_console_url
from stacks.settings import Settings

FAILED = ["FAILED", "TIMED_OUT", "ABORTED"]


class Alerts(Construct):
    """A topic with our key where there is one, TLS only.

    Attributes
    ----------
    topic
        The topic.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        state_machine: sfn.StateMachine,
        key: kms.IKey | None,
        settings: Settings,
    ) -> None:
        super().__init__(scope, id_)
        self.topic = sns.Topic(self, "Topic", master_key=key, enforce_ssl=True)
        self._allow_alarms()
        if key is not None:
            self._grant_encryption(key)
        if settings.alarm_email != "none":
            self.topic.add_subscription(subscriptions.EmailSubscription(settings.alarm_email))
        self._announce_failed_runs(state_machine)

    def _allow_alarms(self) -> None:
        account = cdk.Stack.of(self).account
        self._grant_publish("Alarms", "cloudwatch", {"StringEquals": {"aws:SourceAccount": account}})

    def _grant_publish(self, sid: str, service: str, conditions: dict[str, dict[str, str]]) -> None:
        self.topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid=sid,
                principals=[iam.ServicePrincipal(f"{service}.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[self.topic.topic_arn],
                conditions=conditions,
            )
        )

    def _grant_encryption(self, key: kms.IKey) -> None:
        """Let the senders encrypt messages to this stack's topic; without it they are lost without a word.

        EventBridge brings no ``aws:SourceAccount`` to KMS ("not supported for EventBridge-to-encrypted
        topics"); the encryption context, which SNS always gives, bounds both.

        Source: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
        """
        stack = cdk.Stack.of(self)
        # Not the topic's own ARN: the topic names the key. CloudFormation's names begin with the stack's.
        topics = stack.format_arn(service="sns", resource=f"{stack.stack_name}-*")
        bound = {"ArnLike": {"kms:EncryptionContext:aws:sns:topicArn": topics}}
        account = {"StringEquals": {"aws:SourceAccount": stack.account}}
        for sid, service, conditions in (
            ("MessagesOfAlarms", "cloudwatch", {**bound, **account}),
            ("MessagesOfEvents", "events", bound),
        ):
            key.add_to_resource_policy(
                iam.PolicyStatement(
                    sid=sid,
                    principals=[iam.ServicePrincipal(f"{service}.amazonaws.com")],
                    actions=["kms:Decrypt", "kms:GenerateDataKey*"],
                    resources=["*"],  # in a key policy: this key
                    conditions=conditions,
                )
            )

    def _announce_failed_runs(self, state_machine: sfn.StateMachine) -> None:
        """Report which run failed, why, and where its trace is, which an alarm cannot; it costs nothing."""
        run_id = events.EventField.from_path("$.detail.name")
        text = (
            f"Run {run_id} ended {events.EventField.from_path('$.detail.status')}: "
            f"{events.EventField.from_path('$.detail.cause')}\n\n"
            f"Its trace: {run_console_url(cdk.Stack.of(self), run_id)}\n"
            f"(or: python -m trace_viewer --latest --filter 'annotation.run_id = \"{run_id}\"' --logs)"
        )
        rule = events.Rule(
            self,
            "FailedRun",
            description="Tells of every run that failed, with the way to its trace",
            event_pattern=events.EventPattern(
                source=["aws.states"],
                detail_type=["Step Functions Execution Status Change"],
                detail={"stateMachineArn": [state_machine.state_machine_arn], "status": FAILED},
            ),
        )
        # By its ARN: with the topic itself, CDK adds statements for EventBridge that no condition bounds.
        topic = sns.Topic.from_topic_arn(self, "FailedRunTopic", self.topic.topic_arn)
        rule.add_target(targets.SnsTopic(topic, message=events.RuleTargetInput.from_text(text)))
        self._grant_publish("FailedRuns", "events", {"ArnEquals": {"aws:SourceArn": rule.rule_arn}})
