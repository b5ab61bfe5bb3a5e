# SPDX-License-Identifier: Apache-2.0
"""``glue-xray run [OPTIONS] SCRIPT [ARGUMENTS]``: a script as it is, inside of a traced job."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Final, get_args

from xray_helper.api import traced_job
from xray_helper.error_boundary import ErrorBoundary
from xray_helper.hidden_packages import CALLS, require
from xray_helper.job import Job
from xray_helper.run.own_modules import OwnModules
from xray_helper.run.script import Script, is_script
from xray_helper.settings import SWITCHES, Measure, Settings

if TYPE_CHECKING:
    from xray_helper.run.watch import ScriptWatch

USAGE: Final = "usage: glue-xray run [--steps lines|actions|none] [OPTIONS] SCRIPT [ARGUMENTS]"
STEPS: Final = ("lines", "actions", "none")  # the first one is the default
_GLUES_OWN: Final = {"glue_job", "job_run_id", "log_group_prefix", "workflow_name", "workflow_run_id"}
_IN_CODE_ONLY: Final = _GLUES_OWN | {"parent_deadline_s", "end_budget_s", "checkpoint_s"}
_OPTIONS: Final = frozenset({field.name for field in fields(Settings)} - _IN_CODE_ONLY)
_CHOICES: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(SWITCHES, ("on", "off")),
    "measure": get_args(Measure),
    "steps": STEPS,
}
_NUMBERS: Final = frozenset({"max_capacity", "number_of_workers", "share_bytes"})
_HELP: Final = (["-h"], ["--help"])


class UsageError(Exception):
    """What is wrong with the command line, in one sentence."""


@dataclass
class Command:
    """What was asked for.

    Attributes
    ----------
    options
        Those before the script, by their names without dashes.
    script, arguments
        The script and its own command line, which this library does not read.
    """

    options: dict[str, str]
    script: str
    arguments: list[str]

    @classmethod
    def read(cls, line: Sequence[str], *, more_options: frozenset[str] = frozenset()) -> Command:
        """Split a command line at the script.

        Raises
        ------
        UsageError
            An unknown option, one without a value or with a wrong one, or no script.

        Examples
        --------
        >>> Command.read(["--job_name", "nightly", "orders.py", "--day", "1"])  # doctest: +SKIP
        Command(options={'job_name': 'nightly'}, script='orders.py', arguments=['--day', '1'])
        """
        known = _OPTIONS | {"steps"} | more_options
        options: dict[str, str] = {}
        rest = list(line)
        while rest and rest[0].startswith("--"):
            name, has_value, value = rest.pop(0)[2:].partition("=")
            if name not in known:
                raise UsageError(_unknown(name, known))
            if not has_value and not rest:
                raise UsageError(f"--{name} needs a value")
            options[name] = value if has_value else rest.pop(0)
        if not rest:
            raise UsageError(USAGE)
        if not is_script(rest[0]):
            raise UsageError(f"there is no script {rest[0]!r}")
        for name, value in options.items():
            _check(name, value)
        return cls(options, rest[0], rest[1:])

    def settings(self) -> Settings:
        """Return the settings of the job; AWS calls are watched unless an option says otherwise."""
        options = {"aws_calls": "on", **self.options}
        line = [f"--{name}={value}" for name, value in options.items() if name in _OPTIONS]
        return Settings.from_arguments(line, job_name=Path(self.script).stem)

    def run(self, settings: Settings) -> Job:
        """Run the script and return its job, which has ended; what the script raises comes out."""
        script = Script(self.script, self.arguments)
        own = OwnModules(script.folder)
        if own.hide_packages:
            script.put_first()
        with traced_job(argv=[], settings=settings) as job:
            watch = self._watch(job) if job.is_traced else None
            with ErrorBoundary()("importing the export"):
                if job.is_traced:
                    own.import_export(settings)
                own.free_names()
            try:
                script.run()
            finally:
                if watch is not None:
                    watch.stop()
        return job

    def _watch(self, job: Job) -> ScriptWatch | None:
        """Make steps of the script's actions; None where none are wanted or they cannot be watched."""
        steps = self.options.get("steps", STEPS[0])
        if steps == "none":
            return None
        with ErrorBoundary()("watching the script"):
            require(*CALLS)
            from xray_helper.run.line_steps import LineSteps
            from xray_helper.run.watch import ScriptWatch

            return ScriptWatch(LineSteps(job, with_lazy_lines=steps == "lines"))
        return None


def asked_help(line: Sequence[str], *, more_options: frozenset[str] = frozenset()) -> str:
    """Return the help, if a command line asks for it in front of the script; else nothing."""
    if list(line[:1]) not in _HELP:
        return ""
    names = ", ".join(f"--{name}" for name in sorted(_OPTIONS | {"steps"} | more_options))
    return f"{USAGE}\n\nRun a script as it is, traced. Options stand before it, each with a value:\n{names}"


def main(line: Sequence[str] | None = None) -> int:
    """Run a script; what it raises comes out, ``SystemExit`` too."""
    given = sys.argv[1:] if line is None else line
    if shown := asked_help(given):
        print(shown)
        return 0
    try:
        command = Command.read(given)
    except UsageError as error:
        print(f"glue-xray run: {error}", file=sys.stderr)
        return 2
    command.run(command.settings())
    return 0


def _check(name: str, value: str) -> None:
    """Refuse a value that would change nothing."""
    choices = _CHOICES.get(name)
    if choices and value not in choices:
        raise UsageError(f"--{name} {value} is none of {', '.join(choices)}")
    if name in _NUMBERS and not value.replace(".", "", name == "max_capacity").isdecimal():
        raise UsageError(f"--{name} {value} is no number")


def _unknown(name: str, known: frozenset[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    meant = f"; do you mean --{close[0]}" if close else ""
    return f"--{name} is no option of this command{meant} (options of the script stand behind it)"
