# SPDX-License-Identifier: Apache-2.0
"""What S3 may do with its notifications: repeat them, mix them up, put many into one."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from tests.e2e import listings
from tests.nightly.faults import checks, pipeline, standins
from tests.nightly.faults.checks import Outcome
from tests.nightly.faults.pipeline import event, finish, standard_file, started, upload
from tests.nightly.faults.standins import Ingestion
from tests.nightly.faults.table import Finding, expect, fault
from tests.nightly.faults.world import World

WHERE = "S3 event -> copy of the function -> deployed state machine and jobs"
SHORT = Outcome(read=1, clean=1, duplicate=0, rejected=0)


def deliver(world: World, to: Ingestion, *records: dict[str, Any], times: int = 1) -> None:
    """Hand over one event as S3 does, asynchronously; ``times`` at once."""
    payload = json.dumps({"Records": records}).encode()

    def invoke(_: int) -> int:
        answer = world.client("lambda").invoke(
            FunctionName=to.function, InvocationType="Event", Payload=payload
        )
        return int(answer["StatusCode"])

    with ThreadPoolExecutor(times) as pool:
        expect(set(pool.map(invoke, range(times))) == {202}, "Lambda did not accept the event")


def quiet(world: World, name: str) -> Ingestion:
    """A bucket that notifies nobody: the test hands over the events itself."""
    return standins.ingestion(world, name, notify=False)


def one_row(name: str) -> bytes:
    """A file with one good row."""
    values = listings.GOOD | {"NAME": name}
    lines = [",".join(listings.HEADER), ",".join(f'"{values[column]}"' for column in listings.HEADER)]
    return ("\r\n".join(lines) + "\r\n").encode()


def _repeated(world: World, name: str, times: int) -> Finding:
    to, key = quiet(world, name), f"{name}.csv"
    version = upload(world, key, standard_file(world, name), bucket=to.bucket)
    record = event(to.bucket, f"input/{key}", version, sequencer="01")
    deliver(world, to, record, times=times)
    run = finish(world, started(world, key)[0])
    deliver(world, to, record)  # once more, long after
    settled(world, to)
    runs = pipeline.executions(world, key)
    expect(len(runs) == 1, f"{len(runs)} executions")
    return checks.succeeded(world, run, note=f"{times + 1} deliveries, 1 execution")


def settled(world: World, to: Ingestion) -> None:
    """Wait until the function has handled what was handed over before: one call, answered, comes after it."""
    answer = world.client("lambda").invoke(FunctionName=to.function, Payload=b'{"Event": "s3:TestEvent"}')
    expect("FunctionError" not in answer, f"the function failed: {answer['Payload'].read()[:300]!r}")


@fault("s3", "same event twice", where=WHERE, expected="one execution, one whole trace")
def same_event_twice(world: World) -> Finding:
    return _repeated(world, "twice", 1)


@fault("s3", "same event ten times at once", where=WHERE, expected="one execution, one whole trace")
def same_event_ten_times(world: World) -> Finding:
    return _repeated(world, "ten-times", 10)


@fault(
    "s3", "events out of order", where=WHERE,
    expected="an execution and a trace for each version; a late, older event fails saying so",
)  # fmt: skip
def out_of_order(world: World) -> Finding:
    to, key = quiet(world, "out-of-order"), "out-of-order.csv"
    versions = [upload(world, key, one_row(text), bucket=to.bucket) for text in ("older", "newer")]
    for sequencer, version in (("02", versions[1]), ("01", versions[0])):
        deliver(world, to, event(to.bucket, f"input/{key}", version, sequencer=sequencer))
        settled(world, to)
    return two_versions(world, key, versions)


def two_versions(world: World, key: str, versions: list[str]) -> Finding:
    """Each version has its run and its trace; a run reads the version that it names, or fails saying so."""
    runs = [finish(world, run) for run in started(world, key, 2)]
    expect(len(runs) == 2, f"{len(runs)} executions")
    expect(len({run.trace_id for run in runs}) == 2, "two versions share a trace")
    older, newer = sorted(runs, key=lambda run: versions.index(run.given["version_id"]))
    found = checks.succeeded(world, newer, SHORT)
    expect(names(world, newer) == ["newer"], f"the newer run has read {names(world, newer)}")
    if older.status == "SUCCEEDED":
        expect(names(world, older) == ["older"], f"the older run has read {names(world, older)}")
        return replace(found, observed="2 executions, 2 traces; each run has read its version")
    expect("was overwritten before this run could read it" in older.cause, older.cause)
    kept = world.client("s3").get_object(
        Bucket=older.given["bucket"], Key=f"input/{key}", VersionId=versions[0]
    )
    expect(kept["Body"].read() == one_row("older"), "the older version is not in the bucket any more")
    seen = "2 executions, 2 traces; the older run FAILED saying that a newer version has taken its place"
    return replace(found, observed=seen)


def names(world: World, run: pipeline.Run) -> list[str]:
    """The column ``name`` of the clean rows of a run."""
    import io

    import pyarrow.parquet as pq

    bucket = run.folder("clean")[0]
    found: list[str] = []
    for key in pipeline.visible(world, run, "clean"):
        body = world.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        found += pq.read_table(io.BytesIO(body), columns=["name"])["name"].to_pylist()
    return found


@fault(
    "s3", "two versions within a second", where="S3 -> deployed function, state machine and jobs",
    expected="two executions, two traces; each run reads its version, or fails saying that it is gone",
)  # fmt: skip
def two_versions_at_once(world: World) -> Finding:
    key = "two-versions.csv"
    versions = [upload(world, key, one_row(text)) for text in ("older", "newer")]
    return two_versions(world, key, versions)


@fault(
    "s3", "many records in one event", where=WHERE,
    expected="an execution and a trace for each of 3 uploads; removals, markers, repeats start none",
)  # fmt: skip
def many_records(world: World) -> Finding:
    to = quiet(world, "many")
    keys = [f"many-{number}.csv" for number in range(3)]
    records = []
    for key in keys:
        version = upload(world, key, one_row(key), bucket=to.bucket)
        records.append(event(to.bucket, f"input/{key}", version, sequencer="01"))
    removed = event(to.bucket, f"input/{keys[0]}", "gone", sequencer="02")
    removed["eventName"] = "ObjectRemoved:DeleteMarkerCreated"
    marker = event(to.bucket, "input/folder/", "m", sequencer="01")
    deliver(world, to, *records, removed, marker, records[0])
    settled(world, to)
    runs = [finish(world, started(world, key)[0]) for key in keys]
    expect(all(len(pipeline.executions(world, key)) == 1 for key in keys), "an upload has two executions")
    expect(len({run.trace_id for run in runs}) == len(keys), "two uploads share a trace")
    found = [checks.succeeded(world, run, SHORT) for run in runs]
    return Finding(
        "6 records, 3 executions, 3 whole traces",
        sum(one.rows_lost for one in found),
        sum(one.spans_lost for one in found),
        sum(one.spans_lost_counted for one in found),
    )


@fault("s3", "s3:TestEvent", where="deployed function", expected="nothing starts, nothing fails")
def test_event(world: World) -> Finding:
    name = standins.function_name(world)
    payload = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": world.bucket}
    answer = world.client("lambda").invoke(FunctionName=name, Payload=json.dumps(payload))
    text = answer["Payload"].read().decode()
    expect("FunctionError" not in answer, text)
    expect(json.loads(text) == {"started": [], "duplicate": []}, text)
    return Finding(f"the function answered {text}")
