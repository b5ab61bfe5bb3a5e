# SPDX-License-Identifier: Apache-2.0
"""PutTraceSegments: straight to X-Ray, without a collector."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from xray_common.put_segments import batches, put_segments
from xray_helper.clients import aws_client
from xray_helper.error_boundary import run_bounded

_FIRST_PAUSE_S: Final = 0.1
_MAX_ATTEMPTS: Final = 4


@dataclass
class Put:
    """What X-Ray did not take, and the last reason it gave."""

    unsent: list[str] = field(default_factory=list)
    error: str = ""


def send_to_xray(documents: Sequence[str], *, seconds: float, client: Any | None = None) -> Put:
    """Put segment documents, 50 a call; what X-Ray leaves unprocessed is tried again within ``seconds``.

    Never raises. Documents of a call that did not come back in time count as unsent.

    Examples
    --------
    >>> send_to_xray([], seconds=1.0)
    Put(unsent=[], error='')
    """
    if not documents:
        return Put()
    deadline = time.monotonic() + seconds
    waiting = dict(enumerate(documents))  # what X-Ray has not taken yet, by place
    errors: list[str] = []

    def work() -> None:
        _put_all(waiting, errors, client, deadline)

    run_bounded(work, seconds=seconds, name="xray-put")
    left = dict(waiting)  # the thread may still be at it
    return Put([left[place] for place in sorted(left)], errors[-1] if errors else "")


def _put_all(waiting: dict[int, str], errors: list[str], client: Any | None, deadline: float) -> None:
    pause = _FIRST_PAUSE_S
    try:
        client = client or aws_client("xray")
    except Exception as error:  # no region, no botocore: trying again would not help
        errors.append(f"X-Ray cannot be called: {type(error).__name__}: {error}")
        return
    for _ in range(_MAX_ATTEMPTS):
        try:
            _put_once(waiting, errors, client, deadline)
        except Exception as error:  # botocore makes its exception types at run time
            errors.append(f"X-Ray failed: {type(error).__name__}: {error}")
        if not waiting or time.monotonic() + pause >= deadline:
            return
        time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, no secret
        pause *= 2


def _put_once(waiting: dict[int, str], errors: list[str], client: Any, deadline: float) -> None:
    for places in batches(list(waiting)):
        if time.monotonic() >= deadline:
            return
        refusals = put_segments(client, [waiting[place] for place in places])
        refused = {refusal.segment_id: refusal for refusal in refusals}
        for place in places:
            reason = refused.get(json.loads(waiting[place]).get("id")) if refused else None
            if reason is None:
                del waiting[place]
            else:
                why = f"{reason.code} {reason.message or ''}".strip()
                errors.append(f"X-Ray refused a segment: {why}")
