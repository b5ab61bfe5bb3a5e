# SPDX-License-Identifier: Apache-2.0
"""The first bytes of an object, read through Hadoop: the same storage and rights that Spark reads with."""

from __future__ import annotations

import zlib
from typing import Any, Final, NamedTuple

from pyspark.sql import SparkSession

from transforms.errors import InputError
from transforms.failures import explained
from transforms.hadoop import locate
from transforms.reading.signatures import GZIP, signature

HEAD_BYTES: Final = 1 << 20  # as stored
HEAD_TEXT_BYTES: Final = 8 << 20  # unpacked: a bound for what a gzip bomb can do here
_GZIP_BITS: Final = 16 + zlib.MAX_WBITS


class Head(NamedTuple):
    """The beginning of an object, unpacked; ``complete``: there is no more. ``size`` is as stored, bytes."""

    data: bytes
    complete: bool
    size: int


def read_head(spark: SparkSession, uri: str, *, compressed: bool, size: int | None = None) -> Head:
    """Read the first mebibyte of an object, or only ``size`` bytes.

    Raises
    ------
    InputError
        When there is no such object, it is empty, or it is not gzip though its name says so.
    """
    with explained(uri, compressed=compressed):
        data, stored = _first_bytes(spark, uri, size or HEAD_BYTES)
    complete = len(data) >= stored
    if compressed and data:
        data, complete = unpack(data, complete=complete, uri=uri)
    if not data:
        raise InputError(f"{uri} is empty.")
    return Head(data, complete, stored)


def _first_bytes(spark: SparkSession, uri: str, size: int) -> tuple[bytes, int]:
    """Read through the JVM; ``readNBytes`` is Java's own since 11, so that no helper class is needed."""
    files, path = locate(spark, uri)
    if path.getName().startswith(("_", ".")):
        raise InputError(
            f"{uri} has a name that Spark holds for hidden: name it without the first character."
        )
    status = files.getFileStatus(path)
    if status.isDirectory():
        raise InputError(f"{uri} is a directory: name one object in it.")
    stream = files.open(path)
    try:
        return bytes(stream.readNBytes(size)), int(status.getLen())
    finally:
        stream.close()


def unpacked_size(spark: SparkSession, uri: str, *, limit: int) -> int:
    """Count the bytes that a gzip object unpacks to, in the JVM, and stop behind ``limit``: none is kept."""
    jvm: Any = spark._jvm
    hadoop: Any = spark._jsc.hadoopConfiguration()
    files, path = locate(spark, uri)
    codec = jvm.org.apache.hadoop.io.compress.CompressionCodecFactory(hadoop).getCodec(path)
    stream = codec.createInputStream(files.open(path))
    try:
        return int(stream.skip(limit + 1))
    finally:
        stream.close()


def unpack(data: bytes, *, complete: bool, uri: str) -> tuple[bytes, bool]:
    """Unpack the beginning of gzip data, which may have several members (RFC 1952).

    Returns
    -------
    tuple
        The text's bytes, and whether they are all of it.
    """
    text = bytearray()
    while data and len(text) < HEAD_TEXT_BYTES:
        member = zlib.decompressobj(_GZIP_BITS)
        try:
            text += member.decompress(data, HEAD_TEXT_BYTES - len(text))
        except zlib.error:
            what = None if data.startswith(GZIP) else signature(data)
            broken = "is not gzip, or its gzip data is broken: compress it again and upload it"
            raise InputError(f"{uri} {what or broken}.") from None
        if not member.eof:
            if complete and not member.unconsumed_tail:
                raise InputError(f"{uri} ends in the middle of its gzip data: upload it again.")
            return bytes(text), False
        data = member.unused_data.lstrip(b"\0")  # some writers pad with zeros
    return bytes(text), complete and not data
