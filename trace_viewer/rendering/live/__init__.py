# SPDX-License-Identifier: Apache-2.0
"""A trace that grows: in the terminal, or as a page that reloads itself."""
