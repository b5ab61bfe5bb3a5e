# SPDX-License-Identifier: Apache-2.0
"""Which trace a job belongs to, and below which segment of it."""
