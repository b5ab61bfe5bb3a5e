# SPDX-License-Identifier: Apache-2.0
"""StartExecution that is throttled, hangs or is refused: the event is tried again, or kept."""

from __future__ import annotations

import json
import time
from typing import Any

from tests.nightly.faults import checks, pipeline, standins
from tests.nightly.faults.door import Door, Say
from tests.nightly.faults.pipeline import finish, started, upload
from tests.nightly.faults.s3_deliveries import one_row, settled
from tests.nightly.faults.standins import Ingestion
from tests.nightly.faults.table import Finding, expect, fault
from tests.nightly.faults.world import World

WHERE = "StartExecution, between a copy of the function and Step Functions (a state machine without jobs)"
THROTTLED = Say(400, {"__type": "ThrottlingException", "message": "Rate exceeded"})
DENIED = Say(400, {"__type": "AccessDeniedException", "message": "not authorized: states:StartExecution"})
SWALLOW = Say(200, None)  # passed on, but the answer never arrives
LETTER_TIMEOUT_S = 60


def behind(world: World, door: Door, name: str, *, timeout: int | None = None) -> Ingestion:
    """An ingestion whose function reaches Step Functions through a door of ours."""
    machine = standins.passing_machine(world, name)
    variables = {"AWS_ENDPOINT_URL_SFN": door.url}
    return standins.ingestion(world, name, machine=machine, variables=variables, timeout=timeout)


def started_once(world: World, to: Ingestion, key: str, note: str) -> Finding:
    """The one execution of a key, with a trace from Lambda to Step Functions."""
    run = finish(world, started(world, key, machine=to.machine)[0])
    settled(world, to)
    runs = pipeline.executions(world, key, machine=to.machine)
    expect(len(runs) == 1, f"{len(runs)} executions")
    expect(run.status == "SUCCEEDED", f"the execution ended {run.status}: {run.cause}")
    checks.check_trace(pipeline.trace(world, run), jobs=0)
    expect(not letters(world, to), "a started upload is in the dead-letter queue too")
    return Finding(f"{note}; 1 execution, 1 whole trace, dead-letter queue empty")


def letters(world: World, to: Ingestion) -> list[dict[str, Any]]:
    """Messages in the dead-letter queue of an ingestion."""
    answer = world.client("sqs").receive_message(QueueUrl=to.queue, MessageAttributeNames=["All"])
    found: list[dict[str, Any]] = answer.get("Messages", [])
    return found


@fault(
    "lambda", "StartExecution throttled", where=WHERE, expected="tried again within the call; one execution"
)
def throttled(world: World) -> Finding:
    with Door(world, [THROTTLED, THROTTLED]) as door:
        to = behind(world, door, "throttled")
        upload(world, "throttled.csv", one_row("x"), bucket=to.bucket)
        finding = started_once(world, to, "throttled.csv", "throttled twice, then taken")
        expect(door.taken == 3, f"{door.taken} calls, not 3")
        return finding


@fault(
    "lambda", "StartExecution works but its answer is lost", where=WHERE,
    expected="the second attempt meets the execution of the first: one execution, one trace",
)  # fmt: skip
def answer_lost(world: World) -> Finding:
    with Door(world, [SWALLOW]) as door:
        to = behind(world, door, "answer-lost")
        upload(world, "answer-lost.csv", one_row("x"), bucket=to.bucket)
        return started_once(world, to, "answer-lost.csv", "no answer to the first call")


@fault(
    "lambda", "function times out in StartExecution", where=WHERE,
    expected="Lambda's own retry starts it: one execution, one whole trace",
)  # fmt: skip
def function_times_out(world: World) -> Finding:
    with Door(world, [Say(0, None)]) as door:
        to = behind(world, door, "times-out", timeout=3)
        upload(world, "times-out.csv", one_row("x"), bucket=to.bucket)
        return started_once(world, to, "times-out.csv", "the first invocation was ended after 3 s")


@fault(
    "lambda", "StartExecution fails for good", where=WHERE,
    expected="after 3 attempts the event is in the dead-letter queue, whole; handed over again it starts",
)  # fmt: skip
def fails_for_good(world: World) -> Finding:
    with Door(world, [DENIED] * 3) as door:
        to = behind(world, door, "denied")
        upload(world, "denied.csv", one_row("x"), bucket=to.bucket)
        letter = wait_for_letter(world, to)
        expect(not pipeline.executions(world, "denied.csv", machine=to.machine), "it started all the same")
        why = letter["MessageAttributes"]["ErrorMessage"]["StringValue"]
        expect("AccessDenied" in why, f"the letter gives as reason: {why}")
        expect(door.taken == 3, f"{door.taken} attempts, not 3")
    answer = world.client("lambda")
    healed = answer.get_function_configuration(FunctionName=to.function)["Environment"]["Variables"]
    del healed["AWS_ENDPOINT_URL_SFN"]
    answer.update_function_configuration(FunctionName=to.function, Environment={"Variables": healed})
    redrive(world, to, letter)
    return started_once(world, to, "denied.csv", "3 attempts, then in the queue; redriven after the repair")


def wait_for_letter(world: World, to: Ingestion) -> dict[str, Any]:
    deadline = time.monotonic() + LETTER_TIMEOUT_S
    while time.monotonic() < deadline:
        found = letters(world, to)
        if found:
            return found[0]
        time.sleep(0.5)
    message = f"the dead-letter queue is empty after {LETTER_TIMEOUT_S} s"
    raise AssertionError(message)


def redrive(world: World, to: Ingestion, letter: dict[str, Any]) -> None:
    """What docs/faults.md tells an operator to do with a message."""
    answer = world.client("lambda").invoke(FunctionName=to.function, Payload=letter["Body"].encode())
    expect("FunctionError" not in answer, answer["Payload"].read().decode()[:300])
    world.client("sqs").delete_message(QueueUrl=to.queue, ReceiptHandle=letter["ReceiptHandle"])


@fault(
    "lambda", "cold start", where="a fresh copy of the function",
    expected="the first upload waits, and the trace says how long; the second one does not",
)  # fmt: skip
def cold_start(world: World) -> Finding:
    machine = standins.passing_machine(world, "cold")
    to = standins.ingestion(world, "cold", machine=machine)
    seen = []
    for key in ("cold.csv", "warm.csv"):
        upload(world, key, one_row(key), bucket=to.bucket)
        trace = pipeline.trace(world, finish(world, started(world, key, machine=machine)[0]))
        checks.check_trace(trace, jobs=0)
        starts = [item for item in trace.by_id.values() if item["name"] == "Initialization"]
        seen.append([round(item["end_time"] - item["start_time"], 2) for item in starts])
    expect(len(seen[0]) == 1 and not seen[1], f"initializations: {json.dumps(seen)}")
    return Finding(f"Initialization of {seen[0][0]} s in the first trace, none in the second")
