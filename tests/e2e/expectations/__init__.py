# SPDX-License-Identifier: Apache-2.0
"""What must hold of a run, whatever account it ran in: the e2e tests and ``make verify`` ask the same.

Each function raises `AssertionError`, in one sentence, or returns what it saw, in one phrase.
"""
