# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: E501 - checksums and coordinates
"""Hadoop's S3A connector for Spark 3.5 (Hadoop 3.3.4), from Maven Central through Spark's own ``--packages``.

``hadoop-aws`` asks for the AWS SDK in one bundle of 280,645,251 bytes. The modules below are what it loads:
8 jars, 6.5 MB, 10 to 15 seconds once. DynamoDB's is one of them: Hadoop 3.3.4 names one of its exceptions.
"""

from __future__ import annotations

import hashlib
import os
import re
import ssl
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Final

from local_cloud.environment import default_glue_home
from local_cloud.services.spark import SparkRuntime, java_home

HOME: Final = Path(__file__).parents[3] / ".tools" / "s3a"
_JARS: Final = {  # SHA-256 of what Maven Central has, so that nobody else's file is ever loaded
    "com.amazonaws_aws-java-sdk-core-1.12.262.jar": "06fed99f929c389e168278c1b111aaf1afb270d07202fbbce92e73d1e4279678",
    "com.amazonaws_aws-java-sdk-dynamodb-1.12.262.jar": "7af4ba06d0d9b3c2ab435089caecd0567810d203aa285f7aa72861f1964d442e",
    "com.amazonaws_aws-java-sdk-kms-1.12.262.jar": "c00f5ae7b334255f661d85512e7203af9523a04fb65d0c431c2eea2003ed8ae2",
    "com.amazonaws_aws-java-sdk-s3-1.12.262.jar": "a0cb7580178bc0d4d3558295a5bb890008478da8a6b3241989c71238b0ed3be5",
    "com.amazonaws_jmespath-java-1.12.262.jar": "9001ea993a45d82a2d3086edcbda8a40b4e012d049a70fbf071fd329c0fbd777",
    "org.apache.hadoop_hadoop-aws-3.3.4.jar": "53f9ae03c681a30a50aa17524bd9790ab596b28481858e54efd989a826ed3a4a",
    # Central has no 3.5.6; what this jar holds, the binding of Spark's commit protocol to Hadoop's, is the same
    "org.apache.spark_spark-hadoop-cloud_2.12-3.5.5.jar": "7984bfbd83e8dff0d7ee0aed79e6cb916e651ba28b4ecce8a43b97cb669fbe28",
    "software.amazon.ion_ion-java-1.0.2.jar": "0d127b205a1fce0abc2a3757a041748651bc66c15cf4c059bac5833b27d471a5",
}
_ASKED: Final = (
    "org.apache.hadoop:hadoop-aws:3.3.4",
    "com.amazonaws:aws-java-sdk-s3:1.12.262",
    "com.amazonaws:aws-java-sdk-dynamodb:1.12.262",
    "org.apache.spark:spark-hadoop-cloud_2.12:3.5.5",
)
_LEFT_OUT: Final = (  # in Spark's own jars already, or for other clouds than AWS
    "com.amazonaws:aws-java-sdk-bundle", "com.fasterxml.jackson.*:*", "com.google.*:*", "com.sun*:*", "commons-*:*",
    "javax*:*", "joda-time:*", "org.apache.hadoop:hadoop-annotations", "org.apache.hadoop:hadoop-azure*",
    "org.apache.hadoop:hadoop-client*", "org.apache.hadoop:hadoop-cloud-storage", "org.apache.hadoop:hadoop-openstack",
    "org.apache.httpcomponents:*", "org.apache.spark:spark-tags*", "org.eclipse.*:*", "org.slf4j:*",
    "org.spark-project.spark:*", "org.wildfly.openssl:*",
)  # fmt: skip
_PASSWORD: Final = "changeit"  # of a file that holds public certificates
_TIMEOUT: Final = 240  # seconds


class NoPackagesError(RuntimeError):
    """The packages cannot be had here; the text says why."""


def jars(home: Path = HOME) -> list[Path]:
    """Return the jars, fetched when they are not there yet.

    Raises
    ------
    NoPackagesError
        Maven Central cannot be reached.
    ValueError
        A jar is not the one that is pinned.
    """
    files = [home / "jars" / name for name in _JARS]
    if not all(file.exists() for file in files):
        _fetch(home)
    for file in files:
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        if digest != _JARS[file.name]:
            raise ValueError(f"{file} has the SHA-256 {digest}, not the one pinned in {Path(__file__).name}.")
    return files


def _fetch(home: Path) -> None:
    home.mkdir(parents=True, exist_ok=True)
    script = home / "nothing.py"
    script.write_text("pass\n")
    store = _trust_store(home)
    runtime = SparkRuntime(home=default_glue_home(), java_home=java_home(), endpoint="", network={})
    command = [
        str(runtime.java),
        f"-Djavax.net.ssl.trustStore={store}", f"-Djavax.net.ssl.trustStorePassword={_PASSWORD}",
        "-cp", f"{runtime.spark_home / 'jars'}/*", "org.apache.spark.deploy.SparkSubmit",
        "--conf", f"spark.jars.ivy={home}",
        "--packages", ",".join(_ASKED), "--exclude-packages", ",".join(_LEFT_OUT),
        str(script),
    ]  # fmt: skip
    environment = {**os.environ, "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=_TIMEOUT)
    except subprocess.TimeoutExpired:
        raise NoPackagesError(f"Maven Central gave no answer within {_TIMEOUT} seconds") from None
    if done.returncode != 0:
        said = re.findall(r"(?:Server access error|Host \S+ not found|unresolved dependency).*", done.stderr)
        raise NoPackagesError(
            f"Spark could not get its packages: {(said or done.stderr.splitlines() or ['?'])[-1]}"
        )


def _trust_store(home: Path) -> Path:
    """Write the certificates that Python trusts in Java's form: its own list knows no company's CA."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption
    from cryptography.hazmat.primitives.serialization.pkcs12 import (
        PKCS12Certificate,
        serialize_java_truststore,
    )

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some old authorities have odd serial numbers
        known = ssl.create_default_context().get_ca_certs(binary_form=True)
        certificates = [
            PKCS12Certificate(x509.load_der_x509_certificate(der), f"ca-{index}".encode())
            for index, der in enumerate(known)
        ]
        content = serialize_java_truststore(certificates, BestAvailableEncryption(_PASSWORD.encode()))
    store = home / "trust.p12"
    store.write_bytes(content)
    return store
