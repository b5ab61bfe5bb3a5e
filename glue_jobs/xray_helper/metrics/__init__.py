# SPDX-License-Identifier: Apache-2.0
"""Numbers of a job: what they are, which of them it measures itself, how they are sent."""
