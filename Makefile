# Every target makes what it needs. Written for GNU make 3.81 and later.

PYTHON ?= python3
PYTEST_WORKERS ?= 2

VENV := .venv
BIN := $(VENV)/bin
MADE := $(VENV)/.made
INSTALLED := $(VENV)/.installed
READY := $(VENV)/.ready

CHAOS ?= 200

.PHONY: help setup demo test quick bench chaos docs lint lock clean

help:
	@echo "make demo    plan twenty batches, run them, verify them, and say where to look"
	@echo "make test    everything that must pass: style, types, floors, every test"
	@echo "make quick   the tests that take a second or two"
	@echo "make bench   the benchmarks, each with its answer checked"
	@echo "make chaos   interrupt runs at random moments, and compare what they come to"
	@echo "make docs    the documentation as a site, in build/docs"
	@echo "make lint    style, types and floors alone"
	@echo "make lock    renew requirements.lock (needs uv)"
	@echo "make clean   remove the virtual environment and the caches"

setup: $(READY)

demo: $(READY)
	$(BIN)/grilse demo

test: lint
	$(BIN)/python -m pytest -n $(PYTEST_WORKERS)

quick: $(READY)
	$(BIN)/python -m pytest -q -x -m "not slow"

bench: $(READY)
	$(BIN)/python -m benchmarks

chaos: $(READY)
	$(BIN)/python -m chaos --count $(CHAOS)

docs: $(READY)
	$(BIN)/sphinx-build -q -W --keep-going docs build/docs
	@echo "open build/docs/index.html"

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lock:
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url \
	  --python-version 3.11 --extra dev --custom-compile-command "make lock" \
	  --output-file requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

# The stamps are written last, so that a set-up that was broken off is taken up again.
$(MADE):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Grilse needs Python 3.11 or later; name one: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
	  echo "This Python cannot make virtual environments. On Debian or Ubuntu:" >&2; \
	  echo "  apt install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(INSTALLED): requirements.lock $(MADE)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --require-hashes --requirement requirements.lock
	@touch $@

$(READY): pyproject.toml $(INSTALLED)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --no-deps --no-build-isolation --editable .
	@touch $@
