# SPDX-License-Identifier: Apache-2.0
"""The traced side of a job: its start, what goes on beside it, its end, and an end before its time."""
