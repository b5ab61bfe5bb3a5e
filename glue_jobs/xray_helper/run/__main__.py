# SPDX-License-Identifier: Apache-2.0
"""See ``xray_helper.run.command``."""

import sys

from xray_helper.run.command import main

sys.exit(main())
