# SPDX-License-Identifier: Apache-2.0
"""What an object key says: which data set it holds, and whether the pipeline reads it.

The one rule for names: the function and the DAG ask it before they start a job, the jobs ask it again.
"""

from __future__ import annotations

from typing import Final

from data_layout.formats import COMPRESSED, FORMATS, extension_of
from data_layout.places import KEY_BYTES, RUN, dataset_room

INPUT_PREFIX: Final = "input/"
HIDDEN: Final = ("_", ".")  # Spark, Athena and Hive pass over files and folders with such names
_SUPPORTED: Final = (
    f"supported are {', '.join(FORMATS[:-1])} and {FORMATS[-1]}, each also with {COMPRESSED} in lower case"
)


class NotADataSet(ValueError):  # noqa: N818 - not an error of anybody: such objects are passed over
    """An object that starts no execution; the text says why, in one sentence."""


class FolderMarker(NotADataSet):
    """The empty object, its key ending in ``/``, that consoles create to show a folder."""


def dataset_of(key: str) -> str:
    """Return the data set of ``input/<data set>.<extension>``.

    The data set keeps the key's own spelling, folders included. It becomes a part of the output URIs:
    see ``check_dataset``.

    Examples
    --------
    >>> dataset_of("input/2026/listings.v2.csv.gz")
    '2026/listings.v2'

    Raises
    ------
    FolderMarker
        When the key ends in ``/``.
    NotADataSet
        When the key is outside of ``input/``, has another extension, or cannot name a data set.
    """
    if key.endswith("/"):
        raise FolderMarker("It marks a folder and holds no data.")
    if not key.startswith(INPUT_PREFIX):
        raise NotADataSet(f"It is not below {INPUT_PREFIX}, where data sets are uploaded.")
    if extension_of(key) is None:
        raise NotADataSet(f"Its extension is not supported; {_SUPPORTED}.")
    dataset = dataset_name(key)
    check_dataset(dataset)
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


def check_dataset(dataset: str) -> None:
    """Make sure that a data set's outputs lie where every reader finds them, and no other run's do.

    * An empty part, ``.`` and ``..`` are resolved by file systems: the output would land outside of its
      prefix (even below ``input/``, where it would start runs for ever).
    * ``run_id=`` begins the folder of a run: the output would land in another run's, whose readers would
      take it for their own.
    * What begins with ``_`` or ``.`` is hidden from readers.
    * S3 has 1,024 bytes for a key, and the outputs' are longer than the input's.

    Raises
    ------
    NotADataSet
        When it does not.
    """
    for part in dataset.split("/"):
        if not part or part.startswith(HIDDEN) or part.lower().startswith(RUN):
            raise NotADataSet(
                f"A part of its path is empty or begins with '{RUN}', '_' or '.'; "
                "name every folder and the file otherwise."
            )
    if len(dataset.encode()) > dataset_room():
        raise NotADataSet(
            f"Its path has more than {dataset_room()} bytes, which leaves no room for the names of its "
            f"outputs in S3's {KEY_BYTES} bytes of a key; give it a shorter one."
        )
