# SPDX-License-Identifier: Apache-2.0
"""``python -m glue_xray``: see ``glue_xray.cli``."""

import sys

from glue_xray.cli import main

sys.exit(main())
