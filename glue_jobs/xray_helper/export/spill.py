# SPDX-License-Identifier: Apache-2.0
"""The last resort: segment documents in a file, one per line, to be sent later.

``python -m xray_helper.resend FILE`` sends them. The file's name starts with ``_``, so that Spark and Athena
do not take it for data when it lies beside a job's output.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from xray_helper.export.files import write_file

_PREFIX: Final = "_spans-"
_SUFFIX: Final = ".jsonl"


def spill(documents: Sequence[str], folder: str | None, *, seconds: float) -> str:
    """Write documents into a new file in ``folder`` and return its URI or path; see ``write_file``.

    Parameters
    ----------
    documents
        Segment documents, JSON text each.
    """
    first = json.loads(documents[0])
    name = f"{_PREFIX}{first.get('trace_id', 'trace')}-{first.get('id', 'span')}{_SUFFIX}"
    content = "".join(f"{document}\n" for document in documents).encode()
    return write_file(folder, name, content, seconds=seconds)
