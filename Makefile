# Two commands matter: `make demo` and `make test`. Each sets up all it needs on a machine that has
# Python 3.11 or newer and nothing else of ours.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test days bench bundle lint format guides lock setup browser clean

VENV ?= .venv
BIN := $(VENV)/bin
BENCH ?= .cache/bench/venv
ARGS ?=
export GRIDPLAN_DATA ?= $(CURDIR)/../shared/data

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: setup ## Plan the bundled districts; print the paths of the maps
	$(BIN)/gridplan demo $(ARGS)

test: lint browser ## Lint, check types, run all tests (ARGS="-k word" picks some)
	$(BIN)/pytest --numprocesses auto --dist loadfile --durations 40 --durations-min 5 $(ARGS)

days: browser ## Walk the twelve days of tests/scenarios; what they print goes to build/scenarios
	$(BIN)/pytest tests/scenarios --numprocesses auto --dist loadfile --durations 12 $(ARGS)

bench: $(BENCH)/.installed ## Measure against the peers, about an hour (ARGS="--quick" tries the harness); write docs/benchmarks.md
	PYTHONPATH=tests/benchmarks:. nice -n 10 $(BENCH)/bin/python -m gridbench $(ARGS)

lint: setup ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: setup ## Rewrite the code in the project's style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bundle: setup ## Make one archive that installs where there is no network, in dist/
	VENV="$(VENV)" scripts/bundle.sh $(ARGS)

guides: setup browser ## Run the guides, renew what they say is printed, take their pictures (ARGS="clerk" picks some)
	$(BIN)/python scripts/guide_pictures.py $(ARGS)

lock: ## Choose the newest versions anew and write the lock files
	scripts/lock.sh

clean: ## Remove the environment, caches and the demo's files
	rm -rf $(VENV) .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist demo

setup: $(VENV)/.installed ## Make the environment (the others call it)

browser: setup
	scripts/browser.sh

# Stamps: a second call is instant; a changed lock file installs again.
$(VENV)/.locked: requirements.lock requirements-node.lock scripts/environment.sh
	scripts/environment.sh "$(VENV)"
	touch $@

# The peers, in an environment of their own: they would bring ortools beside highspy into ours.
$(BENCH)/.installed: requirements.lock requirements-bench.lock scripts/environment.sh
	scripts/environment.sh "$(BENCH)"
	$(BENCH)/bin/python -m pip install --quiet --require-hashes --only-binary :all: --requirement requirements-bench.lock
	touch $@

$(VENV)/.installed: $(VENV)/.locked pyproject.toml $(wildcard hatch_build.py maps/assets/package*.json)
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --no-index --editable .
	$(BIN)/python -m gridplan.partition.warm
	touch $@
