# SPDX-License-Identifier: Apache-2.0
"""Faults, injected one by one into a running local cloud: ``python -m tests.nightly.faults --list``."""
