# SPDX-License-Identifier: Apache-2.0
"""Access to X-Ray and CloudWatch Logs: a trace, its summaries, its log lines, a trace that grows."""
