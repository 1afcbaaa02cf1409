# What one types here. Everything is installed inside this folder; only package registries are asked.
.DEFAULT_GOAL := help
SHELL := /bin/sh

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
UV_VERSION := 0.13.8
UV := .tools/bin/uv
BIN := .venv/bin
EVIDENTLY := lifecycle/local/monitoring/evidently/requirements.txt

export UV_PYTHON_DOWNLOADS := never
# Companies' proxies sign with certificates that only the system knows.
export UV_SYSTEM_CERTS := true
export UV_PROJECT_ENVIRONMENT := .venv
# Without compiled bytecode every import of MLflow takes several seconds.
unexport PYTHONDONTWRITEBYTECODE
# A caller's virtual environment must not be mistaken for ours.
unexport VIRTUAL_ENV

# Tests start the engine; a fitting one on the PATH comes first, else the one that 'make engine' builds here.
export PATH := $(PATH):$(CURDIR)/.tools/engine/bin

.PHONY: help demo test actionlint promcheck grafanacheck evidently schemas engine install install-demo lint types imports unit docs transcript bench format clean

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

demo: install-demo ## The main job on real data, new to destroy; then the loop: drift, retraining, a canary, a bad version turned back
	@$(BIN)/python -m tools.demo

test: install engine actionlint promcheck grafanacheck evidently schemas lint types imports unit ## Everything that CI runs

install: $(UV) ## The locked development environment
	@$(UV) sync --quiet --frozen --extra local --extra copier --extra azureml --extra vertex

install-demo: $(UV)
	@echo "installing the locked packages into .venv"
	@$(UV) sync --quiet --frozen --no-dev --inexact --extra local

engine: install ## The Pulumi engine, built here with Go when none that fits is on the PATH (minutes, once)
	@$(BIN)/python -m groundplan.stacks.engine.building .tools/engine

lint: install ## Style
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: install ## Types, strict
	$(BIN)/pyright

imports: install ## Who may import what
	$(BIN)/lint-imports

actionlint: $(UV) ## The linter of GitHub workflows, built here with Go from its locked sources
	@if command -v go > /dev/null; then cd tools/actionlint && go build -trimpath -o ../../.tools/bin/actionlint \
		github.com/rhysd/actionlint/cmd/actionlint; \
	else echo "go is not on the PATH: the tests that need actionlint are skipped"; fi

promcheck: $(UV) ## Prometheus' own checks of rules and metrics, built here with Go from their locked sources
	@if command -v go > /dev/null; then cd tools/promcheck && go build -trimpath -o ../../.tools/bin/promcheck .; \
	else echo "go is not on the PATH: the test that needs promcheck is skipped"; fi

grafanacheck: $(UV) ## What Grafana publishes of its dashboards' types, as a check, built here with Go from locked sources
	@if command -v go > /dev/null; then cd tools/grafanacheck && go build -trimpath -o ../../.tools/bin/grafanacheck .; \
	else echo "go is not on the PATH: the tests that need grafanacheck are skipped"; fi

evidently: install ## Evidently, which tests hold drift's statistics against, in an environment of its own: it needs pandas 2
	@{ test -x .tools/evidently/bin/python || $(UV) venv --quiet --clear --python $(BIN)/python .tools/evidently; } && \
	$(UV) pip sync --quiet --python .tools/evidently --require-hashes $(EVIDENTLY) || { rm -rf .tools/evidently; \
	echo "Evidently could not be installed: the tests that need it are skipped, but not in CI"; test -z "$$CI"; }

schemas: install ## The published schemas that tests hold reports against
	@$(BIN)/python -m tools.schemas .tools/schemas

unit: install engine actionlint promcheck grafanacheck evidently schemas ## Tests
	$(BIN)/pytest -n auto --dist worksteal

docs: install ## The generated pages of docs/, made anew
	$(BIN)/python -m tools.docs

transcript: install ## What README's commands print, written into README
	$(BIN)/python -m tools.transcript

bench: install ## The speed table, as ratios
	@$(BIN)/python -m tools.bench

format: install ## Format and fix what can be
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## Remove what these commands made
	rm -rf .venv .tools .demo .pytest_cache .ruff_cache .import_linter_cache .hypothesis

$(UV):
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed and was not found on PATH"; exit 1; }
	@$(PYTHON) -m venv .tools
	@.tools/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
