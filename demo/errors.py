# SPDX-License-Identifier: Apache-2.0
"""What goes wrong for a user, said in one sentence."""


class DemoError(Exception):
    """One sentence that names the object, the cause and the next step."""
