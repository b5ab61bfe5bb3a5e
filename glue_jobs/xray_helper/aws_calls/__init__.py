# SPDX-License-Identifier: Apache-2.0
"""Calls that the job, and its functions in Spark's workers, make with the AWS SDK."""
