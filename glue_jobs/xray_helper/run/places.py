# SPDX-License-Identifier: Apache-2.0
"""What is written about a step that is a line of a script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from xray_helper.run.call_site import CallSite
    from xray_helper.step import Step

_FILE: Final = "code.file.path"  # OpenTelemetry's semantic conventions, "Code attributes"
_LINE: Final = "code.line.number"
_FUNCTION: Final = "code.function.name"
CALLS: Final = "code.calls"


def describe(step: Step, site: CallSite) -> None:
    """Write where in the script a step is."""
    step.set_attribute(_FILE, site.file)
    step.set_attribute(_LINE, site.line)
    step.set_attribute(_FUNCTION, site.function)
