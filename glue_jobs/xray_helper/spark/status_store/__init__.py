# SPDX-License-Identifier: Apache-2.0
"""What Spark records about executions, jobs, stages and tasks, and how it is read and collected."""
