# `make run` and `make test` are all that a newcomer needs; each sets up what it lacks.
PYTHON ?= python3
PORT ?= 8000
BIN = .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PYTHONPATH := $(CURDIR)
# compiled once, kept: without it each server, worker and test process compiles every library anew
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test check lint test-python test-client test-browser test-slow test-power bench setup clean

help:  ## Show what each target does
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## Set everything up, then serve the app with demo data on http://127.0.0.1:8000 (PORT=… for another)
	@$(PYTHON) bootstrap.py run
	@$(BIN)/python -m observe.cli setup --demo
	@$(BIN)/python -m observe.cli serve --port $(PORT)

test: ## Set everything up, then run every test: client, server, browser
	@$(PYTHON) bootstrap.py test
	@$(MAKE) --no-print-directory test-client test-python test-browser

check: lint test ## What every commit must pass: ruff, mypy --strict, tsc, and all tests

lint: ## Style and types of both languages
	@$(PYTHON) bootstrap.py test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	cd static && npm run --silent check

test-client: ## The client's tests (Vitest)
	cd static && npm run --silent test

test-python: ## Unit, integration and architecture tests
	$(BIN)/python -m pytest -q -n auto --dist loadfile -m "not browser and not slow and not power"

test-browser: ## A real Chromium against a real server; what fails beside another browser is run once more, alone
	$(BIN)/python -m pytest -q -n 2 --dist loadfile -m "browser and not slow and not power" \
	  || $(BIN)/python -m pytest -q --last-failed --last-failed-no-failures none -m "browser and not slow and not power"

test-slow: ## Simulations and long races, which take many minutes
	$(BIN)/python -m pytest -q -m "slow"

test-power: ## Cut the power under a tablet's disk: needs root, a loop device and mkfs.ext4
	$(BIN)/python -m pytest -q -rs -s -m "power" tests/browser/test_power.py

bench: ## Measure, and print tables of ratios
	@for each in benchmarks/*.py; do echo "== $$each"; $(BIN)/python $$each || exit 1; done

clean: ## Remove what set-up made (never the data in var/)
	rm -rf .venv .setup static/node_modules static/dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
