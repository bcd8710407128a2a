# Everything here sets itself up: a fresh clone needs Python >= 3.11, Node >= 20, git and make.
# The environment lives in .venv and is made again only when a lock file changed.

PYTHON ?= python3
HOST   ?= 127.0.0.1
PORT   ?= 8000
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/ready
LOCKS  := requirements.txt requirements-dev.txt
VENDOR := server/assembly_kg/web/static/vendor
EDITOR := node_modules/@zazuko/yasqe/build

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup serve test check browser format lock build benchmark-build clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

# pip checks every package against the hash in the lock. An environment that was left half made
# (an interrupted set-up, a Python that is gone) is made anew.
$(READY): $(LOCKS) pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] + "; try: make PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# npm checks every package against the hash in its lock and runs no script of any. The pages get the
# files that they load from here, so nothing comes from another host.
$(VENDOR)/ready: package.json package-lock.json .npmrc
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@rm -rf $(VENDOR)
	@mkdir -p $(VENDOR)
	cp $(EDITOR)/yasqe.min.js $(EDITOR)/yasqe.min.css $(VENDOR)
	@touch $@

setup: $(READY) $(VENDOR)/ready ## make the environment in .venv, and what pages load

serve: setup ## build what changed and serve http://127.0.0.1:8000 (PORT=8000 HOST=127.0.0.1)
	$(BIN)/assembly-kg serve --host $(HOST) --port $(PORT)

# The pages are tested in the browser that is installed; a machine without one gets Debian's.
browser: ## install Chromium for the tests of pages, where there is none and this may be done
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || [ "$$(id -u)" != 0 ] || \
		{ apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core; }

test: check $(VENDOR)/ready browser ## run every check and every test (ARGS='-k name' picks some)
	$(BIN)/python -m pytest $(ARGS)

check: $(READY) ## lint, formatting, types, spelling, layers, links and paths in the documentation
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/assembly-kg format --check
	$(BIN)/mypy
	$(BIN)/codespell
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m pytest --quiet tests/test_links.py

format: $(READY) ## rewrite code and data in their one style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/assembly-kg format

lock: $(READY) ## resolve the dependencies of pyproject.toml again (ARGS=--upgrade for newer versions)
	$(BIN)/python -m piptools compile $(LOCK_OPTIONS) --output-file requirements.txt pyproject.toml
	$(BIN)/python -m piptools compile $(LOCK_OPTIONS) --extra dev --constraint requirements.txt --output-file requirements-dev.txt pyproject.toml
LOCK_OPTIONS = --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host $(ARGS)

build: setup ## build the wheel and the source archive into dist/
	$(BIN)/python -m hatchling build

benchmark-build: $(READY) ## print time and memory of each stage of the build
	$(BIN)/python -P benchmarks/build.py

clean: ## remove everything that was made here
	rm -rf $(VENV) node_modules $(VENDOR) build dist releases .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
