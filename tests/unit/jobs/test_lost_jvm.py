# SPDX-License-Identifier: Apache-2.0
"""A JVM that ends while the job waits for it: one sentence, whatever Py4J makes of it."""

from __future__ import annotations

from typing import NoReturn

import pytest
from py4j.protocol import Py4JError, Py4JNetworkError

from transforms.errors import JobError
from transforms.failures import explained

CALL = "An error occurred while calling o8.collectToPython"


class LostJavaError(Py4JError):  # type: ignore[misc]
    """Java's exception, which can no longer be asked for."""

    class java_exception:  # noqa: N801 - Py4J's name
        """The reference to it."""

        @staticmethod
        def getClass() -> NoReturn:  # noqa: N802 - Java's name
            """Find nobody there."""
            raise Py4JNetworkError("Answer from Java side is empty")


@pytest.mark.parametrize(
    "error",
    [
        Py4JError(CALL),
        Py4JNetworkError("Answer from Java side is empty"),
        ConnectionRefusedError(111),
        LostJavaError(CALL),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_jvm_that_goes_away_is_one_sentence(error: Exception) -> None:
    with pytest.raises(JobError) as failure, explained("F"):
        raise error
    assert str(failure.value) == (
        "Spark's JVM went away while it worked on F: most likely it had no memory left, so give "
        "it more or upload a smaller file."
    )


def test_what_java_answers_is_no_silence() -> None:
    with pytest.raises(JobError, match=r"^Spark failed on F: Py4JError: An error occurred"), explained("F"):
        raise Py4JError(f"{CALL}. Trace:\npy4j.Py4JException: Method x([]) does not exist")
