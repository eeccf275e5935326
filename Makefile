# Everything sets up what it needs, works alone, and can be run again.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: help setup run test check bench deploy-templates docs fmt clean browser

help: ## what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(READY) ## install what is missing

$(READY): requirements.txt requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed (make PYTHON=...)"; exit 2; }
	@echo "Setting up .venv (once, about a minute)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $(READY)

browser:
	@sh .ci/browser

run: $(READY) ## start the bot: the playground, or the real one when Slack settings are there
	@$(BIN)/python -m bot run

test: $(READY) browser ## run every test, the browser's included
	$(BIN)/python -m pytest -q -n 2 --dist loadfile -m "not lasting" --cov --cov-report=
	$(BIN)/python -m pytest -q -n 2 --dist loadfile -m lasting --cov --cov-append --cov-report=term:skip-covered

check: $(READY) ## format, lint, types, import contracts, generated pages
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m deploy --check
	$(BIN)/python -m docs --check

deploy-templates: $(READY) ## write the roles to deploy from the code
	$(BIN)/python -m deploy

docs: $(READY) ## write a page for each cause from the code and the templates
	$(BIN)/python -m docs

bench: $(READY) ## measure the figures of benchmarks/README.md
	$(BIN)/python -m benchmarks

fmt: $(READY) ## put the code into shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## take away what was set up
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage*
