# kith: everything a newcomer types. Each target makes what it needs first.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEMO_CUSTOMERS ?= 20000

.PHONY: demo test check bench clean setup docs tools

demo: tools setup  ## load, resolve and score a demo company, then serve it until Ctrl-C
	@$(BIN)/kith demo --customers $(DEMO_CUSTOMERS)

test: tools setup  ## everything that CI runs
	@$(MAKE) --no-print-directory check
	@$(BIN)/pytest -n 2 --dist loadfile -m slow tests/unit tests/contract tests/property
	@$(BIN)/pytest -n 2 --dist loadfile tests/integration tests/e2e

check: setup  ## format, lint, types, imports, fast tests: under a minute
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/pytest -n 2 --dist loadfile -m 'not slow' tests/unit tests/contract tests/property

bench: tools setup  ## measure, and write docs/benchmarks.md
	@$(BIN)/python bench/all.py

docs: tools setup  ## write the generated documents again
	@$(BIN)/kith docs --output docs

setup: $(READY)  ## the Python environment

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "kith needs Python 3.11 or newer: apt-get install python3.11 python3.11-venv"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $(READY)

tools:  ## name what is missing on this machine, before anything is downloaded
	@command -v java > /dev/null \
		|| { echo "Java 17 or newer is missing: apt-get install openjdk-17-jre-headless (or brew install openjdk@17)"; exit 1; }
	@command -v mvn > /dev/null \
		|| { echo "Maven is missing: apt-get install maven (or brew install maven)"; exit 1; }

clean:  ## remove what is built here; KITH_HOME is never touched
	rm -rf $(VENV) *.egg-info build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
