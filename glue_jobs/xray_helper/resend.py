# SPDX-License-Identifier: Apache-2.0
"""Sends spilled spans to X-Ray: ``python -m xray_helper.resend FILE...``.

X-Ray takes documents up to 7 days after their trace began (AWS General Reference, "AWS X-Ray quotas"), and
keeps one document per id: sending twice does no harm.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from xray_common.scrubbing import scrub
from xray_helper.clients import aws_client
from xray_helper.export.xray import send_to_xray

_PROGRAM: Final = "glue-xray resend"
_SECONDS_PER_FILE: Final = 60.0


def main(argv: Sequence[str] | None = None) -> int:
    """Send each file; exit code 1 when one could not be read or a document of any could not be sent."""
    parser = argparse.ArgumentParser(
        prog=_PROGRAM,
        description="Send spilled spans to X-Ray. In a job: python -m xray_helper.resend.",
    )
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="a path or an s3:// URI, as the job's log names it"
    )
    sent = [_resend(file) for file in parser.parse_args(argv).files]
    return 0 if all(sent) else 1


def _resend(file: str) -> bool:
    """Send one file; return whether X-Ray has all of it."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        documents = [line for line in _read(file).splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError, BotoCoreError, ClientError) as error:
        why = error.strerror if isinstance(error, OSError) else " ".join(str(error).split())
        print(scrub(f"{_PROGRAM}: {file} cannot be read: {why}"), file=sys.stderr)
        return False
    put = send_to_xray(documents, seconds=_SECONDS_PER_FILE)
    sent = len(documents) - len(put.unsent)
    print(scrub(f"{file}: sent {sent} of {len(documents)} segments. {put.error}".strip()))
    return not put.unsent


def _read(file: str) -> str:
    if file.startswith("s3://"):
        bucket, _, key = file.removeprefix("s3://").partition("/")
        content: bytes = aws_client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        return content.decode()
    return Path(file).read_text(encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
