# SPDX-License-Identifier: Apache-2.0
"""Tracing on Glue jobs that are deployed already: ``glue-xray attach``, ``detach`` and ``status``.

An attached job differs in two places. Its script location names ``runner.py``, and one argument,
``--glue_xray``, says where its own script and the library are. So the job itself says how to undo it, and
nothing is kept elsewhere.
"""
