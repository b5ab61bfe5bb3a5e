# SPDX-License-Identifier: Apache-2.0
"""Placeholder for the DAG."""
