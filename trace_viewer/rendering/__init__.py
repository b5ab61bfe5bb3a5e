# SPDX-License-Identifier: Apache-2.0
"""A trace or a comparison, drawn."""
