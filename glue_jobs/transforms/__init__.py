# SPDX-License-Identifier: Apache-2.0
"""What the two jobs do to listings: small functions from DataFrame to DataFrame, one rule each.

Nothing here knows AWS or tracing: every function runs on any Spark 3.5.
"""
