# `make demo` runs the whole loop; `make test` runs every test. Both set everything up themselves.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check -q

.PHONY: help demo test lint bench clean
.DEFAULT_GOAL := help

help:
	@echo "make demo   the whole loop: Label Studio, drafts, a scripted annotator, a DPO file"
	@echo "make test   every test, in a real Label Studio, Chromium and trainer"
	@echo "make lint   style, types, room boundaries"
	@echo "make bench  benchmarks"
	@echo "make clean  remove what the other targets made"

demo: $(VENV)/.demo
	$(BIN)/goldleaf demo --out demo-out

test: $(VENV)/.dev
	@command -v chromium >/dev/null && command -v chromedriver >/dev/null || \
	  echo "The browser tests need Debian's chromium, chromium-driver and fonts-noto-cjk; without them they are skipped."
	$(BIN)/pytest $(ARGS)

lint: $(VENV)/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports
	$(BIN)/basedpyright --level error

bench: $(VENV)/.dev
	$(BIN)/python benchmarks/export.py

clean:
	rm -rf $(VENV) build dist *.egg-info demo-out .pytest_cache .ruff_cache .hypothesis

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is missing: apt-get install python3.11 python3.11-venv, or make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c "import ensurepip, venv" 2>/dev/null || { echo "Python has no venv: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) install -c constraints.txt -e '.[studio]'
	touch $@

# torch first, at a version whose wheel is small: a bare "torch" may bring gigabytes of CUDA.
$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) install -c constraints.txt torch
	$(PIP) install -c constraints.txt -e '.[dev]'
	touch $@ $(VENV)/.demo
