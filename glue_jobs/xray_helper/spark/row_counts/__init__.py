# SPDX-License-Identifier: Apache-2.0
"""How many rows left a step, counted in the pass that runs anyway."""
