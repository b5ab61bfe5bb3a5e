# SPDX-License-Identifier: Apache-2.0
"""The main job, as a user does it: deploy, upload a data set, show its trace, destroy.

It talks to whatever AWS the environment names through the CDK CLI and boto3 alone, as any user of the
application would. ``make demo`` runs it inside a local cloud.
"""
