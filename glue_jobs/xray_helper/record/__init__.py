# SPDX-License-Identifier: Apache-2.0
"""How spans are made and kept, and what is written on them."""
