# SPDX-License-Identifier: Apache-2.0
"""What watches the steps of a job: the protocols that an observer knows, and the error boundary around it."""

from __future__ import annotations

from xray_helper.observers.protocols import (
    Frames,
    Observation,
    Priority,
    SpanSink,
    StepHandle,
    StepObserver,
)

__all__ = ["Frames", "Observation", "Priority", "SpanSink", "StepHandle", "StepObserver"]
