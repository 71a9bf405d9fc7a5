# Two commands do all set-up: `make demo` and `make test`. Running any of these twice is harmless.

PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3.13 python3,$(shell command -v $(name))))
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
CODE := src/padwijzer tests demo $(wildcard bench/*.py)

.PHONY: help install demo test test-full test-sqlite test-postgresql lint format messages bench

help: ## show what can be asked
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed 's/:[^#]*## /\t/' | expand -t 18

install: $(VENV)/installed ## make the virtual environment and install everything

$(VENV)/installed: pyproject.toml
	@.ci/python "$(PYTHON)" $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: install ## a site with invented people and cases, on http://127.0.0.1:PORT (8000)
	@PADWIJZER_BASE_URL=http://127.0.0.1:$(PORT) $(BIN)/python demo/manage.py padwijzer_demo
	@PADWIJZER_BASE_URL=http://127.0.0.1:$(PORT) $(BIN)/python demo/manage.py runserver --noreload 127.0.0.1:$(PORT)

test: install ## everything that CI runs
	@.ci/test

test-full: install ## the same, with the heavy tests at full size
	@PADWIJZER_SIZES=full .ci/test

test-sqlite: install
	PADWIJZER_TEST_DB=sqlite $(BIN)/pytest -n 2 --dist loadgroup

test-postgresql: install
	PADWIJZER_TEST_DB=postgresql $(BIN)/pytest -n 2 --dist loadgroup

lint: install ## ruff, mypy and the import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(CODE)
	$(BIN)/lint-imports

format: install ## let ruff set the layout
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

messages: install ## gather the sentences of the plugin and compile the Dutch catalogue
	@$(BIN)/python -m tests.support.messages

bench: install ## the measurements, side by side in one run
	@.ci/services postgresql
	@for program in $(wildcard bench/bench_*.py); do echo "== $$program"; $(BIN)/python $$program || exit 1; done
