# SPDX-License-Identifier: Apache-2.0
"""Self-contained HTML: Python assembles it, `templates/`, `styles/` and `scripts/` are its parts."""
