# One door for everything. Every target installs what it needs; a second run skips what is there.
PYTHON ?= python3
DATASET ?=
CONTEXT ?=
ROWS ?= 1000000
ROUNDS ?= 7
COLD_ROUNDS ?= 9
TESTS ?= tests/unit
LANES ?= 3
FAILED ?= build/failed

BIN := $(CURDIR)/.venv/bin
UV := TMPDIR=$(CURDIR)/.venv $(BIN)/uv  # its lock files stay there, not in the temporary folder
GLUE := $(CURDIR)/.tools/glue-5.1
AIRFLOW_VERSION := 3.0.6
AIRFLOW := $(CURDIR)/.tools/airflow-$(AIRFLOW_VERSION)
PATHED := PATH="$(BIN):$(PATH)"

.DEFAULT_GOAL := help
.PHONY: help setup setup-airflow demo demo-airflow test ci check nightly nightly-suites test-airflow coverage lint format audit pr bootstrap deploy destroy verify bench bench-cold engines collector load scale conformance s3a contract faults matrix cluster lock clean

help: ## this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

setup: .venv/.editable .tools/glue-5.1/.prepared node_modules/.installed ## install what the other targets need

.venv/.installed: bootstrap.txt requirements.txt
	@echo "setup: Python packages"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "setup: $(PYTHON) is older than 3.11; run make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r bootstrap.txt
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements.txt
	@touch $@

# A stamp of its own: an edit of pyproject.toml reinstalls nothing else.
.venv/.editable: pyproject.toml .venv/.installed
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

.tools/glue-5.1/.installed: local_cloud/glue-5.1.txt .venv/.installed
	@echo "setup: the packages of Glue 5.1 (PySpark)"
	@$(UV) venv --quiet --clear --python $(BIN)/python $(GLUE)
	@$(UV) pip install --quiet --python $(GLUE)/bin/python --require-hashes -r local_cloud/glue-5.1.txt
	@$(GLUE)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' \
	  > "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/glue-5.1.pth"
	@touch $@

.tools/glue-5.1/.prepared: .tools/glue-5.1/.installed local_cloud/services/spark/warm_up.py local_cloud/services/spark/S3FileSystem.java
	@echo "setup: class archives, for quicker starts of Spark"
	@$(BIN)/python -m local_cloud prepare
	@touch $@

setup-airflow: setup .tools/airflow-$(AIRFLOW_VERSION)/.prepared ## install Airflow too, in an environment of its own

.PRECIOUS: .tools/airflow-%/.installed  # not to be removed as an intermediate file
.tools/airflow-%/.installed: with_airflow/local/airflow-%.txt .venv/.installed
	@echo "setup: Airflow $*, as Amazon MWAA has it"
	@$(UV) venv --quiet --clear --python $(BIN)/python .tools/airflow-$*
	@$(UV) pip install --quiet --compile-bytecode --python .tools/airflow-$*/bin/python --require-hashes -r $<
	@touch $@

.tools/airflow-%/.prepared: .tools/airflow-%/.installed with_airflow/local/mwaa/database.py
	@echo "setup: an empty database for Airflow $*"
	@$(BIN)/python -m with_airflow.local $*
	@touch $@

.tools/checkov/.installed .tools/pip-audit/.installed: .tools/%/.installed: tests/integration/stacks/%.txt .venv/.installed
	@echo "setup: $*"
	@$(UV) venv --quiet --clear --python $(BIN)/python .tools/$*
	@$(UV) pip install --quiet --python .tools/$*/bin/python --require-hashes -r $<
	@touch $@

# Glue 4.0 has Python 3.10, and PySpark 3.3 cannot hand functions of Python 3.11 to its workers.
.tools/spark-3.3/.installed: python := 3.10
.tools/spark-3.3/.installed .tools/spark-4.1/.installed: .tools/%/.installed: tests/nightly/matrix/%.txt .venv/.installed
	@echo "setup: $*"
	@$(UV) venv --quiet --clear --python $(or $(python),$(BIN)/python) .tools/$* || \
	  { echo "setup: without a Python $(python), $* gets that of the tests"; $(UV) venv --quiet --clear --python $(BIN)/python .tools/$*; }
	@$(UV) pip install --quiet --python .tools/$*/bin/python --require-hashes -r $<
	@touch $@

node_modules/.installed: package.json package-lock.json .venv/.installed
	@echo "setup: the CDK CLI"
	@NODE_DISABLE_COMPILE_CACHE=1 $(PATHED) npm ci --silent --no-audit --no-fund
	@touch $@

demo: ## deploy into a local cloud, run the pipeline, show the trace, destroy (DATASET=file for your own data)
	@started=$$(date +%s.%N); $(MAKE) --no-print-directory setup && \
	  $(PATHED) $(BIN)/python -m local_cloud run -- \
	  $(BIN)/python -m demo --started-at "$$started" $(if $(DATASET),--dataset "$(DATASET)")

demo-airflow: ## the same jobs with Airflow in front of them (DATASET=file)
	@started=$$(date +%s.%N); $(MAKE) --no-print-directory setup-airflow && \
	  $(PATHED) $(BIN)/python -m local_cloud run --part with_airflow.local -- \
	  $(BIN)/python -m with_airflow.demo --started-at "$$started" $(if $(DATASET),--dataset "$(DATASET)")

# What a suite needs is in its path, see CONTRIBUTING.md. The longest first, so that the lanes end together.
# They also wait, for answers and deadlines: one lane more than a small machine has cores keeps it busy, two more slow it down.
LONGEST := tests/e2e tests/spark/xray_helper tests/spark/jobs tests/integration/package tests/integration/local_cloud
folders = $(patsubst %/,%,$(sort $(dir $(wildcard $(1:%=%/test_*.py)))))
# Starting a process takes as long as a test: all but the longest of tests/unit/ share one, and so do those that import the CDK.
# Of xray_helper, export/ runs apart: it mostly waits.
LONG_UNIT := tests/unit/xray_helper tests/unit/trace_viewer
tests/unit/xray_helper := tests/unit/xray_helper --ignore tests/unit/xray_helper/export
with-cdk := tests/unit/glue_tracing with_airflow/tests/unit
short := $(filter-out $(LONG_UNIT) $(with-cdk),$(call folders,tests/unit/*))
UNIT := short $(LONG_UNIT) with-cdk tests/unit/xray_helper/export
SUITES := $(LONGEST) $(filter-out $(LONGEST),$(call folders,tests/spark/* tests/integration/*)) \
  with_airflow/tests/integration with_airflow/tests/spark $(UNIT)
NIGHTLY := $(call folders,tests/nightly/*)

# Run targets side by side, name the suites that failed at the end.
define lanes
@rm -rf build/failed-$@ && mkdir -p build/failed-$@
+@$(MAKE) --no-print-directory --jobs=$(LANES) --keep-going --output-sync=target FAILED=build/failed-$@ $(1) && exit; \
  echo "$@: failed" $$(cd build/failed-$@ && find . -type f | cut -c3- | sort); exit 1
endef

test: setup .tools/checkov/.installed ## the whole test suite, end to end included, in lanes
	$(call lanes,$(SUITES:%=suite/%))

ci: setup-airflow .tools/checkov/.installed ## all that CI runs: test, with lint, Airflow and the cluster in its lanes
	$(call lanes,$(addprefix suite/,$(LONGEST) with_airflow/tests/e2e cluster) lint $(addprefix suite/,$(filter-out $(LONGEST),$(SUITES))))

check: setup ## lint, types and all tests that need neither Java, nor a browser, nor a cloud
	$(call lanes,lint $(UNIT:%=suite/%))

nightly: ## what is slow and rarely tells anything
	@$(MAKE) --no-print-directory --keep-going nightly-suites conformance faults load matrix bench

nightly-suites: setup collector .tools/spark-4.1/.installed
	$(call lanes,$(NIGHTLY:%=suite/%))

cluster := tests/spark/xray_helper
suite/cluster: export SPARK_TESTS_ON := cluster

# A process of its own: Spark's JVM, an AWS mock or an environment that one suite leaves cannot colour another.
# A temporary folder of its own, which goes with it; nothing of this make reaches the tests.
suite/%:
	@echo "test: $*"; temporary=$$(mktemp -d) && trap 'rm -rf "$$temporary"' EXIT && trap 'exit 1' INT TERM && \
	  env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL TMPDIR="$$temporary" $(PATHED) \
	  $(BIN)/python -m pytest -q $(or $($*),$*) </dev/null || { mkdir -p $(FAILED)/$(*D); touch $(FAILED)/$*; exit 1; }

test-airflow: setup-airflow ## the tests that need Airflow: the DAG end to end, examples
	@$(MAKE) --no-print-directory suite/with_airflow/tests/e2e

coverage: setup ## run TESTS with their coverage measured: build/coverage/ (default: all unit tests)
	@rm -rf build/coverage && mkdir -p build/coverage
	@$(PATHED) $(BIN)/coverage run -m pytest -q $(TESTS); status=$$?; \
	  $(BIN)/coverage combine --quiet && $(BIN)/coverage html --quiet && $(BIN)/coverage report; exit $$status

lint: setup ## format check, lint, import rules, types
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@PYTHONPATH=lambda $(BIN)/lint-imports --no-logo
	@$(BIN)/mypy
	@$(BIN)/mypy --python-version 3.10 glue_jobs/xray_common glue_jobs/xray_helper glue_xray  # what Glue 4.0 has

format: .venv/.installed ## put the code into the project's format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix-only --quiet .

audit: setup .tools/pip-audit/.installed ## known vulnerabilities of all that is pinned, and what could not be asked
	@$(BIN)/python -m tests.integration.stacks.audit

pr: lint audit test ## everything that a change must pass

bootstrap: setup ## prepare the AWS account of the environment for the CDK, once per region
	@$(PATHED) node_modules/.bin/cdk bootstrap $(CONTEXT)

deploy: setup ## deploy to the AWS account of the environment (CONTEXT="-c network=nat")
	@$(PATHED) node_modules/.bin/cdk deploy --all --require-approval broadening $(CONTEXT)

destroy: setup ## remove it from the AWS account of the environment, Airflow first where it is deployed
	@found=$$($(PATHED) $(BIN)/python -m stacks.deployed $(CONTEXT)) && \
	  $(PATHED) node_modules/.bin/cdk destroy --all $(CONTEXT) $$found

verify: setup ## deploy under a name of its own, check all that README claims, remove it, report (CONTEXT= YES=1)
	@$(PATHED) $(BIN)/python -m tests.verify $(CONTEXT) $(if $(YES),--yes)

BENCH := $(PATHED) PYTHONPATH=glue_jobs $(BIN)/python -m tests.nightly.benchmarks

bench: bench-cold setup ## what tracing costs the jobs, as differences or ratios within rounds (ROWS=1000000 ROUNDS=7 COLD_ROUNDS=9)
	@$(BENCH).tracing --rows $(ROWS) --rounds $(ROUNDS)
	@$(BENCH).zero_code --rows $(ROWS) --rounds $(ROUNDS)
	@$(BENCH).scale

bench-cold: setup collector ## the part of it that starts anew each time (COLD_ROUNDS=9)
	@$(BENCH).cold --rounds $(COLD_ROUNDS)
	@$(BENCH).cold --rounds $(COLD_ROUNDS) --rows 4002 --jvm c1

engines: setup ## the clean job against a bare Spark program and plain pandas, as ratios within rounds (BEFORE=checkout)
	@$(PATHED) $(BIN)/python -m tests.nightly.benchmarks.engines $(if $(BEFORE),--before $(BEFORE))

collector: .tools/otelcol/otelcol ## build the real OpenTelemetry collector (needs Go)

.tools/otelcol/otelcol: collector/builder.yaml collector/build.py $(wildcard collector/cwlogs/*)
	@$(PYTHON) collector/build.py

load: setup collector ## the real collector under load: rates, memory, what is lost when it stops
	@$(PATHED) PYTHONPATH=glue_jobs $(BIN)/python -m tests.nightly.load

scale: setup ## what happens at 10,000 runs an hour, computed and simulated: docs/scale.md
	@$(PATHED) PYTHONPATH=glue_jobs $(BIN)/python -m tests.nightly.scale

s3a: setup ## both jobs with Hadoop's S3A instead of a staged copy (needs Maven Central)
	@$(PATHED) $(BIN)/python -m pytest -q -rs tests/nightly/s3a

contract: setup ## hold requests, state machine, template, limits and documents against AWS's own models
	@$(PATHED) $(BIN)/python -m pytest -q -rs tests/integration/contract

conformance: setup collector ## compare our segment documents with the real collector's
	@$(PATHED) PYTHONPATH=glue_jobs $(BIN)/python -m tests.integration.conformance

faults: setup ## inject every fault that we know, check data and trace, write the table
	@$(PATHED) PYTHONPATH=glue_jobs $(BIN)/python -m tests.nightly.faults

matrix: setup .tools/spark-3.3/.installed .tools/spark-4.1/.installed ## the tests of Spark spans under Spark 3.3, 3.5 and 4.1
	@$(PATHED) $(BIN)/python -m tests.nightly.matrix
	@$(PATHED) SPARK_TESTS_ON=cluster $(BIN)/python -m tests.nightly.matrix 3.3 4.1

cluster: setup ## the tests of Spark spans that a cluster can fail: a master, two workers, executors in JVMs of their own
	@$(MAKE) --no-print-directory suite/cluster

# Releases that have been out for a week: what is withdrawn or found malicious is so in its first days.
COMPILE = $(BIN)/uv pip compile --quiet --exclude-newer "7 days" --generate-hashes --universal --python-version 3.11 \
  --no-annotate --custom-compile-command "make lock"

lock: .venv/.installed ## write every list of pinned, hashed packages anew from its .in file
	@for list in bootstrap requirements local_cloud/glue-5.1 with_airflow/local/airflow-3.0.6 glue_xray/bundle/requirements-3.10 \
	    tests/integration/stacks/checkov tests/integration/stacks/pip-audit tests/nightly/matrix/spark-4.1; do \
	  $(COMPILE) --upgrade $$list.in -o $$list.txt; done
	@$(subst version 3.11,version 3.10,$(COMPILE)) --upgrade tests/nightly/matrix/spark-3.3.in -o tests/nightly/matrix/spark-3.3.txt
	@$(subst --universal --python-version 3.11,--python-version 3.9,$(COMPILE)) --upgrade glue_xray/bundle/requirements-3.9.in -o glue_xray/bundle/requirements-3.9.txt
	@$(COMPILE) --upgrade --no-deps lambda/requirements.in -o lambda/requirements.txt
	@$(COMPILE) --no-deps with_airflow/dags/requirements.in -o with_airflow/dags/requirements.txt
	@$(PATHED) npm install --silent --package-lock-only --no-audit --no-fund --before "$$($(BIN)/python -c 'import datetime as d; print(d.date.today() - d.timedelta(7))')"
	@$(PYTHON) collector/build.py --lock >/dev/null

clean: ## remove what was built, keep what was installed
	@rm -rf build cdk.out
