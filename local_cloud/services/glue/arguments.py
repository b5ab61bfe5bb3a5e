# SPDX-License-Identifier: Apache-2.0
"""The arguments of a job run: which Glue itself takes, and what the script finds in ``sys.argv``.

Source: "Using job parameters in AWS Glue jobs", AWS Glue Developer Guide.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from local_cloud.emulator import ApiError

_MAX_BYTES = 260 * 1024  # of names and values together, "Special parameters"

# Taken by Glue. The script sees none of them, but for the two that a script may need itself.
_TAKEN_BY_GLUE = frozenset(
    {
        "--additional-python-modules", "--class", "--conf", "--continuous-log-conversionPattern",
        "--continuous-log-logGroup", "--continuous-log-logStreamPrefix", "--custom-logGroup-prefix",
        "--custom-logStream-prefix", "--customer-driver-env-vars", "--customer-executor-env-vars",
        "--datalake-formats", "--disable-proxy-v2", "--enable-auto-scaling",
        "--enable-continuous-cloudwatch-log", "--enable-continuous-log-filter", "--enable-glue-datacatalog",
        "--enable-job-insights", "--enable-metrics", "--enable-observability-metrics",
        "--enable-rename-algorithm-v2",
        "--enable-s3-parquet-optimized-committer", "--enable-spark-ui", "--executor-cores", "--extra-files",
        "--extra-jars", "--extra-py-files", "--job-language", "--library-set", "library-set",
        "--python-modules-installer-option", "--scriptLocation", "--spark-event-logs-path",
        "--use-postgres-driver", "--user-jars-first", "--write-shuffle-files-to-s3",
        "--write-shuffle-spills-to-s3",
    }
)  # fmt: skip
_LAST = ("--JOB_ID", "--JOB_RUN_ID", "--JOB_NAME", "--TempDir")


class RunArguments:
    """The merged arguments of one run.

    Parameters
    ----------
    defaults, given, fixed
        ``DefaultArguments`` of the job, ``Arguments`` of the run, ``NonOverridableArguments`` of the job:
        each overrides the one before it.
    """

    def __init__(
        self, *, defaults: Mapping[str, str], given: Mapping[str, str], fixed: Mapping[str, str]
    ) -> None:
        refused = sorted(set(given) & set(fixed))
        if refused:
            raise ApiError("InvalidInputException", f"Arguments cannot be overridden: {', '.join(refused)}")
        self.all: dict[str, str] = {**defaults, **given, **fixed}
        size = sum(len(name.encode()) + len(value.encode()) for name, value in self.all.items())
        if size > _MAX_BYTES:
            raise ApiError(
                "InvalidInputException", f"Job arguments have {size} bytes; the limit is {_MAX_BYTES}."
            )

    def script_arguments(self, *, job_name: str, job_id: str, run_id: str) -> list[str]:
        """Return ``sys.argv[1:]``: the job's own arguments, then what Glue adds.

        Examples
        --------
        >>> arguments = RunArguments(defaults={"--conf": "a=b"}, given={"--day": "7"}, fixed={})
        >>> arguments.script_arguments(job_name="clean", job_id="j_1", run_id="jr_1")
        ['--day', '7', '--JOB_ID', 'j_1', '--JOB_RUN_ID', 'jr_1', '--JOB_NAME', 'clean']
        """
        visible = {name: value for name, value in self.all.items() if name not in _TAKEN_BY_GLUE}
        visible |= {"--JOB_ID": job_id, "--JOB_RUN_ID": run_id, "--JOB_NAME": job_name}
        names = [name for name in visible if name not in _LAST] + [name for name in _LAST if name in visible]
        return [word for name in names for word in (name, visible[name])]

    def file_list(self, name: str) -> list[str]:
        """Return the comma-separated S3 URIs of an argument such as ``--extra-py-files``."""
        return [uri.strip() for uri in self.all.get(name, "").split(",") if uri.strip()]

    def spark_configuration(self) -> dict[str, str]:
        """Return what ``--conf`` sets; several settings stand in one value as ``a=b --conf c=d``."""
        settings = {}
        for word in shlex.split(self.all.get("--conf", "")):
            if word != "--conf":
                key, _, value = word.partition("=")
                settings[key] = value
        return settings

    def environment(self, name: str = "--customer-driver-env-vars") -> dict[str, str]:
        """Return the variables of the driver that the job sets: ``CUSTOMER_A=b,CUSTOMER_C=d``."""
        pairs = (word.strip().partition("=") for word in self.all.get(name, "").split(","))
        return {key: value.strip('"') for key, _, value in pairs if key.startswith("CUSTOMER_")}
