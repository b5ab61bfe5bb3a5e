# SPDX-License-Identifier: Apache-2.0
"""Two traces side by side: what got slower, what changed in rows."""
