# SPDX-License-Identifier: Apache-2.0
"""Executions, jobs and stages as spans, with what Spark measured as attributes."""
