# SPDX-License-Identifier: Apache-2.0
"""See ``xray_helper.run.command``."""

import sys

from xray_helper.run.command import main

if __name__ == "__main__":
    sys.exit(main())
