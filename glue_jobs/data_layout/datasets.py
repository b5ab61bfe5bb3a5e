# SPDX-License-Identifier: Apache-2.0
"""What an object key says: which data set it holds, and whether the pipeline reads it."""

from __future__ import annotations

from data_layout.formats import EXTENSIONS, extension_of

INPUT_PREFIX = "input/"


class NotADataSet(ValueError):  # noqa: N818 - not an error of anybody: such objects are passed over
    """An object that starts no execution; the text says why, in one sentence."""


class FolderMarker(NotADataSet):
    """The empty object, its key ending in ``/``, that consoles create to show a folder."""


def dataset_of(key: str) -> str:
    """Return the data set of ``input/<data set>.<extension>``.

    The extension counts in any case (``LISTINGS.CSV`` is CSV). The data set keeps the key's own spelling,
    folders included. It becomes a part of the output URIs, so that ``.``, ``..`` and empty parts are refused:
    file systems resolve them, and the output would land outside of its prefix (even below ``input/``, where
    it would start runs for ever).

    Examples
    --------
    >>> dataset_of("input/2026/listings.v2.csv.gz")
    '2026/listings.v2'

    Raises
    ------
    FolderMarker
        When the key ends in ``/``.
    NotADataSet
        When the key is outside of ``input/``, has another extension, or a part that
        cannot be a folder's name.
    """
    if key.endswith("/"):
        raise FolderMarker("It marks a folder and holds no data.")
    if not key.startswith(INPUT_PREFIX):
        raise NotADataSet(f"It is not below {INPUT_PREFIX}, where data sets are uploaded.")
    if extension_of(key) is None:
        raise NotADataSet(f"Its extension is not supported; supported are {', '.join(EXTENSIONS)}.")
    dataset = dataset_name(key)
    if any(part in ("", ".", "..") for part in dataset.split("/")):
        raise NotADataSet("A part of its path is empty, '.' or '..'; name every folder and the file.")
    return dataset


def dataset_name(key: str) -> str:
    """Return a key without ``input/`` and a supported extension, whatever else it is.

    Examples
    --------
    >>> dataset_name("input/2026/listings.csv"), dataset_name("notes.txt")
    ('2026/listings', 'notes.txt')
    """
    name = key.removeprefix(INPUT_PREFIX)
    return name[: len(name) - len(extension_of(name) or "")]
