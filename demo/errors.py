# SPDX-License-Identifier: Apache-2.0
"""Errors for a user, each in one sentence."""


class DemoError(Exception):
    """One sentence that names the object, the cause and the next step."""
