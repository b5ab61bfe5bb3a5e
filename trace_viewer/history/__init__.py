# SPDX-License-Identifier: Apache-2.0
"""Runs, one after the other: the list of them, and what is usual among the good ones."""
