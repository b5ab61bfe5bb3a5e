# SPDX-License-Identifier: Apache-2.0
"""`python -m trace_viewer`."""

import sys

from trace_viewer.cli import main

if __name__ == "__main__":
    sys.exit(main())
