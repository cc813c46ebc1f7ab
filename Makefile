# The doors of this project. Each makes or mends .venv first (requirements/install.py).
#   make run [PORT=8000] [VAR=var]            the whole thing on this machine, with a demo
#   make manage ARGS="invite tidewater"       a command of manage.py in the house that `make run` started
#   make test [ARGS="tests/messaging -k retry"]
#   make check                                formatters, linters, types, layers, settings
#   make lock [UPGRADE=1]                     compile requirements/*.txt from pyproject.toml
#   make bench [ARGS="live idle"]             how fast it is, against a bare loop (bench/README.md)

PORT ?= 8000
VAR ?= var
ARGS ?=
UPGRADE ?=
NAMES = python3 python3.14 python3.13 python3.12 python3.11 python
PYTHON ?= $(firstword $(foreach name,$(NAMES),$(shell command -v $(name) 2>/dev/null)))
INSTALL = $(PYTHON) requirements/install.py

# Passed in the environment, so that quotes and blanks arrive as they were typed.
export PORT VAR ARGS UPGRADE

.PHONY: run manage test check lock bench python

run: python
	@exec $(INSTALL) run -m operations.run

manage: python
	@exec $(INSTALL) run -m operations.manage

test: python
	@exec $(INSTALL) all -m operations.testing

check: python
	@exec $(INSTALL) all -m operations.check

bench: python
	@exec $(INSTALL) all -m bench $(ARGS)

lock: python
	@exec $(INSTALL) lock

python:
	@test -n "$(PYTHON)" || { echo "Kreis: no Python found. Install Python 3.11 or newer, with its venv module." >&2; exit 1; }
