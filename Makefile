# The verbs of this project. Each sets up what it needs; Python 3.11 or newer and make are enough to start.
#
#   make test PYTHON=python3.13 VENV=.venv-3.13     another Python, in its own virtual environment
#   make test ARGS='tests/client -k refresh'        arguments for the program behind the verb

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:

VENV ?= .venv
PYTHON ?=
ARGS ?=
URL ?=
USERS ?=
SECRET ?=
INDEX ?=
SIMPLE ?=
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)

READY := $(VENV)/.ready
RUN := $(VENV)/bin/python
# The tools that check and publish builds have their own virtual environment.
PUBLISHING := $(VENV)-publish/.ready
TOOLS := $(VENV)-publish/bin
# So have the generators of others.
INTEROP := $(VENV)-interop/.ready
# Redocly and Prism: npm installs them, if it is there and node is new enough.
NODE := $(if $(shell command -v npm),node_modules/.package-lock.json)

# The text of a variable as given, as one word for the shell: a password may contain any character.
as_word = '$(subst ','\'',$(value $(1)))'

.PHONY: help setup demo test version generate check conformance mutants servers mock bench build publish release edits rehearsal interop clean

help: ## List the verbs (what make does by itself)
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  make \1	\2/p' $(MAKEFILE_LIST) | expand -t 22

setup: $(READY) ## Make the virtual environment in .venv, with every tool pinned by hash

demo: $(READY) ## Show the whole loop, from the contract to a session that has ended
	@$(RUN) scripts/demo.py

# One worker more than processors, because many tests wait. A file at a time for each, because the tests of a file share
# what is slow to make.
test: $(READY) ## Run the tests
	@$(RUN) -m pytest -n $(WORKERS) --dist loadfile $(ARGS)

version: $(READY) ## Say which version the changes since the last release ask for
	@$(RUN) scripts/version.py

generate: $(READY) ## Make generated/, its reference and tests/api.txt from openapi.yaml
	@$(RUN) scripts/generate.py $(ARGS)

check: $(READY) $(NODE) ## Run every check: drift, version, changelog, contract, lint, format, types, imports
	@$(RUN) scripts/check.py $(ARGS)

# Through the environment, so that no password appears in the process list.
ifneq ($(value USERS),)
conformance: export PACERPRO_CONFORMANCE_USERS = $(value USERS)
endif
ifneq ($(value SECRET),)
conformance: export PACERPRO_CONFORMANCE_SECRET = $(value SECRET)
endif
# Without URL, the suite starts the project's own mock.
conformance: $(READY) ## Check a server against the contract: URL=... USERS='EMAIL:PASSWORD,EMAIL:PASSWORD' [SECRET=...]
	@set -f; url=$(call as_word,URL); set -- $(ARGS); \
	if [ -n "$$url" ]; then set -- "$$@" --url "$$url"; fi; \
	exec $(RUN) -m pacerpro_conformance "$$@"

mutants: $(READY) $(NODE) ## Check that the conformance suite finds deliberate faults; takes minutes
	@$(RUN) -m pytest -m mutants tests/conformance $(ARGS)

servers: $(READY) ## Run the conformance suite against sound servers in other stacks, and faulty ones; takes minutes
	@if command -v npm >/dev/null; then npm ci --loglevel=error --prefix tests/servers/express; fi
	@$(RUN) -m pytest -m servers tests/servers $(ARGS)

mock: $(READY) ## Start the mock of the service; ARGS='--port 8080' gives it options
	@exec $(VENV)/bin/pacerpro-mock $(ARGS)

bench: $(READY) ## Compare the client's speed with the HTTP library's, in ratios; ARGS='--pairs 5 SessionAuth' for a part
	@$(RUN) benchmarks $(ARGS)

build: $(PUBLISHING) ## Build the sdist, the wheel and a bill of materials into dist/
	@$(RUN) scripts/build.py --tools $(TOOLS) $(ARGS)

publish: $(PUBLISHING) ## Check, build and upload: INDEX=<upload URL> SIMPLE=<simple URL> [ARGS=--dry-run]
	@$(RUN) scripts/publish.py --tools $(TOOLS) --index=$(call as_word,INDEX) --simple=$(call as_word,SIMPLE) $(ARGS)

release: $(PUBLISHING) ## Publish, and build twice to compare the bytes; the same variables
	@$(RUN) scripts/publish.py --build-twice --tools $(TOOLS) --index=$(call as_word,INDEX) --simple=$(call as_word,SIMPLE) $(ARGS)

edits: $(READY) ## Edit the contract in four ordinary ways, in a copy, and run generate, check and test after each
	@$(RUN) -m pytest -m edits tests/scripts/test_contract_edits.py $(ARGS)

rehearsal: $(PUBLISHING) ## Test publishing, with real indexes on this machine
	@$(RUN) -m pytest -m publish tests/publishing $(ARGS)

interop: $(INTEROP) ## Test that clients by other generators work with the contract; needs Java 11, node 20.19 and npm
	@$(RUN) -m pytest -m interop tests/interop $(ARGS)

clean: ## Remove everything that these verbs made, the virtual environments too
	rm -rf .venv* node_modules build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache .schemathesis
	rm -rf tests/servers/express/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# An existing virtual environment is kept. Otherwise the first Python that is new enough makes it; some systems lack
# `ensurepip`, and venv fails without it.
NEW_ENOUGH := import sys, ensurepip; sys.exit(sys.version_info < (3, 11))
CANDIDATES := $(if $(PYTHON),$(PYTHON),python3.13 python3.12 python3.11 python3)

$(READY): requirements-dev.txt pyproject.toml
	@if ! $(RUN) -c '$(NEW_ENOUGH)' 2>/dev/null; then \
	  for python in $(CANDIDATES); do \
	    if "$$python" -c '$(NEW_ENOUGH)' 2>/dev/null; then found=$$python; break; fi; \
	  done; \
	  if [ -z "$${found:-}" ]; then \
	    echo "make: none of '$(CANDIDATES)' is Python 3.11 or newer with the venv module; install one, or name it: make PYTHON=/path/to/python" >&2; exit 1; \
	  fi; \
	  echo "Set-up 1/3: make $(VENV) with $$("$$found" --version)"; \
	  "$$found" -m venv --clear $(VENV); \
	else echo "Set-up 1/3: $(VENV) is there, with $$($(RUN) --version)"; fi
	@echo "Set-up 2/3: install the pinned tools; the first time this takes about a minute"
	@$(RUN) -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.txt
	@echo "Set-up 3/3: install this project in place"
	@$(RUN) -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(PUBLISHING): requirements-publish.txt | $(READY)
	@echo "Install the tools that publish into $(VENV)-publish; the first time this takes about a minute"
	@$(RUN) -m venv --clear $(VENV)-publish
	@$(TOOLS)/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements-publish.txt
	@touch $@

$(NODE): package.json package-lock.json
	@npm ci --loglevel=error || echo "make: without Redocly and Prism, because npm cannot install them: see above"

$(INTEROP): requirements-interop.txt tests/interop/package-lock.json | $(READY)
	@for tool in java node npm; do \
	  command -v $$tool >/dev/null || { echo "make: interop needs $$tool, and it is not on PATH" >&2; exit 1; }; \
	done
	@echo "Install the generators of others into $(VENV)-interop; the first time this takes about a minute"
	@$(RUN) -m venv --clear $(VENV)-interop
	@$(VENV)-interop/bin/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements-interop.txt
	@cp .npmrc tests/interop/package.json tests/interop/package-lock.json $(VENV)-interop
	@cd $(VENV)-interop && npm ci --loglevel=error
	@touch $@
