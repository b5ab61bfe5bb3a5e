# SPDX-License-Identifier: Apache-2.0
"""What goes wrong, in one sentence each."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError

_NO_REGION: Final = "no region is set: export AWS_REGION=eu-west-1, or choose a profile with AWS_PROFILE"
_NO_CREDENTIALS: Final = "there are no credentials for AWS: set AWS_PROFILE, or run `aws configure`"


class AttachError(Exception):
    """Why a job stays as it is: one sentence with object, cause and next step."""


@contextlib.contextmanager
def sentences(doing: str) -> Iterator[None]:
    """Raise what the AWS SDK raises as a sentence.

    Raises
    ------
    AttachError
        In place of the SDK's own exceptions.
    """
    try:
        yield
    except NoRegionError:
        raise AttachError(_NO_REGION) from None
    except NoCredentialsError:
        raise AttachError(_NO_CREDENTIALS) from None
    except ClientError as error:
        said = error.response["Error"]
        raise AttachError(f"{doing}: {said.get('Code')}: {said.get('Message')}") from None
    except BotoCoreError as error:
        raise AttachError(f"{doing}: {error}") from None
