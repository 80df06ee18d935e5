# Two commands do everything on a fresh machine: `make chat` and `make test`.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# vLLM where an NVIDIA GPU answers, the embedded CPU engine elsewhere.
EXTRA  ?= $(shell nvidia-smi >/dev/null 2>&1 && echo gpu || echo cpu)
READY  := $(VENV)/.ready-$(EXTRA)

.DEFAULT_GOAL := help
.PHONY: help chat ask index eval gate bench test format clean

help: ## list the commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

chat: $(READY) ## set up all, start the model and the web page, print the address
	@$(BIN)/python -m assistant chat

ask: $(READY) ## answer one question: make ask Q="Which six providers did METI certify?"
	@test -n "$(Q)" || { echo 'error: give a question: make ask Q="Which six providers did METI certify?"' >&2; exit 2; }
	@$(BIN)/python -m assistant ask "$(Q)"

index: $(READY) ## index the shipped documents, or others: make index DOCUMENTS="folder file.md"
	@$(BIN)/python -m index build $(DOCUMENTS)

eval: $(READY) ## answer the shipped question set (dev split) and score it
	@$(BIN)/python -m eval run --split dev --output .shoko/eval

gate: $(READY) ## answer a fixed sample with the model; fail where it got worse than the stored baseline
	@$(BIN)/python -m eval run --split dev --limit 12 --output .shoko/gate --restart
	@$(BIN)/python -m eval gate --baseline eval/results/baseline.json --report .shoko/gate --most-lost 4

bench: $(READY) ## measure times and memory of the whole program
	@$(BIN)/python -m eval bench

test: $(READY) ## linters, types, layers, tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest

format: $(READY) ## format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## remove the environment, the index and caches of tools (weights in ~/.cache/shoko stay)
	rm -rf $(VENV) .shoko .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'error: Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11' >&2; exit 2; }
	@echo 'Setting up $(VENV) with the extra "$(EXTRA)" (once; a few minutes) ...' >&2
	@$(PYTHON) -m venv $(VENV) || { echo 'error: python3 -m venv failed; on Debian: apt-get install python3-venv' >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --upgrade 'pip>=26'
	@$(BIN)/python -m pip install --quiet --progress-bar on --editable '.[$(EXTRA),dev]'
	@rm -f $(VENV)/.ready-* && touch $@
