# Two commands set up everything: `make demo` and `make test`. They need Python >= 3.11 and make.

PYTHON ?= $(firstword $(foreach v,3.13 3.12 3.11 3,$(if $(shell python$(v) -c "import sys; sys.exit(sys.version_info < (3, 11))" >/dev/null 2>&1 && echo yes),python$(v))))
VENV := .venv
BIN := $(VENV)/bin
SERVERS ?= 200
LISTEN ?= :10450
SOAK_MINUTES ?= 60
# One more than cores: many tests wait for a program.
TEST_PROCESSES ?= $(shell echo $$(( $$(getconf _NPROCESSORS_ONLN) + 1 )))

.DEFAULT_GOAL := help
# From a list of exact versions with the hashes of their files; nothing else is downloaded.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
LOCKED := $(INSTALL) --require-hashes
ITSELF := $(INSTALL) --no-deps --no-build-isolation --editable .
COMPILE := $(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes --no-annotate --custom-compile-command "make lock"

.PHONY: help demo test coverage check fuzz format docs dashboards golden gallery bench soak chart image lock audit clean

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

$(VENV)/dev.stamp: pyproject.toml requirements/dev.txt | $(BIN)/python
	@$(LOCKED) --requirement requirements/dev.txt
	@$(ITSELF)
	@touch $@ $(VENV)/run.stamp

$(VENV)/chart.stamp: requirements/chart.txt $(VENV)/dev.stamp
	@$(LOCKED) --requirement requirements/chart.txt
	@touch $@

$(VENV)/audit.stamp: requirements/audit.txt | $(BIN)/python
	@$(LOCKED) --requirement requirements/audit.txt
	@touch $@

demo: $(VENV)/run.stamp ## serve the metrics of a simulated fleet (SERVERS=200 LISTEN=:10450)
	@$(BIN)/serverfleet-exporter demo --servers $(SERVERS) --listen $(LISTEN)

test: $(VENV)/dev.stamp ## run every test
	@$(BIN)/python -m pytest --quiet --numprocesses $(TEST_PROCESSES) --dist loadfile $(ARGS)

coverage: ## run every test and tell which lines none has reached
	@$(MAKE) --no-print-directory test ARGS="--cov --cov-report=term-missing:skip-covered $(ARGS)"

check: $(VENV)/dev.stamp ## format, lint, types, spelling, and generated files in step
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/codespell
	@$(BIN)/hadolint Dockerfile
	@$(BIN)/serverfleet-exporter metrics | diff -u docs/metrics.md - || { echo "docs/metrics.md is out of step: run make docs"; exit 1; }
	@$(BIN)/python -m grafana --check || { echo "grafana/dashboards is out of step: run make dashboards"; exit 1; }

format: $(VENV)/dev.stamp ## format the code
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --fix --quiet .

docs: $(VENV)/dev.stamp ## write docs/metrics.md from the catalogue, docs/reliability.md from the tests
	@mkdir -p docs
	@$(BIN)/serverfleet-exporter metrics > docs/metrics.md
	@$(BIN)/python -m tests.faults.write

dashboards: $(VENV)/dev.stamp ## write the Grafana dashboards anew
	@$(BIN)/python -m grafana

golden: $(VENV)/dev.stamp ## write the golden pages of /metrics (tests/golden/*.prom)
	@$(BIN)/python -m tests.golden.write

gallery: $(VENV)/dev.stamp ## take the pictures of docs/gallery.md (GRAFANA_URL=http://127.0.0.1:3000; needs chromium)
	@$(BIN)/python -m grafana.gallery --grafana "$(GRAFANA_URL)" --exporter "$(EXPORTER_URL)" --since "$(SINCE)"

bench: $(VENV)/dev.stamp ## measure speed and memory side by side (needs nginx, wrk, prometheus and its pushgateway)
	@$(BIN)/python -m bench

chart: $(VENV)/chart.stamp ## lint, render and try the Helm chart (100 MB of packages)
	@REQUIRE_TOOLS=1 $(BIN)/python -m pytest --quiet tests/deploy

fuzz: $(VENV)/dev.stamp ## look for inputs that break it (FUZZ_SECONDS=60 each target; FUZZ_TARGETS="answers ...")
	@$(INSTALL) --only-binary :all: --group fuzz || echo "atheris cannot be installed for this Python"
	@FUZZ_PROFILE=long $(BIN)/python -m pytest --quiet --numprocesses 2 --timeout 3600 tests/fuzz
	@$(BIN)/python -m tests.fuzz

soak: $(VENV)/dev.stamp ## poll for hours within minutes, with faults, and check every scrape (SOAK_MINUTES=60)
	@$(BIN)/python -m bench.soak --minutes $(SOAK_MINUTES) $(ARGS)

image: $(VENV)/dev.stamp ## build the container image and try it (as root; needs buildah and debootstrap)
	@TRY_IMAGE=1 REQUIRE_TOOLS=1 $(BIN)/python -m pytest --quiet -rP tests/image

lock: | $(BIN)/python ## write requirements/ from pyproject.toml (ARGS=--upgrade for the newest versions)
	@$(INSTALL) --group lock
	@$(COMPILE) $(ARGS) --output-file requirements/run.txt pyproject.toml
	@$(COMPILE) $(ARGS) --constraint requirements/run.txt --group dev --output-file requirements/dev.txt pyproject.toml
	@for group in build chart audit; do $(COMPILE) $(ARGS) --constraint requirements/dev.txt --group pyproject.toml:$$group --output-file requirements/$$group.txt || exit 1; done

audit: $(VENV)/audit.stamp ## look for published advisories in requirements/
	@for file in requirements/*.txt; do echo "$$file"; $(BIN)/pip-audit --strict --require-hashes --disable-pip --requirement $$file || exit 1; done

clean: ## remove the environment and all caches
	@rm -rf $(VENV) .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis dist build
