# SPDX-License-Identifier: Apache-2.0
"""Jobs of other people: their definition and their role."""
