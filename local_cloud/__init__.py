# SPDX-License-Identifier: Apache-2.0
"""AWS on one machine: the deploy target of the demo and of the end-to-end tests.

It runs whatever the CDK CLI deploys: Lambda handlers, Step Functions state machines and Glue Spark jobs run
for real, in processes of their own; the other services keep their state in memory. Nothing outlives it.

Examples
--------
>>> from local_cloud import LocalCloud
>>> with LocalCloud() as cloud:  # doctest: +SKIP
...     subprocess.run(["cdk", "deploy"], env={**os.environ, **cloud.environment}, check=True)
"""

from local_cloud.cloud import LocalCloud, LocalCloudError

__all__ = ["LocalCloud", "LocalCloudError"]
