# Needs Python 3.11 or newer and nothing else: every target makes its .venv first.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PY := .venv/bin/python
# What triage is compared with (requirements/quality.lock): too heavy for `make setup`.
RIVALS := .venv-quality/bin/python
PACKAGES = $(wildcard services shared tests benchmarks clients)
export RING

.PHONY: help
help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## a .venv from requirements/dev.lock; quick when nothing changed
	@requirements/setup

.PHONY: run
run: setup ## a broker, every service and 50 demo complaints, in this terminal
	@.venv/bin/kulanse up --demo 50

.PHONY: check
check: formatted lint types imports core ## format, lint, types, imports, core tests: a minute

.PHONY: formatted
formatted: setup
	@.venv/bin/ruff format --check --quiet --diff $(PACKAGES)

.PHONY: lint
lint: setup ## ruff, every rule
	@.venv/bin/ruff check --quiet $(PACKAGES)

.PHONY: types
types: setup ## mypy, strict
	@.venv/bin/mypy $(PACKAGES)

.PHONY: imports
imports: setup ## import-linter: who may import whom (.importlinter)
	@.venv/bin/lint-imports --no-logo

.PHONY: core
core: setup
	@RING=core $(PY) -m tests.rings

.PHONY: test
test: formatted lint types imports ## format, lint, types, then every ring (RING=core for less)
	@$(PY) -m tests.rings

.PHONY: bench
bench: setup ## what it costs, beside others, in one run; its page is docs/reference/benchmarks.md
	@test -x .venv-bench/bin/python || .venv/bin/uv venv --quiet --python $(PY) .venv-bench
	@.venv/bin/uv pip install --quiet --python .venv-bench/bin/python --require-hashes \
		--requirement requirements/bench.lock || echo "Quix Streams could not be installed"
	@$(PY) -m benchmarks $(BENCH)

.PHONY: audit
audit: setup ## faults and bad inputs on a whole installation (PROFILE=full SEED=2 for another run)
	@$(PY) -m tests.audit --profile $(or $(PROFILE),smoke) --part $(or $(PART),1/1) \
		--seed $(or $(SEED),1)

.PHONY: quality
quality: setup ## how well triage reads the labelled sets and the unseen texts, and beside others
	@$(PY) -m benchmarks.quality
	@$(PY) -m tests.quality.judge
	@$(PY) -m tests.quality.floors
	@test -x $(RIVALS) || .venv/bin/uv venv --quiet --python $(PY) .venv-quality
	@.venv/bin/uv pip install --quiet --python $(RIVALS) --require-hashes \
		--requirement requirements/quality.lock
	@$(RIVALS) -m benchmarks.quality.rivals

.PHONY: format
format: setup ## put the code in shape: ruff format, and the fixes ruff is sure of
	@.venv/bin/ruff format $(PACKAGES)
	@.venv/bin/ruff check --fix $(PACKAGES)

.PHONY: lock
lock: setup ## resolve pyproject.toml into requirements/*.lock; newer with UPGRADE=1
	@requirements/lock .venv/bin/uv $(if $(UPGRADE),--upgrade)

.PHONY: clean
clean: ## remove .venv and what the tools leave
	@rm -rf .venv .venv-quality .venv-bench build dist *.egg-info
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
