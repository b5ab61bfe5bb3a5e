# SPDX-License-Identifier: Apache-2.0
"""The server process: ministack, what this package adds to it, and the parts that its user asks for."""
