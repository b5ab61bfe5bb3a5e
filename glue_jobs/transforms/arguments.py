# SPDX-License-Identifier: Apache-2.0
"""Arguments of the jobs: ``--name value``, the same on Glue and by hand."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Final, NoReturn

from data_layout.datasets import INPUT_PREFIX, NotADataSet, check_dataset, dataset_name
from data_layout.places import FILE_BYTES, KEY_BYTES, dataset_and_run
from transforms.errors import ArgumentsError
from xray_common.command_line import named_arguments

_URI: Final = re.compile(r"^(?P<scheme>s3|s3a|file)://(?P<host>[^/]*)/(?P<path>.+?)/?$", re.DOTALL)


class Parser(argparse.ArgumentParser):
    """A parser for a job that Glue starts: it raises instead of leaving, and lets foreign arguments pass.

    It has no ``--help`` and takes no abbreviated name: what a job is given comes from outside, and one value
    that ends a job in success, or sets another option, is one too many.
    """

    def __init__(self, description: str | None) -> None:
        super().__init__(description=description, allow_abbrev=False, add_help=False)
        self._inputs: list[str] = []
        self._outputs: list[str] = []

    def error(self, message: str) -> NoReturn:
        """Raise, so that the message becomes the error of the Glue run."""
        raise ArgumentsError(f"{message}; the job's arguments are {self._names()}.")

    def _names(self) -> str:
        return ", ".join(action.option_strings[0] for action in self._actions)

    def add_input(self, name: str, meaning: str) -> None:
        """Add the URI of an object to read."""
        self._inputs.append(self._add_uri(name, meaning))

    def add_output(self, name: str, meaning: str) -> None:
        """Add the URI of a place to write to."""
        self._outputs.append(self._add_uri(name, meaning))

    def _add_uri(self, name: str, meaning: str) -> str:
        return self.add_argument(name, required=True, type=checked_uri, metavar="URI", help=meaning).dest

    def parse(self, argv: Sequence[str] | None) -> argparse.Namespace:
        """Parse the arguments that are known; Glue adds ``--JOB_NAME``, ``--JOB_RUN_ID`` and more.

        Raises
        ------
        ArgumentsError
            When they cannot be used; see ``check_apart``, ``check_names`` and ``check_room``.
        """
        given = named_arguments(sys.argv[1:] if argv is None else argv)
        arguments = self.parse_args(
            [
                name if value is None else f"{name}={value}"
                for name, value in given
                if name in self._option_string_actions
            ]
        )
        uris = [getattr(arguments, name) for name in (*self._inputs, *self._outputs)]
        check_apart(*uris)
        check_names(*uris)
        check_room(*(getattr(arguments, name) for name in self._outputs))
        return arguments


def checked_uri(text: str) -> str:
    """Return the URI without a slash at its end.

    Raises
    ------
    argparse.ArgumentTypeError
        When it is no ``s3://`` or ``file://`` URI, or when Hadoop would read it as another one: it drops
        empty parts and resolves dots, so that a key with them cannot be named.
    """
    found = _URI.match(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text} is not s3://bucket/key or file:///path")
    if {"", ".", ".."} & set(found["path"].split("/")):
        raise argparse.ArgumentTypeError(
            f"{text} has an empty part, '.' or '..' in its path: rename the object"
        )
    return text.removesuffix("/")


def day(text: str) -> date:
    """Read ``YYYY-MM-DD``."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not a date YYYY-MM-DD") from None


def percent(text: str) -> float:
    """Read a number from 0 to 100."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 100:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 0 to 100")
    return value


def today() -> date:
    """Return the day in UTC, after which lies the future of a run that is not told its date."""
    return datetime.now(UTC).date()


def check_apart(*uris: str) -> None:
    """Make sure that no output lies in the input or in another output: writing would delete it.

    Raises
    ------
    ArgumentsError
        When one of them contains another.
    """
    for index, one in enumerate(uris):
        for other in uris[index + 1 :]:
            if f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/"):
                raise ArgumentsError(f"{one} and {other} overlap: name places that are apart.")


def check_names(*uris: str) -> None:
    """Hold objects of a bucket against the rule that the starting function has asked: ``check_dataset``.

    Raises
    ------
    ArgumentsError
        When an object below ``input/``, or the place of an output, has a name that the rule refuses.
    """
    for uri in uris:
        found = _URI.match(uri)
        if found is None or found["scheme"] == "file":
            continue
        is_input = found["path"].startswith(INPUT_PREFIX)
        dataset = dataset_name(found["path"]) if is_input else dataset_and_run(uri).get("dataset")
        try:
            if dataset is not None:
                check_dataset(dataset)
        except NotADataSet as reason:
            sentence = str(reason)
            raise ArgumentsError(f"{uri} is refused: {sentence[0].lower()}{sentence[1:]}") from None


def check_room(*uris: str) -> None:
    """Make sure that the files of an output can have a name on S3.

    Raises
    ------
    ArgumentsError
        When the key of a place is so long that the names of its files would not fit.
    """
    for uri in uris:
        found = _URI.match(uri)
        if found and found["scheme"] != "file" and len(found["path"].encode()) > KEY_BYTES - FILE_BYTES:
            raise ArgumentsError(
                f"{uri} leaves no room for file names in S3's {KEY_BYTES} bytes of a key: "
                "give the input object a shorter key."
            )
