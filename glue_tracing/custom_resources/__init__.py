# SPDX-License-Identifier: Apache-2.0
"""What CloudFormation cannot do by itself: a function, and the resources that it answers for."""

from glue_tracing.custom_resources.provider import CustomResources

__all__ = ["CustomResources"]
