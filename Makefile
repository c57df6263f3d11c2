# Two commands set up everything: `make demo` and `make test`. They need Python >= 3.11 and make.

PYTHON ?= $(firstword $(foreach v,3.13 3.12 3.11 3,$(if $(shell python$(v) -c "import sys; sys.exit(sys.version_info < (3, 11))" >/dev/null 2>&1 && echo yes),python$(v))))
# A Python that is named on the command line gets an environment of its own: make test PYTHON=python3.14
VENV := .venv$(if $(filter command,$(firstword $(origin PYTHON))),-$(notdir $(PYTHON)))
BIN := $(VENV)/bin
SERVERS ?= 200
LISTEN ?= :10450
SOAK_MINUTES ?= 60
# The tests of the status page need a browser; without one they are left out.
BROWSER = $(if $(shell command -v chromium),$(VENV)/browser.stamp)
# One more than cores: many tests wait for a program.
TEST_PROCESSES ?= $(shell echo $$(( $$(getconf _NPROCESSORS_ONLN) + 1 )))
# Unit tests: without simulators behind sockets, files, real programs and browsers.
QUICK = $(wildcard $(addprefix tests/,backfill catalogue config exposition grafana model polling sources status telemetry test_*.py))
NOT_QUICK = *simulated* *end_to_end* *in_trouble* *refused_devices* *gallery* *test_scale* *test_reload* *shards_together* *test_feeds* *contributing*
# What turns a vendor's answer into values, without a call.
MAPPINGS = exporter/model/*,exporter/sources/*/mapping.py,exporter/sources/*/measurements.py,exporter/sources/*/*record*.py,exporter/sources/*/times.py,exporter/sources/*/vocabulary.py

.DEFAULT_GOAL := help
# From a list of exact versions with the hashes of their files; nothing else is downloaded.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
LOCKED := $(INSTALL) --require-hashes
ITSELF := $(INSTALL) --no-deps --no-build-isolation --editable .
COMPILE := $(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes --no-annotate --custom-compile-command "make lock"

.PHONY: help demo test quick coverage check fuzz format docs dashboards golden gallery bench soak chart image dist sbom lock audit clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: install it, or name it with make PYTHON=..."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "$(PYTHON) cannot make virtual environments: install its venv package (python3-venv on Debian and Ubuntu)"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'

$(VENV)/run.stamp: pyproject.toml requirements/run.txt requirements/build.txt | $(BIN)/python
	@$(LOCKED) --requirement requirements/run.txt --requirement requirements/build.txt
	@$(ITSELF)
	@touch $@

$(VENV)/test.stamp: pyproject.toml requirements/test.txt | $(BIN)/python
	@$(LOCKED) --requirement requirements/test.txt
	@$(ITSELF)
	@touch $@ $(VENV)/run.stamp

# What the tests do not need in every place: linters, the driver of a browser, Helm's library.
$(VENV)/lint.stamp $(VENV)/browser.stamp $(VENV)/chart.stamp: $(VENV)/%.stamp: requirements/%.txt $(VENV)/test.stamp
	@$(LOCKED) --requirement $<
	@touch $@

$(VENV)/dev.stamp: $(VENV)/lint.stamp $(VENV)/browser.stamp
	@touch $@

$(VENV)/audit.stamp: requirements/audit.txt | $(BIN)/python
	@$(LOCKED) --requirement requirements/audit.txt
	@touch $@

demo: $(VENV)/run.stamp ## serve the metrics of a simulated fleet (SERVERS=200 LISTEN=:10450)
	@$(BIN)/serverfleet-exporter demo --servers $(SERVERS) --listen $(LISTEN)

test: $(VENV)/test.stamp $(BROWSER) ## run every test (ARGS=tests/web for a part, PYTHON=python3.14 for another Python)
	@$(BIN)/python -m pytest --quiet --numprocesses $(TEST_PROCESSES) --dist loadfile $(ARGS)

quick: $(VENV)/lint.stamp ## lint, and run the unit tests: in under a minute
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/codespell
	@$(BIN)/python -m pytest --quiet --numprocesses $(TEST_PROCESSES) --dist loadfile -m "not tool and not module" $(NOT_QUICK:%=--ignore-glob='%') $(ARGS) $(QUICK)

coverage: ## run every test; fail where too few lines are reached
	@$(MAKE) --no-print-directory test ARGS="--cov --cov-report=term-missing:skip-covered $(ARGS)"
	@$(BIN)/coverage report --fail-under 100 --show-missing --include "$(MAPPINGS)"

check: $(VENV)/dev.stamp ## format, lint, types, spelling, and generated files in step
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/codespell
	@$(BIN)/hadolint Dockerfile
	@$(BIN)/serverfleet-exporter metrics | diff -u docs/metrics.md - || { echo "docs/metrics.md is out of step: run make docs"; exit 1; }
	@$(BIN)/python -m grafana --check || { echo "grafana/dashboards is out of step: run make dashboards"; exit 1; }

format: $(VENV)/lint.stamp ## format the code
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --fix --quiet .

docs: $(VENV)/test.stamp ## write docs/metrics.md from the catalogue, docs/reliability.md from the tests
	@mkdir -p docs
	@$(BIN)/serverfleet-exporter metrics > docs/metrics.md
	@$(BIN)/python -m tests.faults.write

dashboards: $(VENV)/test.stamp ## write the Grafana dashboards
	@$(BIN)/python -m grafana

golden: $(VENV)/test.stamp ## write the golden pages of /metrics (tests/golden/*.prom)
	@$(BIN)/python -m tests.golden.write

gallery: $(VENV)/browser.stamp ## take the pictures of docs/gallery.md (GRAFANA_URL=http://127.0.0.1:3000; needs chromium)
	@$(BIN)/python -m grafana.gallery --grafana "$(GRAFANA_URL)" --exporter "$(EXPORTER_URL)" --since "$(SINCE)"

bench: $(VENV)/test.stamp ## measure speed and memory side by side (needs nginx, wrk, prometheus and its pushgateway)
	@$(BIN)/python -m bench

chart: $(VENV)/chart.stamp ## lint, render and try the Helm chart (100 MB of packages)
	@REQUIRE_TOOLS=1 $(BIN)/python -m pytest --quiet tests/deploy

fuzz: $(VENV)/test.stamp ## look for inputs that break it (FUZZ_SECONDS=60 each target; FUZZ_TARGETS="answers ...")
	@$(INSTALL) --only-binary :all: --group fuzz || echo "atheris cannot be installed for this Python"
	@FUZZ_PROFILE=long $(BIN)/python -m pytest --quiet --numprocesses 2 --timeout 3600 tests/fuzz
	@$(BIN)/python -m tests.fuzz

soak: $(VENV)/test.stamp ## poll for hours within minutes, with faults, and check every scrape (SOAK_MINUTES=60)
	@$(BIN)/python -m bench.soak --minutes $(SOAK_MINUTES) $(ARGS)

image: $(VENV)/test.stamp ## build the container image and try it (as root; needs buildah and debootstrap)
	@TRY_IMAGE=1 REQUIRE_TOOLS=1 $(BIN)/python -m pytest --quiet -rP tests/image

dist: $(VENV)/run.stamp ## build the package in dist/
	@$(BIN)/python -m hatchling build

sbom: $(VENV)/audit.stamp ## list what the package needs in dist/sbom.cdx.json (CycloneDX)
	@mkdir -p dist
	@$(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --mc-type application --output-reproducible --output-file dist/sbom.cdx.json requirements/run.txt

lock: | $(BIN)/python ## write requirements/ from pyproject.toml (ARGS=--upgrade for the newest versions)
	@$(INSTALL) --group lock
	@$(COMPILE) $(ARGS) --output-file requirements/run.txt pyproject.toml
	@$(COMPILE) $(ARGS) --constraint requirements/run.txt --group build --group test --group dashboards --output-file requirements/test.txt pyproject.toml
	@for group in build lint browser chart audit; do $(COMPILE) $(ARGS) --constraint requirements/test.txt --group pyproject.toml:$$group --output-file requirements/$$group.txt || exit 1; done

audit: $(VENV)/audit.stamp ## look for published advisories in requirements/
	@for file in requirements/*.txt; do echo "$$file"; $(BIN)/pip-audit --strict --require-hashes --disable-pip --requirement $$file || exit 1; done

clean: ## remove the environment and all caches
	@rm -rf .venv .venv-* .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis dist build
