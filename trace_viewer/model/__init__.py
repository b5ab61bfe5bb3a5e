# SPDX-License-Identifier: Apache-2.0
"""Documents in, one tree out, and what is worth saying about it: no AWS, no terminal, no page."""
