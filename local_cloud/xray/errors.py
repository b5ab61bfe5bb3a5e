# SPDX-License-Identifier: Apache-2.0
"""Errors that the X-Ray API answers with."""

from __future__ import annotations


class XRayApiError(Exception):
    """The API refuses a request; the class names the error code, the text is the message."""

    code = "InternalFailure"
    status = 400


class InvalidRequestError(XRayApiError):
    """A parameter is missing or breaks a rule."""

    code = "InvalidRequestException"


class ResourceNotFoundError(XRayApiError):
    """A retrieval token that was never given out."""

    code = "ResourceNotFoundException"
    status = 404


class ThrottledError(XRayApiError):
    """Too many requests."""

    code = "ThrottledException"
    status = 429
