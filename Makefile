# Everything sets itself up: Python packages in .venv, and Lean (a native one where there is one, else WebAssembly).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BASE := $(VENV)/base
READY := $(VENV)/ready
PIP := $(BIN)/pip install --quiet --disable-pip-version-check

.PHONY: demo test bench setup audit browser clean

# needs what the package itself needs, and nothing for development
demo: $(BASE)
	@$(BIN)/logprec doctor --install
	$(BIN)/logprec demo

# pytest comes last, so that its summary is the last thing to be seen
test: setup
	cd python && ../$(BIN)/ruff check --config pyproject.toml . ../examples ../tests ../bench
	cd python && ../$(BIN)/ruff format --check --config pyproject.toml . ../examples ../tests ../bench
	cd python && ../$(BIN)/mypy
	$(BIN)/lake build --wfail
	$(BIN)/logprec audit
	$(BIN)/pytest -c python/pyproject.toml --rootdir python python/tests

# minutes, on a quiet machine; writes bench/results
bench: setup
	$(BIN)/python bench/constructor.py
	$(BIN)/python bench/sizes.py
	$(BIN)/python bench/evaluator.py
	$(BIN)/python bench/acceptance.py

# the browser that the explorer is tested in, on Debian; without it these tests are skipped
browser:
	@command -v chromedriver >/dev/null || \
	  { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium chromium-driver; } >/dev/null 2>&1 || \
	  echo "no Chromium could be installed: the explorer's browser tests will be skipped"

audit: setup
	$(BIN)/logprec audit

setup: $(READY)
	@$(BIN)/logprec doctor --install

$(BASE): python/pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(PIP) --only-binary :all: -e python
	touch $@

$(READY): $(BASE)
	$(PIP) -e 'python[dev]'
	touch $@

clean:
	rm -rf $(VENV) .lake out
