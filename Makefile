# Each target is what a person could type. `make demo` and `make test` do their own set-up.
PYTHON ?= python3
VENV ?= .venv
export PATH := $(abspath $(VENV))/bin:$(PATH)

.PHONY: help install demo repro test check report viz bench clean

help:  ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## */  make \1\t/' | expand -t 18

install: $(VENV)/installed  ## .venv with the pinned packages

$(VENV)/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "make: $(PYTHON) is $$($(PYTHON) -V 2>&1), Gristmill needs Python 3.11 or newer: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	@$(VENV)/bin/python -c 'import torch, torchvision' || { \
	  echo "make: this torch and torchvision do not belong together: rm -r $(VENV), and install matching builds of the versions in constraints.txt" >&2; exit 1; }
	@touch $@

demo: install  ## every experiment of the demo through dvc repro, the table of results, the report
	gristmill repro
	gristmill results

repro: install  ## dvc repro, past the lock file that a killed dvc can leave
	gristmill repro

test: install  ## every test
	python -m pytest

check: install  ## style, types, layers, params.yaml
	ruff check .
	pyright
	lint-imports
	gristmill check

report: install  ## figures and page from the runs that are there
	kedro run --tags=report

viz: install  ## the lineage in a browser, http://localhost:4141
	kedro viz run

bench: install  ## speed against the usual way, as ratios within one run
	python -m benchmarks

clean: install  ## leftovers of experiments that params.yaml no longer has
	gristmill clean
