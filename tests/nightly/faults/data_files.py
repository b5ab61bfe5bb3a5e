# SPDX-License-Identifier: Apache-2.0
"""Bad files, one per line of section 5 of the design: a clear error and nothing lost, or rows set aside."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import NamedTuple

from tests.e2e import listings
from tests.nightly.faults import checks, pipeline
from tests.nightly.faults.checks import Outcome
from tests.nightly.faults.pipeline import finish, run_file, standard_file, started, upload
from tests.nightly.faults.s3_deliveries import one_row
from tests.nightly.faults.table import Finding, expect, fault
from tests.nightly.faults.world import World

WHERE = "S3 -> deployed function, state machine and jobs"
CLEAR = "FAILED with one sentence naming the object, the failed step red in the trace, the input untouched"
HEADER = (",".join(listings.HEADER) + "\r\n").encode()
LONGEST = 1_000_000  # characters of one field


class Bad(NamedTuple):
    """A file that must fail: its name, its content, and what the cause must say."""

    name: str
    key: str
    content: Callable[[], bytes]
    says: str


def without(column: str) -> bytes:
    header = [name for name in listings.HEADER if name != column]
    return f"{','.join(header)}\r\n{','.join('x' for _ in header)}\r\n".encode()


def enormous() -> bytes:
    """One good row whose house rules are longer than a field may be."""
    return one_row("x").replace(b"No smoking", b"a" * (LONGEST + 1))


BAD = (
    Bad("missing column", "bad/no price.csv", lambda: without("price"), "price"),
    Bad("a column twice", "bad/twice.csv", lambda: HEADER.replace(b"license", b"price") + b"x\r\n", "price"),
    Bad("empty file", "bad/empty.csv", lambda: b"", "is empty"),
    Bad("header only", "bad/header.csv", lambda: HEADER, "header"),
    Bad("gzip cut off", "bad/cut.csv.gz", lambda: gzip.compress(one_row("x") * 50)[:-20], "gzip"),
    Bad("gzip that is none", "bad/none.csv.gz", lambda: one_row("x"), "gzip"),
    Bad("one enormous field", "bad/field.csv", enormous, f"{LONGEST} characters"),
    Bad("JSON that is not records", "bad/object.json", lambda: b'{"a": [1, 2]}', "JSON objects"),
    Bad("JSON array cut off", "bad/cut.json", lambda: json.dumps([listings.GOOD] * 3).encode()[:-9], "JSON"),
)  # fmt: skip


def _add(bad: Bad) -> None:
    @fault("data", bad.name, where=WHERE, expected=CLEAR)
    def check(world: World) -> Finding:
        body = bad.content()
        run = run_file(world, bad.key, body)
        finding = checks.failed(world, run, body, says=bad.says)
        expect(f"input/{bad.key}" in run.cause, f"the cause does not name the object: {run.cause}")
        trace = pipeline.trace(world, run)
        (job,) = trace.glue_jobs()
        red = [step["name"] for step in trace.children(job) if step.get("fault")]
        expect(len(red) == 1, f"red steps: {red}")
        return Finding(f"{red[0]} red; {finding.observed}", 0, finding.spans_lost, finding.spans_lost_counted)


for _bad in BAD:
    _add(_bad)


@fault(
    "data", "bytes that are not UTF-8", where=WHERE,
    expected="the record is set aside whole as malformed_record, the others are clean",
)  # fmt: skip
def not_utf8(world: World) -> Finding:
    lines = one_row("x").splitlines(keepends=True)
    body = lines[0] + lines[1] + lines[1].replace(b'"1"', b'"2"', 1).replace(b'"x"', b'"\xff\xfe"')
    run = run_file(world, "bad/latin.csv", body)
    finding = checks.succeeded(world, run, Outcome(read=2, clean=1, duplicate=0, rejected=1))
    (line,) = rejected(world, run)
    expect(line["_reason"] == "malformed_record", f"the reason is {line['_reason']}")
    return finding


def rejected(world: World, run: pipeline.Run) -> list[dict[str, str]]:
    """The rejected rows of a run."""
    bucket = run.folder("rejected")[0]
    s3 = world.client("s3")
    bodies = [
        s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        for key in pipeline.visible(world, run, "rejected")
    ]
    return [json.loads(line) for body in bodies for line in body.splitlines()]


@fault(
    "data", "BOM, gzip in two members, mixed line ends", where=WHERE,
    expected="read as what they are: every row in the outputs",
)  # fmt: skip
def odd_but_good(world: World) -> Finding:
    body = b"\xef\xbb\xbf" + standard_file(world, "odd").replace(b"\r\n", b"\n", 3)
    members = gzip.compress(body[:700]) + gzip.compress(body[700:])
    return checks.succeeded(world, run_file(world, "odd/good.csv.gz", members))


@fault(
    "data", "unsupported extension", where="S3 -> deployed function",
    expected="no execution, one line in the function's log that names the object and what is supported",
)  # fmt: skip
def unsupported(world: World) -> Finding:
    return checks.starts_nothing(world, "notes-of-faults.txt", says=".csv")


@fault(
    "data", "object deleted before it is read", where=WHERE,
    expected="FAILED with one sentence that says so; the version is still there",
)  # fmt: skip
def deleted(world: World) -> Finding:
    key = "bad/deleted.csv"
    version = upload(world, key, one_row("x"))
    world.client("s3").delete_object(Bucket=world.bucket, Key=f"input/{key}")
    run = finish(world, started(world, key)[0])
    expect(run.status == "FAILED" and "does not exist" in run.cause, f"{run.status}: {run.cause}")
    kept = world.client("s3").get_object(Bucket=world.bucket, Key=f"input/{key}", VersionId=version)
    expect(kept["Body"].read() == one_row("x"), "the version is gone")
    spans = checks.check_trace(pipeline.trace(world, run), jobs=1)
    return Finding(f"FAILED: {run.cause}", 0, spans.lost, spans.counted)
