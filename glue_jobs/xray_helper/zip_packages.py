# SPDX-License-Identifier: Apache-2.0
"""Lets Python find packages without ``__init__.py`` (opentelemetry, google) in any zip file.

Up to Python 3.12 ``zipimport`` sees such a package only if the zip has an entry for the folder itself. Many
tools write none, the CDK's own assets among them, and Glue puts ``--extra-py-files`` on the path as zips.
"""

from __future__ import annotations

import functools
import sys
import zipfile
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Final

_ZIP: Final = ".zip"


def install() -> None:
    """Ask here last, and only when this library itself came in a zip; doing it twice changes nothing."""
    if f"{_ZIP}/" in __file__.replace("\\", "/") and ZipPackages not in sys.meta_path:
        sys.meta_path.append(ZipPackages)


class ZipPackages:
    """A finder for ``sys.meta_path``; see the module."""

    @classmethod
    def find_spec(
        cls, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Describe a package that is a folder in a zip on the path; None leaves the import to fail."""
        name = fullname.rpartition(".")[2]
        found = [f"{entry}/{name}" for entry in path or sys.path if _has_folder(entry, name)]
        if not found:
            return None
        spec = ModuleSpec(fullname, None, is_package=True)
        spec.submodule_search_locations = found
        return spec


def _has_folder(entry: str, name: str) -> bool:
    archive, is_zip, inside = entry.replace("\\", "/").partition(_ZIP)
    return bool(is_zip) and f"{inside}/{name}".lstrip("/") in _folders(archive + _ZIP)


@functools.cache
def _folders(archive: str) -> frozenset[str]:
    """List every folder of a zip, whether it has an entry or not."""
    try:
        with zipfile.ZipFile(archive) as content:
            names = content.namelist()
    except (OSError, zipfile.BadZipFile):
        return frozenset()
    return frozenset(name[:end] for name in names for end in range(len(name)) if name[end] == "/")
