# SPDX-License-Identifier: Apache-2.0
"""What will be created and what it costs, before anything is; and what it has cost, after."""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Iterable, Mapping

from stacks.cost import HOURS, METRIC_MONTH, Template, glue_run, idle, of_type
from tests.verify.target import TOOLKIT, Target

GLUE_RUNS = 3  # two of the good file, one of the broken one
GLUE_RUN_S = 120  # assumed, as in docs/cost.md
SERIES = 50  # custom metrics of such runs
MOST_KINDS = 6  # of resources, by number


def describe(target: Target, templates: Mapping[str, Template], *, bootstrapped: bool) -> str:
    """Return the plan as text."""
    lines = [f"make verify will create, in the {target.name}:"]
    lines += [f"- {_stack(name, template)}" for name, template in templates.items()]
    if not bootstrapped:
        lines.append(f"- the stack {TOOLKIT} of the CDK, which stays: others deploy with it too")
    lines.append(
        f"It uploads two files, which start {GLUE_RUNS} runs of Glue jobs, checks, and removes all of it: "
        f"{'two' if target.local else '20 to 30'} minutes."
    )
    hour, runs = standing(templates, 1), GLUE_RUNS * glue_run(dpus(templates), GLUE_RUN_S)
    price = f"{hour + runs:.2f} USD: {hour:.2f} for an hour of everything, {runs:.2f} for the runs"
    lines.append(
        f"It costs nothing here; in an account about {price}."
        if target.local
        else f"It costs about {price} (list prices of us-east-1, see docs/cost.md)."
    )
    lines.append(
        "Traces (30 days), metrics (15 months) and, unless customer_key=none, a key in pending deletion "
        "(7 days, not billed) cannot be removed."
    )
    return "\n".join(lines)


def _stack(name: str, template: Template) -> str:
    kinds = Counter(resource["Type"] for resource in template["Resources"].values())
    most = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common(MOST_KINDS))
    return f"the stack {name} with {kinds.total()} resources ({most}, …)"


def standing(templates: Mapping[str, Template], hours: float) -> float:
    """Return US dollars for all stacks while they stand, by started hours, metrics included."""
    month = sum(sum(idle(template)) for template in templates.values()) + SERIES * METRIC_MONTH
    return month / HOURS * math.ceil(hours)


def dpus(templates: Mapping[str, Template]) -> float:
    """Return how many DPU a run of the first Glue job has: G.2X is 2 for each worker."""
    (job, *_) = [job for template in templates.values() for job in of_type(template, "AWS::Glue::Job")]
    return float(int(job["WorkerType"][2:-1]) * int(job["NumberOfWorkers"]))


def spent(templates: Mapping[str, Template], hours: float, run_seconds: Iterable[float]) -> float:
    """Return US dollars for the time that it stood and the Glue runs that were made, at list prices."""
    runs = sum(glue_run(dpus(templates), seconds) for seconds in run_seconds)
    return round(standing(templates, hours) + runs, 2)


def agrees() -> bool:
    """Ask the user; somebody who is not there does not agree."""
    if not sys.stdin.isatty():
        print("Nobody is there to be asked: make verify YES=1 agrees beforehand.")
        return False
    try:
        return input("Create it? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False
