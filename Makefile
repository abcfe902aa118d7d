PYTHON ?= python3
PORT ?= 8000
# A package index to take torch from, for a build other than the one that pip's own settings lead to (CPU only, some CUDA).
TORCH_INDEX ?=

PIP := .venv/bin/python -m pip --quiet --disable-pip-version-check install
INSTALLED := .venv/installed
TESTED := .venv/tested

# The versions of requirements.lock; what running takes, of all that is named there.
RUNNING := --constraint requirements.lock --no-build-isolation --editable '.[serve,train,evaluate,documents]'

.PHONY: setup run test test-slow conformance faults sanitize arm manual wheel models-wheel lint format

setup: $(INSTALLED)
	@:

$(INSTALLED): pyproject.toml setup.py requirements.lock $(wildcard nmt/runtime/kernel/*)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.x")'
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv
	@echo "Installing nmt into .venv (torch is large) ..."
	@test -z "$(TORCH_INDEX)" || $(PIP) --no-deps --index-url "$(TORCH_INDEX)" "$$(grep ^torch== requirements.lock)"
	@$(PIP) --constraint requirements.lock setuptools
	@$(PIP) $(RUNNING)
	@touch $@

$(TESTED): $(INSTALLED) requirements.lock
	@echo "Installing what tests and linters need into .venv ..."
	@$(PIP) --requirement requirements.lock
	@touch $@

run: setup
	@exec .venv/bin/nmt serve --port $(PORT)

# A process for each core, each with whole files: what the tests of a file share is made once.
PYTEST := .venv/bin/pytest -n auto --maxprocesses 8 --dist loadfile --no-loadscope-reorder
test: $(TESTED)
	@$(PYTEST) -m 'not slow'

# The others, which take as long again: training that is killed, servers under load, every command of the manual.
test-slow: $(TESTED)
	@$(PYTEST) -m slow

# Test suites and clients of other projects against the service. They are downloaded, and have environments of their own.
conformance: $(TESTED)
	@.venv/bin/python tests/conformance/run.py $(SUITES)

# Deliberate faults, one at a time in a copy of this checkout, each of which some test must find.
faults: $(TESTED)
	@.venv/bin/python tests/faults/run.py

# The tests of the compiled kernel with one that looks for wrong addresses and undefined behaviour (gcc on Linux).
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -g
sanitize: $(TESTED)
	@rm -rf build/sanitize && mkdir -p build/sanitize && cp -r nmt pyproject.toml README.md LICENSE build/sanitize
	@rm -f build/sanitize/nmt/runtime/_kernel*
	@cd build/sanitize && CC=gcc CFLAGS="$(SANITIZE)" LDFLAGS="$(SANITIZE)" \
		$(CURDIR)/.venv/bin/python -c 'import setuptools; setuptools.setup()' --quiet build_ext --inplace
	@LD_PRELOAD="$$(gcc -print-file-name=libasan.so) $$(gcc -print-file-name=libubsan.so)" ASAN_OPTIONS=detect_leaks=0 \
		PYTHONPATH=build/sanitize .venv/bin/python -P -c 'import sys, pytest; from nmt.runtime import _kernel; \
		assert "build/sanitize" in _kernel.__file__; sys.exit(pytest.main(["tests/runtime/test_cpu.py", "tests/runtime/test_whole_search.py", "tests/search/test_any.py", \
		"tests/checkpoint/test_fuzz.py"]))'

# The kernel for 64-bit Arm under an emulator; a Debian with a cross compiler and qemu-user is needed.
arm: $(TESTED)
	@.venv/bin/python tests/arm/run.py

# What can be installed elsewhere, in dist/: this program, and the models in checkpoints/.
WHEEL := .venv/bin/python -m pip --quiet --disable-pip-version-check wheel --no-deps --no-build-isolation --wheel-dir dist
wheel: setup
	@rm -rf build/lib build/bdist.*
	@$(WHEEL) . && ls dist/recurrent_nmt-*.whl

models-wheel: setup
	@rm -rf build/models && mkdir -p build/models
	@tar -C checkpoints --exclude=prepared --exclude=training -cf - . | tar -C build/models -xf -
	@$(WHEEL) build/models && ls dist/recurrent_nmt_models-*.whl

# The manual as a web site, build/manual/index.html; a link that leads nowhere ends it. It needs the extra `manual`.
manual: setup
	@.venv/bin/mkdocs build --quiet

lint: $(TESTED)
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

format: $(TESTED)
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .
