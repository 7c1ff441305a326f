# Frontdesk: make run, make demo, make test. Needs Python 3.11 or newer and nothing else.
SHELL := /bin/sh
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' && echo $$p && break; done)
BIN := .venv/bin
MEMBERS := contracts chassis services/gateway services/recorder services/responder services/transcriber simulator ops

.PHONY: run demo setup test bench check format lock upgrade screenshots clean

run: .venv/ready  ## start everything on this machine; Ctrl-C stops it
	@exec $(BIN)/frontdesk up

demo: .venv/ready  ## send a realistic day to a running `make run` and show what came of it
	@exec $(BIN)/frontdesk demo

setup: .venv/ready

# Rebuilt when the lock or a member's manifest changes; a half-made .venv is made again.
.venv/ready: requirements/bootstrap.txt requirements/development.txt pyproject.toml $(MEMBERS:%=%/pyproject.toml)
	@test -n "$(PYTHON)" || { echo "Frontdesk needs Python 3.11 or newer: none was found on the PATH."; exit 1; }
	@echo "Setting up .venv (once) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --requirement requirements/development.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation $(MEMBERS:%=--editable ./%)
	@touch $@

test: .venv/ready  ## the whole test suite
	$(BIN)/python -m pytest $(ARGS)

bench: .venv/ready  ## the gateway under load, beside Express and Flask; results in bench/RESULTS.md
	$(BIN)/python -m bench $(ARGS)

check: .venv/ready  ## format, lint, types, import rules, lock, generated files
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/lock.py check
	$(BIN)/frontdesk settings check
	$(BIN)/frontdesk contracts check
	$(BIN)/frontdesk openapi check

format: .venv/ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench-recorder: .venv/ready  ## the recorder's figures on this machine, into bench/recorder/RESULTS.md
	$(BIN)/python -m bench.recorder $(ARGS)

lock: .venv/ready  ## after a change to a pyproject.toml: make the lock follow
	$(BIN)/python scripts/lock.py write

upgrade: .venv/ready  ## move every dependency to its newest allowed version
	$(BIN)/python scripts/lock.py upgrade

screenshots: .venv/ready  ## make docs/screenshots again (needs Chromium)
	$(BIN)/python scripts/screenshots.py

clean:
	rm -rf .venv
