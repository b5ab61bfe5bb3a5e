# SPDX-License-Identifier: Apache-2.0
"""The logger of the function: JSON lines to stdout."""

from __future__ import annotations

import logging
import sys

from xray_common.json_lines import JsonLines


def _logger() -> logging.Logger:
    logger = logging.getLogger("start_pipeline")
    logger.setLevel(logging.INFO)
    logger.propagate = False  # Lambda's own handler on the root logger would write every line again
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    logger.handlers[:] = [handler]
    return logger


log = _logger()
