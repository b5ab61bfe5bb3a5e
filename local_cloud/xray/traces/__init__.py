# SPDX-License-Identifier: Apache-2.0
"""Segment documents: what X-Ray takes, keeps, and makes of them."""
