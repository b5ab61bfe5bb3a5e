# SPDX-License-Identifier: Apache-2.0
"""Say, ask, deploy, run both files, check, remove, report."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

from demo import cdk, dataset, inventory, summary, trace
from demo.command import INTERRUPTED
from demo.display import console, part
from demo.errors import DemoError
from demo.paths import BUILD
from tests.e2e.bad_files import WRONG_COLUMNS
from tests.e2e.conftest import Deployment
from tests.e2e.expectations.rows import Rows
from tests.e2e.runs import CALLER, Runs, start
from tests.verify import account, deployment, plan, story
from tests.verify.checks import Check, Result, not_reached, run_checks, show
from tests.verify.evidence import Evidence
from tests.verify.report import Report
from tests.verify.target import Target, target_of_environment

OUTPUT = BUILD / "verify"
ROWS = 2000
# "After you create a metric, allow up to 15 minutes for the metric to appear":
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html
PATIENCE_S, LOCAL_PATIENCE_S = 960.0, 20.0
NEEDED = {"traces": "enabled", "log_correlation": "enabled", "start_on_upload": "enabled", "airflow": "none"}
DEPLOYS = Check(
    id="deploy", claim="The stack deploys", source="docs/deploy.md", observe=lambda evidence: evidence.stack
)
REMOVES = Check(
    id="destroy",
    claim="The stack goes within the hour that Glue keeps its interfaces, and nothing stays",
    source="docs/deploy.md",
    observe=lambda evidence: evidence.stack,
)
CHECKS = (*story.CHECKS, *account.CHECKS)


def verify(context: Mapping[str, str], *, agreed: bool) -> int:
    """Verify the account of the environment; return the exit code.

    Raises
    ------
    DemoError
        Before anything was created.
    """
    for name, value in NEEDED.items():
        if context.get(name, value) != value:
            raise DemoError(f"make verify needs the context value {name}={value}: it looks at all of that.")
    target = target_of_environment()
    stack = deployment.own_name()
    folder = OUTPUT / stack
    application = cdk.Application(
        output=folder, assembly=folder / "cdk.out", context={**context, "stack_name": stack}
    )
    with part("cdk synth") as show_line:
        application.synthesize(show_line)
    bootstrapped = deployment.is_bootstrapped()
    console.print(
        plan.describe(target, application.templates(), bootstrapped=bootstrapped),
        markup=False,
        soft_wrap=True,
    )
    if not agreed and not plan.agrees():
        console.print("Nothing was created.")
        return 1
    before = inventory.take()
    with _stop_signals_interrupt():
        return Verification(application, target, before, bootstrapped=bootstrapped).run()


@dataclass
class Verification:
    """One run, from the first resource to the report.

    Parameters
    ----------
    before
        What there was, as the inventory names it.
    """

    application: cdk.Application
    target: Target
    before: set[str]
    bootstrapped: bool
    report: Report = field(init=False)
    glue_run_s: list[float] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.report = Report(self.target.name)

    def run(self) -> int:
        """Deploy, check, remove, report; return the exit code."""
        started = time.monotonic()
        interrupted = False
        try:
            self._check()
        except KeyboardInterrupt:
            interrupted = True
            console.print("verify: interrupted; removing what was created (again Ctrl-C leaves it).")
        removed = self._remove()
        self._complete("interrupted" if interrupted else "an earlier step failed")
        if not self.target.local:
            hours = (time.monotonic() - started) / 3600
            self.report.usd = plan.spent(self.application.templates(), hours, self.glue_run_s)
        self._write()
        if interrupted or not removed:
            return INTERRUPTED if interrupted else 1
        return 0 if self.report.holds else 1

    def _check(self) -> None:
        """Deploy, run both files, make the checks; a step that fails is a check that failed."""
        step = DEPLOYS
        try:
            deployed = deployment.deploy(self.application, self.target, bootstrapped=self.bootstrapped)
            self._add(Result(DEPLOYS, True, f"{deployed.stack} in {self.target.environment}"))
            step = story.CHECKS[0]
            evidence = self._evidence(deployed)
        except Exception as error:  # whatever it is, the report says it and the stack goes
            self._add(Result(step, False, " ".join(str(error).split())))
            return
        patience = LOCAL_PATIENCE_S if self.target.local else PATIENCE_S
        with part("check"):
            results = run_checks(CHECKS, evidence, patience)
        for result in results:
            self._add(result)

    def _evidence(self, deployed: Deployment) -> Evidence:
        """Upload both files, follow both runs, fetch what they left."""
        folder = self.application.output
        good, bad = folder / "listings.csv", folder / WRONG_COLUMNS.name
        made = dataset.generate(good, rows=ROWS)
        bad.write_bytes(WRONG_COLUMNS.content)
        with part("upload a good and a broken file, follow both runs"):
            good_arn, bad_arn = start(deployed, good, CALLER), start(deployed, bad, None)
            runs = Runs(deployed, deployed.finish(good_arn), deployed.finish(bad_arn), before={})
        with part("fetch the traces, copy the data"):
            for execution in (runs.good, runs.failed):
                trace.fetch_complete(execution.trace_id)
            summary.copy_bucket(deployed.s3, deployed.bucket, folder / "s3")
        duplicate = made.pop("duplicate")
        rows = Rows(ROWS, ROWS - duplicate - sum(made.values()), duplicate, made)
        evidence = Evidence(runs, rows, good.stem, folder / "s3", local=self.target.local)
        self.glue_run_s = [run["ExecutionTime"] for run in evidence.glue_runs()]
        return evidence

    def _add(self, result: Result) -> None:
        self.report.results.append(result)
        show(result)

    def _complete(self, why: str) -> None:
        """Put what was not reached into the report, too."""
        known = {result.check.id for result in self.report.results}
        missing = [check for check in (DEPLOYS, *CHECKS, REMOVES) if check.id not in known]
        self.report.results += not_reached(missing, why)

    def _remove(self) -> bool:
        """Remove everything; where that fails, say what is left and which command removes it."""
        started = time.monotonic()
        try:
            found = deployment.remove(self.application, self.before)
        except (Exception, KeyboardInterrupt) as error:
            self._add(Result(REMOVES, False, " ".join(str(error).split()) or type(error).__name__))
            self.report.leftovers = deployment.remains(self.application)
            left = ", ".join(self.report.leftovers) or "nothing that CloudFormation lists"
            command = deployment.destroy_command(self.application)
            console.print(
                f"verify: not removed: {left}. This removes it: {command}",
                style="red",
                markup=False,
                soft_wrap=True,
            )
            return False
        self.report.leftovers = found
        observed = f"left: {', '.join(found)}" if found else f"nothing, {time.monotonic() - started:.0f} s"
        self._add(Result(REMOVES, not found, observed))
        return True

    def _write(self) -> None:
        for folder in (self.application.output, OUTPUT):
            self.report.write(folder)
        console.print(self.report.summary(), markup=False, soft_wrap=True)
        console.print(f"the report: {OUTPUT / 'report.json'}", markup=False, soft_wrap=True)


@contextmanager
def _stop_signals_interrupt() -> Iterator[None]:
    """Make SIGTERM and SIGHUP what Ctrl-C is, while the block runs: all three clean up."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    numbers = [
        number for number in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(number) != signal.SIG_IGN
    ]
    before = {number: signal.signal(number, interrupt) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
