# SPDX-License-Identifier: Apache-2.0
"""Python functions that run in Spark's workers, measured there."""
