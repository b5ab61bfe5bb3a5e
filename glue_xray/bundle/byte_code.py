# SPDX-License-Identifier: Apache-2.0
"""Byte code for the inside of a zip, where Python stores none: each start would compile anew.

``zipimport`` looks for ``x.pyc`` beside ``x.py``, first, and takes the source where another Python has made
it. The byte code is of the kind that is not compared with its source (PEP 552, "unchecked hash"): times in a
zip say nothing.
"""

from __future__ import annotations

import importlib.util
import marshal
import sys
from typing import Final

THIS_PYTHON: Final = f"{sys.version_info.major}.{sys.version_info.minor}"
_UNCHECKED_HASH: Final = (1).to_bytes(4, "little")
# The last format without references between equal values: which of them are one object is a matter of chance,
# and the same source shall give the same bytes.
_WITHOUT_REFERENCES: Final = 2


def compiled(source: bytes, name: str) -> bytes:
    """Return the content of the ``.pyc`` of a module; ``name`` is what its stack frames call the file."""
    code = marshal.dumps(compile(source, name, "exec", dont_inherit=True), _WITHOUT_REFERENCES)
    header = importlib.util.MAGIC_NUMBER + _UNCHECKED_HASH + importlib.util.source_hash(source)
    return header + code
