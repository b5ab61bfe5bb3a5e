# SPDX-License-Identifier: Apache-2.0
"""What became of each lazy step. Optional: every other room is complete without it."""
