# Every target says in one line what it is for; `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.made
CONSTRAINTS := $(wildcard constraints.txt)
export PYTHONPATH := provider:.
# Tests start hundreds of processes: each would compile the product anew where the environment says this.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: venv tools ## Show a rolling replacement on a simulated GPU cluster
	@$(BIN)/python -m tools.demo

.PHONY: clean-demo
clean-demo: venv ## Remove everything `make demo` left running or lying about
	@$(BIN)/python -m tools.demo --clean

.PHONY: test
test: venv tools lint ## Check and test everything, as CI does
	@$(BIN)/python -m pytest --numprocesses 4 --dist worksteal $(PYTEST)

.PHONY: lint
lint: venv ## Style, types, layers and sizes
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy $(wildcard provider tools tests benchmarks policy-pack)
	@$(BIN)/lint-imports --no-cache >.lint-imports.log 2>&1 || { cat .lint-imports.log; rm -f .lint-imports.log; exit 1; }
	@rm -f .lint-imports.log
	@$(BIN)/python -m tools.sizes

.PHONY: bench
bench: venv tools ## Run one benchmark: make bench NAME=switch
	@test -n "$(NAME)" || { echo "Say which: make bench NAME=switch (see benchmarks/)"; exit 2; }
	@$(BIN)/python -m benchmarks.$(NAME)

.PHONY: plugin
plugin: venv ## Pack the plugin for `pulumi plugin install`; PYTHONS="3.12 3.13" packs it for these too
	@$(BIN)/python -m tools.plugin_package $(PYTHONS)

.PHONY: sdk
sdk: venv ## Write schema.json, and the SDKs in sdk/ that are made of it
	@$(BIN)/python -m tools.schemagen
	@$(BIN)/python -m tools.sdkgen

.PHONY: tools
tools: venv ## Find or build every real part (Pulumi, etcd, Kubernetes, kwok, registry)
	@$(BIN)/python -m tools.toolchain

.PHONY: venv
venv: $(STAMP) ## Make the Python environment in .venv

# Made anew only when what it is made from changes; the stamp is written last, so an interrupted one is made again.
$(STAMP): pyproject.toml $(CONSTRAINTS)
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; " + sys.executable + " is " + sys.version.split()[0] + ". Set PYTHON=/path/to/python3.11.")'
	@echo "Making the Python environment in $(VENV)"
	@rm -f $@
	@test -x $(BIN)/python || $(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(addprefix --constraint ,$(CONSTRAINTS)) --editable '.[dev]'
	@touch $@
