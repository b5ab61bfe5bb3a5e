# SPDX-License-Identifier: Apache-2.0
"""When a job ends: once, in time, and also when nobody leaves its block."""
