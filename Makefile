PYTHON ?= python3
PORT ?= 8000
# A package index to take torch from, for a build other than the one that pip's own settings lead to (CPU only, some CUDA).
TORCH_INDEX ?=

PIP := .venv/bin/python -m pip --quiet --disable-pip-version-check install
INSTALLED := .venv/installed

.PHONY: setup run test lint format

setup: $(INSTALLED)
	@:

$(INSTALLED): pyproject.toml requirements.lock $(wildcard nmt/runtime/kernel/*)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.x")'
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv
	@echo "Installing what requirements.lock names into .venv (torch is large) ..."
	@test -z "$(TORCH_INDEX)" || $(PIP) --no-deps --index-url "$(TORCH_INDEX)" "$$(grep ^torch== requirements.lock)"
	@$(PIP) --requirement requirements.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

run: setup
	@exec .venv/bin/nmt serve --port $(PORT)

# A process for each core, each with whole files: what the tests of a file share is made once.
test: setup
	@.venv/bin/pytest -n auto --maxprocesses 8 --dist loadfile --no-loadscope-reorder

lint: setup
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

format: setup
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .
