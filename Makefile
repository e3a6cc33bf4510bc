# Everything runs in .venv, made from constraints.txt; nothing else on the machine is touched.
.DEFAULT_GOAL := help
SHELL := /bin/sh

# The first of these that is Python 3.11 to 3.13; `make PYTHON=/path/to/python` overrules it.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null \
	&& echo $$p && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check -c constraints.txt

.PHONY: help
help:  ## list the targets
	@awk -F ':.*##' '/^[a-z-]+:.*##/ {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Two stamps, so that `make demo` does not have to install the test tools.
.venv/installed: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "stockcast needs Python 3.11, 3.12 or 3.13; name one: make PYTHON=/path/to/python3.12" >&2; exit 2; }
	@echo "setting up .venv (once, a minute or two)" >&2
	@$(PYTHON) -m venv .venv
	@$(PIP) hatchling editables
	@$(PIP) --no-build-isolation --editable '.[all]'
	@touch $@

.venv/installed-dev: .venv/installed
	@$(PIP) --no-build-isolation --editable '.[dev]'
	@touch $@

.PHONY: install dev
install: .venv/installed  ## make .venv with the stockcast command
dev: .venv/installed-dev  ## the same with the test tools

# What CI installs: the same versions, and each package checked against its hash.
.PHONY: dev-locked
dev-locked:  ## make .venv from .github/requirements-ci.txt, each package checked by its hash
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .github/requirements-ci.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch .venv/installed .venv/installed-dev

.PHONY: demo
demo: .venv/installed  ## train on sample_data/GOOG.csv and print the next day's forecast
	@$(BIN)/stockcast train sample_data/GOOG.csv
	@$(BIN)/stockcast predict sample_data/GOOG.csv

.PHONY: test test-fast coverage
# Hundreds of processes: each module is compiled once and not in each of them.
unexport PYTHONDONTWRITEBYTECODE
# HYPOTHESIS_PROFILE is dev, ci or soak: how many examples a property is tried on.
test: .venv/installed-dev  ## run the whole suite
	@HYPOTHESIS_PROFILE=$${HYPOTHESIS_PROFILE:-ci} $(BIN)/python -m pytest -n 2 $(PYTEST_ARGS)
test-fast: .venv/installed-dev  ## run the 8,500 tests that take less than a twentieth of a second (a minute or so)
	@HYPOTHESIS_PROFILE=$${HYPOTHESIS_PROFILE:-dev} $(BIN)/python -m pytest -n 2 -m 'not slow and not process' $(PYTEST_ARGS)
coverage: .venv/installed-dev  ## run the whole suite and say what it leaves out, processes included (15 minutes)
	@$(BIN)/coverage erase
	@HYPOTHESIS_PROFILE=$${HYPOTHESIS_PROFILE:-ci} $(BIN)/coverage run -m pytest -n 2 $(PYTEST_ARGS)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report --show-missing --skip-covered

.PHONY: lint types imports format
lint: .venv/installed-dev  ## ruff: lint and format check
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
types: .venv/installed-dev  ## mypy --strict
	@$(BIN)/mypy --strict
imports: .venv/installed-dev  ## import-linter: who may import whom
	@$(BIN)/lint-imports
format: .venv/installed-dev  ## let ruff rewrite the code
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

.PHONY: docs docs-serve manual figures
docs: .venv/installed-dev  ## build the documentation into site/; open site/index.html
	@$(BIN)/python -m zensical build --clean --strict
docs-serve: .venv/installed-dev  ## show the documentation on localhost:8000 and build it anew at each change
	@$(BIN)/python -m zensical serve
figures: .venv/installed-dev  ## draw the pictures of docs/what-is-an-lstm.md and measure its numbers again
	@$(BIN)/python -m docs.figures
manual: .venv/installed-dev  ## write reference pages, man pages and completions again from the program
	@$(BIN)/python -m manual

.PHONY: dist dist-check dist-check-full
# The same files give the same bytes: what is in an archive is dated by the last commit.
dist: .venv/installed-dev  ## build the wheel and the source distribution into dist/
	@rm -rf dist
	@SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct 2>/dev/null || echo 0) $(BIN)/python -m hatchling build -d dist
dist-check: dist .venv-tools/installed  ## check both: metadata, contents, the same bytes twice, installed and tried
	@$(TOOLS)/twine check --strict dist/*
	@$(TOOLS)/check-wheel-contents dist/*.whl
	@$(BIN)/python -m pytest -q tests/distribution/test_archives.py
dist-check-full: dist  ## install the wheel light and whole in fresh environments; sizes and seconds (10 minutes)
	@$(BIN)/python -m benchmarks.installs dist/*.whl

.PHONY: check
check: lint types imports docs dist-check test  ## everything that CI does

# Tools that look at the project from outside; in .venv they would be among what they list.
TOOLS := .venv-tools/bin
LOCK := $(TOOLS)/uv pip compile --quiet --universal --python-version 3.11.5 --generate-hashes --no-header --no-annotate
.venv-tools/installed: .github/requirements-tools.txt
	@$(PYTHON) -m venv .venv-tools
	@$(TOOLS)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .github/requirements-tools.txt
	@touch $@

.PHONY: lock audit sbom workflows image
lock: .venv-tools/installed  ## write the locked files of CI again, from constraints.txt and pyproject.toml
	@printf 'editables\nhatchling\n' | $(LOCK) - pyproject.toml --extra dev -c constraints.txt --output-file .github/requirements-ci.txt
	@$(LOCK) .github/tools.in --output-file .github/requirements-tools.txt
audit: .venv-tools/installed  ## ask the package index for known vulnerabilities of what CI installs
	@$(TOOLS)/pip-audit --strict --disable-pip --require-hashes -r .github/requirements-ci.txt
sbom: .venv-tools/installed  ## list all that an installed stockcast consists of: build/sbom/stockcast.cdx.json
	@rm -rf build/sbom
	@$(PYTHON) -m venv --without-pip build/sbom/venv
	@PIP_CONSTRAINT=constraints.txt $(TOOLS)/python -m pip --python build/sbom/venv/bin/python install --quiet --disable-pip-version-check .
	@version=$$(sed -n 's/^__version__ = //p' stockcast/__init__.py); \
		sed "s/^dynamic = .*/version = $$version/" pyproject.toml > build/sbom/pyproject.toml
	@$(TOOLS)/cyclonedx-py environment --pyproject build/sbom/pyproject.toml --output-reproducible \
		--output-file build/sbom/stockcast.cdx.json build/sbom/venv/bin/python
workflows: .venv-tools/installed  ## zizmor and the schemas: .github/ and CITATION.cff
	@$(TOOLS)/zizmor --offline --quiet .github
	@$(TOOLS)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@$(TOOLS)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	@$(TOOLS)/check-jsonschema --builtin-schema vendor.github-issue-forms .github/ISSUE_TEMPLATE/[!c]*.yml
	@$(TOOLS)/check-jsonschema --builtin-schema vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
	@$(TOOLS)/check-jsonschema --builtin-schema vendor.citation-file-format CITATION.cff
image:  ## build the container image, with docker or what DOCKER names
	@$${DOCKER:-docker} build --file packaging/Dockerfile --tag stockcast .

.PHONY: same
same: .venv/installed-dev  ## run some 250 command lines here and on BASE, a folder of another version (10 minutes)
	@$(BIN)/python -m benchmarks.same $(BASE)

.PHONY: soak
soak: .venv/installed-dev  ## kill, crowd, fill the disk, feed nonsense; count what is lost (15 minutes)
	@$(BIN)/python -m benchmarks.soak $(SOAK_ARGS)

.PHONY: hosts
hosts: .venv/installed-dev  ## cut off the hosts of a cluster made of network namespaces (root, 15 minutes)
	@$(BIN)/python -m benchmarks.hosts $(HOSTS_ARGS)

.PHONY: desk
desk: .venv/installed-dev  ## 500 tickers, three broken, a worker killed; here and on a TLS cluster (10 minutes)
	@$(BIN)/python -m benchmarks.desk $(DESK_ARGS)

.PHONY: bench
bench: .venv/installed-dev  ## measure against plain Keras, PyTorch and pandas (10 minutes)
	@$(PIP) --no-build-isolation --editable '.[bench]'
	@$(BIN)/python -m benchmarks

.PHONY: study
study: .venv/installed-dev  ## what the default recipe rests on: the tables of docs/studies.md (2 hours)
	@$(BIN)/python -m benchmarks.studies

.PHONY: tune-null
tune-null: .venv/installed-dev  ## what a search claims of 100 random walks: the table of docs/tuning.md (20 minutes)
	@$(BIN)/python -m benchmarks.studies.tuning_null

.PHONY: pretrained
pretrained: .venv/installed-dev  ## train the model that comes with the program on PANEL, a folder (5 minutes)
	@$(BIN)/python -m benchmarks.pretrained $(PANEL)

.PHONY: volatility
volatility: .venv/installed-dev  ## how far prices move, beside GARCH, on PANEL: tables of docs/studies.md (20 minutes)
	@$(BIN)/python -m benchmarks.studies.volatility $(PANEL) $(HORIZONS)

# What a user would take instead needs pandas 2, so it has an environment of its own.
.venv-rivals/installed: benchmarks/rivals.txt
	@$(PYTHON) -m venv .venv-rivals
	@.venv-rivals/bin/python -m pip install --quiet --disable-pip-version-check -r benchmarks/rivals.txt
	@touch $@

.PHONY: rivals
rivals: .venv/installed-dev .venv-rivals/installed  ## neuralforecast, statsforecast and arch beside ours, on PANEL: tables of docs/studies.md (20 minutes)
	@$(BIN)/python -m benchmarks.studies.rivals $(PANEL) .venv-rivals/bin/python

.PHONY: screens
screens: .venv/installed-dev  ## draw the terminal sessions of docs/images/screens/ again from real runs (a minute)
	@$(BIN)/python -m benchmarks.screens

.PHONY: sample-data
sample-data: .venv/installed-dev  ## write sample_data/*.csv again from the package they come from
	@$(BIN)/python sample_data/write.py

.PHONY: clean
clean:  ## remove .venv and caches; models stay
	rm -rf .venv .venv-rivals .venv-tools .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .cache build dist site
