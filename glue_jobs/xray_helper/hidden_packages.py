# SPDX-License-Identifier: Apache-2.0
"""Files of a job that hide a package of the same name: the folder of a script is the first on Python's path.

The job's own imports mean these files, so they stay. They are never imported for telemetry: that would run
them.
"""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder
from importlib.util import find_spec
from typing import Final

TRACE: Final = ("opentelemetry.trace",)
#: What watching a script needs, and the calls of the AWS SDK besides it.
CALLS: Final = ("wrapt.decorators",)
#: What PutTraceSegments needs, S3 and the look-up of the parent, too.
AWS_SDK: Final = (
    "botocore.session", "certifi.core", "dateutil.parser", "jmespath.parser", "urllib3.poolmanager",
)  # fmt: skip
#: What OTLP over HTTP needs.
OTLP: Final = (
    "requests.sessions", "certifi.core", "charset_normalizer.api", "idna.core", "urllib3.poolmanager",
    "google.protobuf",
)  # fmt: skip


class HiddenPackageError(ImportError):
    """A file has the name of a package; names both, and what to do."""


def require(*modules: str) -> None:
    """Raise where an import would find something else than the package that has this module.

    A package that is not installed at all is left to its import.

    Parameters
    ----------
    modules
        A module of each package, such as ``requests.sessions``: it tells the package from its namesakes.

    Raises
    ------
    HiddenPackageError
        As in ``/jobs/requests.py hides the package requests: rename it``.

    Examples
    --------
    >>> require("xray_common.ids", "not_installed.anywhere")
    """
    for module in modules:
        if module in sys.modules:
            continue
        package = module.partition(".")[0]
        loaded = sys.modules.get(package)
        spec = loaded.__spec__ if loaded is not None else find_spec(package)
        if spec is None:
            continue
        places = spec.submodule_search_locations
        if places is None or PathFinder.find_spec(module, places) is None:
            found = spec.origin or next(iter(places or ()), package)
            raise HiddenPackageError(f"{found} hides the package {package}: rename it")
