# SPDX-License-Identifier: Apache-2.0
"""Python imports this when it starts: its clock is ``AHEAD_S`` seconds ahead, as another host's may be."""

import os
import time

_ahead_s = int(os.environ["AHEAD_S"])
_now_s, _now_ns = time.time, time.time_ns

time.time = lambda: _now_s() + _ahead_s
time.time_ns = lambda: _now_ns() + _ahead_s * 10**9
