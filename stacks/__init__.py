# SPDX-License-Identifier: Apache-2.0
"""Infrastructure only: constructs model, the stack composes, app.py chooses."""
