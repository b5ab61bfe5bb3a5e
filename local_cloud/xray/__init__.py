# SPDX-License-Identifier: Apache-2.0
"""X-Ray on one machine: API, daemon, collector, and the segments that AWS services send by themselves.

A server assembles it around ministack's application module, after everything else that extends ministack
(the last one to wrap Step Functions and Lambda must be this package)::

    from local_cloud import xray
    local = xray.install()            # imports ministack.app if needed, sets os.environ for Lambda workers
    local.glue_environment            # HTTP_PROXY, NO_PROXY: to add to the environment of a Glue run
    local.close()                     # stops the UDP listener and the HTTP server

The handler of a Step Functions task calls ``segments.calls.describe_call`` when the task's API call has been
answered: that names the request id of the call and ends its SDK subsegment. Without it the subsegment gets an
id of its own and lasts as long as the task.

`LOCAL_CLOUD_XRAY_SAMPLING=aws` in the server's environment chooses the service's default sampling rule (one
request a second and 5 % of the others) where AWS would decide; everything is traced otherwise.
"""

from __future__ import annotations

from local_cloud.xray.installation import LocalXRay, install

__all__ = ["LocalXRay", "install"]
