# Two commands do all the set-up: `make scan` runs the main job on the bundled shop, `make test` passes the tests.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: scan test check multitool accept score bench docs clean

$(STAMP): pyproject.toml setup.py
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $(STAMP)

scan: $(STAMP)  ## The main job: the shop with its faults; shows the gate's answer and ends well.
	$(BIN)/python -m scripts.scan_shop

test: $(STAMP) check  ## Lint, types, all tests, and the SARIF logs under the Multitool.
	$(BIN)/python -m pytest --ignore=tests/accept -n auto
	$(MAKE) multitool

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m scripts.docs --check

multitool: $(STAMP)  ## SARIF of the shop, good and bad, under the SARIF Multitool with GitHub's rules.
	$(BIN)/python -m scripts.shop_sarif .cache/sarif
	scripts/multitool.sh .cache/sarif tests/golden

docs: $(STAMP)
	$(BIN)/python -m scripts.docs

accept: $(STAMP)  ## The figures over ../shared; fails where it is missing.
	@test -d ../shared || { echo "../shared is missing: the figures cannot be measured"; exit 1; }
	$(BIN)/python -m pytest tests/accept -s
	$(BIN)/python -m tests.accept.beside
	$(BIN)/python -m scripts.guards
	$(MAKE) score

score: $(STAMP)  ## Agreement with other tools' own suites.
	$(BIN)/python -m tests.accept.score

bench: $(STAMP)  ## CPU of whole processes beside the peers', as ratios.
	$(BIN)/python -m scripts.bench

clean:
	rm -rf $(VENV) .cache build dist *.egg-info
