# SPDX-License-Identifier: Apache-2.0
"""Five read-only questions about runs, for programs that ask."""
