# SPDX-License-Identifier: Apache-2.0
"""Units that more than one room converts."""

from typing import Final

NS_PER_MS: Final = 1_000_000
MS_PER_S: Final = 1_000
