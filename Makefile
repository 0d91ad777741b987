# Slipway: `make run` and `make test` are all one needs; `make help` lists the rest.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.NOTPARALLEL:

# The shipped program. Everything that runs Slipway runs this file: `make run`, the browser tests, the benchmark.
PROGRAM := target/slipway
GENERATED := style/_tokens.scss style/assets/icons.svg
CRATES := app environment frontend host_api migrations model pipelines server solution web_api
SOURCES := Cargo.toml Cargo.lock package-lock.json $(shell find $(CRATES) style -not -path '*/tests*' -not -path '*/benches*' 2>/dev/null)
ENVIRONMENT := source scripts/environment.sh

.PHONY: help
help: ## Lists these targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: set-up $(PROGRAM) ## Builds the release and serves it on 127.0.0.1:3000, with a demo at the first start
	@SLIPWAY_DEMO=$${SLIPWAY_DEMO:-true} exec $(PROGRAM)

.PHONY: test
test: ## Runs every check and every test: format, lint, unit tests on both databases, browser tests
	@scripts/test

.PHONY: build
build: set-up $(PROGRAM) ## Builds the release: target/slipway, one file that holds the site

.PHONY: dev
dev: set-up $(GENERATED) ## Builds, serves, and builds again at every change
	@$(ENVIRONMENT); SLIPWAY_DEMO=$${SLIPWAY_DEMO:-true} exec cargo leptos watch

.PHONY: format
format: ## Formats the Rust sources
	@$(ENVIRONMENT); cargo fmt --all

.PHONY: lint
lint: set-up ## Checks format, clippy (warnings are errors) and the types of the browser tests
	@scripts/lint

.PHONY: unit
unit: set-up-tests ## Runs the unit and integration tests on SQLite and on a PostgreSQL of their own
	@scripts/unit-tests

.PHONY: end2end
end2end: set-up-tests $(PROGRAM) ## Runs the browser tests against the release
	@scripts/browser-tests

.PHONY: pictures
pictures: set-up-tests $(PROGRAM) ## Makes the README's picture anew
	@SLIPWAY_PICTURES=1 scripts/browser-tests --project=pictures

.PHONY: bench
bench: set-up-tests $(PROGRAM) ## Measures against the budgets of the design
	@scripts/bench

.PHONY: crash
crash: set-up ## Kills servers thirty times while they deploy a hundred times, on both databases
	@$(ENVIRONMENT); export SLIPWAY_CRASH_RUNS=$${SLIPWAY_CRASH_RUNS:-100} SLIPWAY_CRASH_KILLS=$${SLIPWAY_CRASH_KILLS:-30}; \
	scripts/test-postgres cargo nextest run -p slipway-server --test crash --no-capture

.PHONY: fuzz
fuzz: ## Looks for inputs that break a reader, a minute for each (FUZZ_SECONDS=60)
	@scripts/set-up fuzz
	@scripts/fuzz

.PHONY: policy
policy: ## Checks licences and sources of all dependencies
	@scripts/set-up build policy
	@$(ENVIRONMENT); cargo deny --all-features check licenses bans sources

.PHONY: set-up
set-up:
	@scripts/set-up build

.PHONY: set-up-tests
set-up-tests:
	@scripts/set-up build test

style/_tokens.scss: style/tokens.mjs package-lock.json
	@node style/tokens.mjs

style/assets/icons.svg: style/icons.mjs app/src/components/icon.rs package-lock.json
	@node style/icons.mjs

$(PROGRAM): $(GENERATED) $(SOURCES)
	@scripts/build
