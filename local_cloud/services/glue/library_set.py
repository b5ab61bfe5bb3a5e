# SPDX-License-Identifier: Apache-2.0
"""The packages that Glue gives a Python shell job beside boto3: the library set ``analytics`` of Python 3.9.

Source: "Supported libraries for Python shell jobs", AWS Glue Developer Guide. The whole set is a few hundred
megabytes, so that a run here gets what its files import.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

_NUMPY: Final = "numpy==1.22.3"  # what pandas and the like were compiled for
#: By the module that a script imports: what pip installs, of Glue's version or the next one with a wheel.
_ANALYTICS: Final = {
    "avro": ("avro==1.11.5",),
    "awswrangler": ("awswrangler==2.15.1", _NUMPY),
    "elasticsearch": ("elasticsearch==8.2.0",),
    "numpy": (_NUMPY,),
    "pandas": ("pandas==1.4.2", _NUMPY),
    "psycopg2": ("psycopg2-binary==2.9.3",),
    "pyathena": ("PyAthena==2.5.3",),
    "pymysql": ("PyMySQL==1.0.2",),
    "pyodbc": ("pyodbc==4.0.34",),
    "pyorc": ("pyorc==0.6.0",),
    "redshift_connector": ("redshift-connector==2.0.907",),
    "requests": ("requests==2.27.1",),
    "s3fs": ("s3fs==2022.5.0",),
    "scipy": ("scipy==1.8.0", _NUMPY),
    "sklearn": ("scikit-learn==1.0.2", _NUMPY),
    "sqlalchemy": ("SQLAlchemy==1.4.36",),
}


def wanted(files: Iterable[str], arguments: Mapping[str, str]) -> list[str]:
    """Return the requirements of a run's Python files.

    Parameters
    ----------
    files
        The texts of the script and of the modules beside it.
    arguments
        The arguments of the run; ``library-set=none`` gives nothing (with or without two hyphens).

    Examples
    --------
    >>> wanted(["import sys, requests"], {})
    ['requests==2.27.1']
    """
    if "none" in (arguments.get("library-set"), arguments.get("--library-set")):
        return []
    names = {name for text in files for name in _imported(text)}
    return sorted({requirement for name in names for requirement in _ANALYTICS.get(name, ())})


def _imported(text: str) -> Iterator[str]:
    """Yield the top-level modules that a file imports; nothing of one that Python cannot read."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):  # its own run says so
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield (node.module or "").partition(".")[0]
