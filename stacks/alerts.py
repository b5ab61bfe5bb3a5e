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

from stacks.settings import Settings
from stacks.xray import run_console_url

FAILED = ["FAILED", "TIMED_OUT", "ABORTED"]
SENDERS = ("cloudwatch", "events")


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
            self._let_senders_encrypt(key)
        if settings.alarm_email != "none":
            self.topic.add_subscription(subscriptions.EmailSubscription(settings.alarm_email))
        self._tell_failed_runs(state_machine)

    def _allow_alarms(self) -> None:
        account = cdk.Stack.of(self).account
        self.topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="Alarms",
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[self.topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": account}},
            )
        )

    def _let_senders_encrypt(self, key: kms.IKey) -> None:
        """Without this, a message to an encrypted topic is lost without a word.

        Source: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
        """
        key.add_to_resource_policy(
            iam.PolicyStatement(
                sid="MessagesOfThisAccount",
                principals=[iam.ServicePrincipal(f"{name}.amazonaws.com") for name in SENDERS],
                actions=["kms:Decrypt", "kms:GenerateDataKey*"],
                resources=["*"],  # in a key policy: this key
                conditions={"StringEquals": {"aws:SourceAccount": cdk.Stack.of(self).account}},
            )
        )

    def _tell_failed_runs(self, state_machine: sfn.StateMachine) -> None:
        """An alarm says that something failed; this says which run, why, and where its trace is, for free."""
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
        rule.add_target(targets.SnsTopic(self.topic, message=events.RuleTargetInput.from_text(text)))
