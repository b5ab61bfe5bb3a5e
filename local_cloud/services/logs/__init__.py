# SPDX-License-Identifier: Apache-2.0
"""CloudWatch Logs: the output of processes, embedded metrics, Logs Insights."""
